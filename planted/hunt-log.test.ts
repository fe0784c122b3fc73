/** Hunts that are kept in a file. */
import { describe, expect } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { adversarial, unit } from "../test/kind.ts";
import { withFolder } from "../test/ports-temporary-folder.ts";
import { HuntLog } from "./hunt-log.ts";

const HUNT = { start: 2, coreSec: 5, runs: 50, discounted: 0, where: 7, violations: [] };

describe("a log of hunts", () => {
  unit("is read again, and only what it lacks is left", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "hunts.jsonl");
      new HuntLog(path).add({ ...HUNT, bug: "01-one" });
      const again = new HuntLog(path);

      expect(again.of("01-one")).toMatchObject([HUNT]);
      expect(again.startsLeft("01-one", 3)).toEqual([1, 3]);
      expect(again.startsLeft("02-two", 2)).toEqual([1, 2]);
    });
  });

  adversarial("leaves out a line that was not written to its end, and refuses others", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "hunts.jsonl");
      new HuntLog(path).add({ ...HUNT, bug: "01-one" });
      appendFileSync(path, `{"bug":"01-o`);
      const cut = new HuntLog(path);
      expect(cut.startsLeft("01-one", 2)).toEqual([1]);

      cut.add({ ...HUNT, start: 1, bug: "01-one" });
      expect(new HuntLog(path).startsLeft("01-one", 2)).toEqual([]);

      appendFileSync(path, "{}\n");
      expect(() => new HuntLog(path)).toThrow(`${path}, line 3 is no hunt`);
    });
  });
});
