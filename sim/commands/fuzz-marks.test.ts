/** Files of expected marks are read and written, or refused in words. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { unit } from "../../test/kind.ts";
import { COUNTED_MARKS } from "../campaign/counted-marks.ts";
import type { SeenMarks } from "../campaign/dark-marks.ts";
import { darkIn, readMarksFile, writeMarksFile } from "./fuzz-marks.ts";
import { EXIT } from "./shell.ts";

const SEEN: SeenMarks = {
  seeds: 100,
  seedsByMark: new Map(COUNTED_MARKS.slice(0, 2).map((name) => [name, 60])),
};

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "channels-marks-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function exitCodeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof CommanderError ? error.exitCode : error;
  }
}

describe("a file of expected marks", () => {
  unit("is read as it was written, and shows what went dark", () => {
    inFolder((folder) => {
      const path = join(folder, "below", "marks.json");
      writeMarksFile(path, SEEN);
      const expected = readMarksFile(path);

      expect(expected).toEqual(SEEN);
      expect(darkIn(expected, SEEN)).toEqual([]);
      expect(darkIn(expected, { seeds: 100, seedsByMark: new Map() })).toHaveLength(2);
    });
  });

  unit("may be none: then nothing is written, and nothing goes dark", () => {
    writeMarksFile(undefined, SEEN);

    expect(readMarksFile(undefined)).toBeUndefined();
    expect(darkIn(undefined, { seeds: 100, seedsByMark: new Map() })).toEqual([]);
  });

  unit("is the one of this program where none is named", () => {
    expect(readMarksFile(true)?.seedsByMark.size).toBeGreaterThan(0);
  });

  unit("that is not there or holds something else is wrong usage", () => {
    inFolder((folder) => {
      const path = join(folder, "marks.json");
      expect(exitCodeOf(() => readMarksFile(path))).toBe(EXIT.wrongUsage);
      writeFileSync(path, "{}");
      expect(exitCodeOf(() => readMarksFile(path))).toBe(EXIT.wrongUsage);
    });
  });

  unit("that cannot be written is a failure from outside", () => {
    inFolder((folder) => {
      expect(exitCodeOf(() => writeMarksFile(folder, SEEN))).toBe(EXIT.outsideFailed);
    });
  });
});
