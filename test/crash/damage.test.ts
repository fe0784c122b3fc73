/**
 * Bytes of all files of a log are changed, and the log never lies: it gives all its records, or it is known
 * that some may be missing, or it is not opened. A sample of the bytes; for every one, in some minutes:
 * `CHANNELS_DAMAGE=all bun test test/crash/damage.test.ts`.
 */
import { describe, expect } from "bun:test";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crash } from "../kind.ts";
import { withFolder } from "../ports-temporary-folder.ts";
import type { DamageTask } from "./damage-child.ts";
import { type Flip, flipsOf, makeLog, type Outcome } from "./damage-run.ts";

const CHILD = join(import.meta.dir, "damage-child.ts");
const isAll = process.env["CHANNELS_DAMAGE"] === "all";

/** Of a sample, one byte in so many is tried. */
const STEP = 37;

/** The same, of files that say nothing about records, and where a file is mostly zeros. */
const LONG_STEP = 401;

/** RocksDB's own diary of its options, and its name. */
const BESIDE_RECORDS = /OPTIONS|IDENTITY/;

/** Bytes at the start of a slot of the head file that a value fills. */
const HEAD_USED_BYTES = 120;

/** Children at the same time. */
const AT_ONCE = 2;

/** An hour for all, twenty times what the sample takes: others may keep the machine busy. */
const TIMEOUT_MS = isAll ? 3_600_000 : 240_000;

const isTried = ({ at, path }: Flip, index: number): boolean => {
  const isEmpty = path === "head" && at % 4_096 >= HEAD_USED_BYTES;
  const step = isEmpty || BESIDE_RECORDS.test(path) ? LONG_STEP : STEP;
  return isAll || index % step === 0;
};

/** What came of each flip. Where the child died of one, the next child goes on behind it. */
async function outcomesOf(
  directory: string,
  task: DamageTask,
): Promise<readonly (readonly [Flip, Outcome])[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < task.flips.length) {
    const path = `${directory}.json`;
    writeFileSync(path, JSON.stringify({ ...task, flips: task.flips.slice(outcomes.length) }));
    const child = Bun.spawn([process.execPath, CHILD, directory, path], { stderr: "ignore" });
    const lines = (await child.stdout.text()).split("\n").slice(0, -1);
    outcomes.push(...lines.map((line) => JSON.parse(line) as Outcome));
    await child.exited;
    if (outcomes.length < task.flips.length) outcomes.push({ type: "Refused", code: "Aborted" });
  }
  return task.flips.map((flip, index) => [flip, outcomes[index] ?? NOTHING]);
}

const NOTHING: Outcome = { type: "Fault", why: "nothing is known" };

describe("a changed byte in the files of a log", () => {
  crash(
    "never gives other records, and fewer only where that is said",
    () =>
      withFolder(async (folder) => {
        const first = join(folder, "0");
        const hashes = await makeLog(first);
        const flips = flipsOf(first).filter(isTried);
        const parts = Array.from({ length: AT_ONCE }, (_, part) => {
          const directory = join(folder, `${part}`);
          if (part > 0) cpSync(first, directory, { recursive: true });
          const own = flips.filter((_flip, index) => index % AT_ONCE === part);
          return outcomesOf(directory, { hashes, flips: own });
        });

        const outcomes = (await Promise.all(parts)).flat();
        expect(outcomes.filter(([, { type }]) => type === "Fault")).toEqual([]);
        const files = (type: Outcome["type"]): readonly string[] => [
          ...new Set(outcomes.filter(([, found]) => found.type === type).map(([{ path }]) => path)),
        ];
        expect(files("Refused")).toContain("journal");
        expect(files("Refused")).toContain("format");
        expect(files("Refused").filter((path) => path.endsWith(".sst"))).toHaveLength(1);
        expect(files("ShorterAndKnown").filter((path) => path.endsWith(".log"))).toHaveLength(1);
        expect(files("Whole")).toContain("head");
      }),
    TIMEOUT_MS,
  );
});
