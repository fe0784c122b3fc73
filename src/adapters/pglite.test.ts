/** The embedded database does what every database behind the door does, and survives the end of its process. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbedded } from "../../test/embedded-database.ts";
import { crash } from "../../test/kind.ts";
import { failureOf, prepareSql, testSql } from "../../test/ports-sql.ts";
import type { Sql } from "../ports/sql.ts";
import { assertDefined } from "../primitives/assert.ts";
import { openPglite } from "./pglite.ts";

const EMBEDDED: string = join(import.meta.dir, "..", "..", "test", "embedded-database.ts");

const ENDLESS = "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b";

const folder = mkdtempSync(join(tmpdir(), "channels-pglite-"));
let sql: Sql | undefined;

beforeAll(async () => {
  sql = await openEmbedded({ folder });
  await prepareSql(sql);
}, 60_000);

afterAll(async () => {
  await sql?.close();
  rmSync(folder, { recursive: true, force: true });
});

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

const database = (): Sql => assertDefined(sql, "the database of these tests");

describe("pglite", () => {
  testSql(database);

  crash(
    "a folder that is open is refused to a second one, with the process that holds it",
    async () => {
      expect(await failureOf(openPglite({ folder }))).toBe("LogInUse");
    },
  );

  crash("what was committed is there after its process was killed", async () => {
    await database().transaction([{ text: "insert into port.seen values (7)" }]);
    await sql?.close();
    sql = await openPglite({ folder });

    const [answer] = await sql.transaction([{ text: "select count(*) from port.seen" }]);

    expect(answer?.rows).toEqual([[3n]]);
  });

  crash("its process ends with the one that started it, whatever it does just then", async () => {
    const busy = join(folder, "busy");
    // A node in a process of its own, which asks something endless and says when.
    const program = `
      const { openEmbedded } = await import(${JSON.stringify(EMBEDDED)});
      const sql = await openEmbedded({ folder: ${JSON.stringify(busy)} });
      void sql.transaction([{ text: "${ENDLESS}" }]);
      console.log("busy");
    `;
    const node = Bun.spawn([process.execPath, "-e", program], {
      stdout: "pipe",
      stderr: "inherit",
    });
    await node.stdout.getReader().read();
    const processId = Number(readFileSync(join(busy, "lock"), "utf8"));
    expect(isRunning(processId)).toBe(true);

    node.kill("SIGKILL");

    await node.exited;
    while (isRunning(processId)) await Bun.sleep(50);
    expect(isRunning(processId)).toBe(false);
  });
});
