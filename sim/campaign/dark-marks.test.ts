/** A mark that went dark is told from one that was rare. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { invariant, unit } from "../../test/kind.ts";
import { COUNTED_MARKS } from "./counted-marks.ts";
import {
  darkMarks,
  EXPECTED_SEEDS_MIN,
  expectedMarksText,
  expectedOf,
  readExpectedMarks,
  type SeenMarks,
} from "./dark-marks.ts";

const [often = "update/overtaken", seldom = "update/overtaken", rare = "update/overtaken"] =
  COUNTED_MARKS;

const BEFORE: SeenMarks = {
  seeds: 1_000,
  seedsByMark: new Map([
    [often, 600],
    [seldom, EXPECTED_SEEDS_MIN],
    [rare, EXPECTED_SEEDS_MIN - 1],
  ]),
};

const NOTHING: SeenMarks = { seeds: 1_000, seedsByMark: new Map() };

describe("a mark", () => {
  unit("went dark when seeds enough should have met it, and none has", () => {
    expect(darkMarks(BEFORE, NOTHING)).toEqual([
      { name: often, expectedSeeds: 600 },
      { name: seldom, expectedSeeds: EXPECTED_SEEDS_MIN },
    ]);
    expect(darkMarks(BEFORE, { ...NOTHING, seedsByMark: new Map([[often, 1]]) })).toEqual([
      { name: seldom, expectedSeeds: EXPECTED_SEEDS_MIN },
    ]);
    expect(darkMarks(BEFORE, BEFORE)).toEqual([]);
  });

  unit("is expected of a campaign that is long enough for it", () => {
    const namesOf = (seeds: number): readonly string[] =>
      expectedOf(BEFORE, seeds).map(({ name }) => name);

    expect(namesOf(49)).toEqual([]);
    expect(namesOf(50)).toEqual([often]);
    expect(namesOf(1_000)).toEqual([often, seldom]);
    expect(namesOf(2_000)).toEqual([often, seldom, rare]);
  });
});

describe("the file of expected marks", () => {
  unit("holds what was met often enough, and gives it back", () => {
    const read = readExpectedMarks(expectedMarksText(BEFORE));

    const seedsByMark = new Map([...BEFORE.seedsByMark].filter(([name]) => name !== rare));
    expect(read).toEqual({ ok: true, value: { seeds: 1_000, seedsByMark } });
  });

  unit("is refused where it holds something else", () => {
    const reasonOf = (text: string): string => {
      const read = readExpectedMarks(text);
      return read.ok ? "read" : read.reason;
    };

    for (const text of ["", "[]", "null", "{}", '{"seeds":0,"seedsByMark":{}}', '{"seeds":3}']) {
      expect(reasonOf(text)).toContain("holds no expected marks");
    }
    expect(reasonOf('{"seeds":3,"seedsByMark":{"gone":2}}')).toContain("the mark gone");
    for (const count of ["4", "0", "-1", '"2"']) {
      const text = `{"seeds":3,"seedsByMark":{"${often}":${count}}}`;
      expect(reasonOf(text)).toContain(`no count of seeds for the mark ${often}`);
    }
  });

  invariant("of this repository can be read, and expects marks of a run of its own size", () => {
    const text = readFileSync(join(import.meta.dir, "expected-marks.json"), "utf8");
    const read = readExpectedMarks(text);

    expect(read.ok && expectedOf(read.value, read.value.seeds).length).toBeGreaterThan(20);
  });
});
