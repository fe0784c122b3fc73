/** The embedded database of a node lives in its folder, and is thrown away when it does not start any more. */
import { describe, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { patientCrash } from "../../../test/kind.ts";
import { withFolder } from "../../../test/ports-temporary-folder.ts";
import { openNodeDatabase } from "./node-database.ts";

/** Setting up a database takes seconds, and happens twice. */
const TIMEOUT_MS = 120_000;

describe("openNodeDatabase", () => {
  patientCrash(
    "keeps what was written, lets nobody else in, and begins anew where it was damaged",
    async () => {
      await withFolder(async (parent) => {
        const folder = join(parent, "tables");
        const first = await openNodeDatabase(undefined, folder);
        await first.transaction([{ text: "create table kept (at int)" }]);
        const other = openNodeDatabase(undefined, folder);
        await expect(other).rejects.toMatchObject({ code: "LogInUse" });
        await first.close();

        const second = await openNodeDatabase(undefined, folder);
        const [kept] = await second.transaction([{ text: "select count(*) from kept" }]);
        expect(kept?.rows).toEqual([[0n]]);
        await second.close();

        writeFileSync(join(folder, "database", "global", "pg_control"), "damaged");
        const third = await openNodeDatabase(undefined, folder);
        const [found] = await third.transaction([{ text: "select to_regclass('kept') is null" }]);
        expect(found?.rows).toEqual([[true]]);
        await third.close();
      });
    },
    TIMEOUT_MS,
  );
});
