/** Sums over an outcome, where the vectors of go-nitro say nothing. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Destination } from "./destination.ts";
import { AMOUNT_MAX, depositSafetyThreshold, type Outcome, totalPerAsset } from "./outcome.ts";

const destinationOfNumber = (number: number): Destination =>
  `0x${number.toString(16).padStart(64, "0")}` as Destination;

const outcomeOf = (...claims: readonly (readonly [to: number, amount: bigint])[]): Outcome => [
  {
    asset: ZERO_ADDRESS,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: claims.map(([to, amount]) => ({
      destination: destinationOfNumber(to),
      amount,
      allocationType: 0,
      metadata: "0x",
    })),
  },
];

const outcome = outcomeOf([1, 5n], [2, 7n], [1, 11n], [3, 13n]);

describe("depositSafetyThreshold", () => {
  unit("is what stands before the first claim of somebody", () => {
    const thresholds = [1, 2, 3].map((number) =>
      depositSafetyThreshold(outcome, destinationOfNumber(number)).get(ZERO_ADDRESS),
    );

    expect(thresholds).toEqual([0n, 5n, 23n]);
  });

  unit("is everything for somebody without a claim", () => {
    expect(depositSafetyThreshold(outcome, destinationOfNumber(4))).toEqual(totalPerAsset(outcome));
  });
});

describe("totalPerAsset", () => {
  unit("is exact above what a contract can hold, and zero where nothing is claimed", () => {
    expect(totalPerAsset(outcomeOf([1, AMOUNT_MAX], [2, AMOUNT_MAX])).get(ZERO_ADDRESS)).toBe(
      2n * AMOUNT_MAX,
    );
    expect(totalPerAsset(outcomeOf()).get(ZERO_ADDRESS)).toBe(0n);
    expect(totalPerAsset([]).size).toBe(0);
  });
});
