/** What is told of hunts for planted bugs. */
import { describe, expect } from "bun:test";
import { unit } from "../test/kind.ts";
import type { PlantedBug } from "./bug.ts";
import { type Found, summaryOf, tableOf } from "./found.ts";
import type { Hunted } from "./hunt.ts";

const BUG: PlantedBug = {
  name: "07-late",
  sentence: "It answers too late.",
  after: "a story",
  row: "S1",
  needs: "Both",
  isOnChain: true,
  oracles: ["solvency"],
  aim: {},
};

const hunted = (coreSec: number, oracle?: string): Hunted => ({
  start: 1,
  coreSec,
  runs: 10 * coreSec,
  discounted: 0,
  where: oracle === undefined ? undefined : 1,
  violations: oracle === undefined ? [] : [{ oracle, message: "less" }],
});

const found = (...hunts: readonly Hunted[]): Found => ({ bug: BUG, hunts });

describe("hunts", () => {
  unit("are told by the middle one, the longest one, and the oracles that saw it first", () => {
    const line = summaryOf(
      found(hunted(3, "solvency"), hunted(1, "solvency"), hunted(2, "crash"), hunted(9)),
    );
    expect(line).toContain("3 of 4");
    expect(line).toContain("median 2.0 s  worst 3.0 s  20 runs  solvency 2, crash 1");
  });

  unit("count as found where each of them has found it, and as soon by the middle one", () => {
    const soon = found(hunted(239, "solvency"));
    const late = found(hunted(241, "solvency"));
    const half = found(hunted(1, "solvency"), hunted(1));
    expect(tableOf([soon, late, half, found()])).toContain(
      "Of 4 bugs 2 are found from every seed, 1 as a rule within 4 core-minutes.",
    );
  });

  unit("are rows of a table", () => {
    expect(tableOf([found(hunted(4, "solvency"))])).toContain(
      "| 07-late | S1 | Both | 1 of 1 | 4.0 s | 4.0 s | 40 | solvency 1 |",
    );
  });
});
