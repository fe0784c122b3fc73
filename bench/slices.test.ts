/** Measuring in turns: who is measured when, and how the numbers are put together. */
import { describe, expect } from "bun:test";
import { unit } from "../test/kind.ts";
import { quantile, speedAgainst, takeTurns } from "./slices.ts";

describe("takeTurns", () => {
  unit("lets all take a slice in each round, and does not count the first round", async () => {
    const turns: string[] = [];
    const contender = (name: string) => async (round: number) => turns.push(`${name}${round}`);

    const slices = await takeTurns({ one: contender("a"), other: contender("b") }, 2);

    expect(turns).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
    expect([slices.one.length, slices.other.length]).toEqual([2, 2]);
  });
});

describe("speedAgainst", () => {
  unit("is the ratio of the round in the middle, which one bad moment does not move", () => {
    expect(speedAgainst([1, 1, 100], [2, 3, 2])).toBe(2);
  });
});

describe("quantile", () => {
  unit("is the value that the part of all values lies below", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect([0, 0.5, 0.99, 1].map((part) => quantile(values, part))).toEqual([1, 51, 100, 100]);
  });
});
