/** How figures are judged and shown. */
import { describe, expect } from "bun:test";
import { unit } from "../test/kind.ts";
import type { Figure } from "./benchmark.ts";
import { allHold, type BenchRun, judge, resultsDocument, terminalLines } from "./report.ts";

const append: Figure = { what: "append", value: 1.5, unit: "us/event" };

function verdictOf(part: Partial<Figure>): string {
  return judge({ ...append, ...part }).verdict;
}

describe("judge", () => {
  unit("holds the ratio against floor and goal, where there is one", () => {
    expect(verdictOf({ ratio: 0.5, floor: 0.6 })).toBe("missed");
    expect(verdictOf({ ratio: 0.6, floor: 0.6 })).toBe("floor");
    expect(verdictOf({ ratio: 0.7, floor: 0.6, goal: 0.8 })).toBe("floor");
    expect(verdictOf({ ratio: 0.8, floor: 0.6, goal: 0.8 })).toBe("goal");
  });

  unit("holds the value against them otherwise", () => {
    expect(verdictOf({ better: "lower", floor: 1000, goal: 2 })).toBe("goal");
    expect(verdictOf({ better: "lower", floor: 1 })).toBe("missed");
    expect(verdictOf({ floor: 2 })).toBe("missed");
  });

  unit("fails nothing for a goal alone, and asks nothing of a figure without either", () => {
    expect(verdictOf({ goal: 2 })).toBe("short");
    expect(verdictOf({})).toBe("measured");
  });

  unit("lets a number that is not finite hold nothing", () => {
    expect(verdictOf({ ratio: Number.NaN, floor: 0 })).toBe("missed");
    expect(verdictOf({ ratio: Number.POSITIVE_INFINITY, goal: 1 })).toBe("short");
  });
});

const RUN: BenchRun = {
  machine: {
    processor: "A processor",
    cores: 2,
    memoryGiB: 8,
    system: "Linux",
    bun: "1.4.5",
    commit: "abc",
  },
  benchmarks: [
    {
      name: "append",
      question: "How fast is an append?",
      figures: [
        judge({ ...append, yardstick: "a map", ratio: 0.51234, floor: 0.6, goal: 0.9 }),
        judge({ what: "events", value: 1_234_567.8, unit: "events/s", better: "lower" }),
      ],
    },
    { name: "broken", question: "", figures: [], error: "no disk" },
  ],
};

describe("allHold", () => {
  unit("is false for a missed floor, and for a benchmark that could not measure", () => {
    const [missed, broken] = RUN.benchmarks;
    const held = { name: "held", question: "", figures: [judge({ ...append, goal: 9 })] };
    const of = (...benchmarks: BenchRun["benchmarks"]): boolean => allHold({ ...RUN, benchmarks });

    expect(of(held)).toBe(true);
    expect(missed && of(held, missed)).toBe(false);
    expect(broken && of(held, broken)).toBe(false);
  });
});

describe("terminalLines and resultsDocument", () => {
  unit("show value, unit, ratio, floor, goal and verdict", () => {
    const shown = RUN.benchmarks.flatMap(terminalLines).join("\n");

    expect(shown).toContain("How fast is an append?");
    expect(shown).toMatch(/append +1\.5 +us\/event +a map +0\.512 +>= 0\.6 +>= 0\.9 +BELOW FLOOR/);
    expect(shown).toMatch(/events +1,234,568 +events\/s +measured/);
    expect(shown).toContain("could not measure: no disk");
  });

  unit("name the machine and the commit", () => {
    const text = resultsDocument(RUN);

    expect(text).toContain("A processor, 2 cores, 8 GiB, Linux, Bun 1.4.5. Commit: abc.");
    expect(text).toContain(
      "| append | 1.5 | us/event | a map | 0.512 | >= 0.6 | >= 0.9 | BELOW FLOOR |",
    );
  });
});
