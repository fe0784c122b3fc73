/** The profiles of chains, and what they promise. */
import { describe, expect } from "bun:test";
import { golden, unit } from "../../test/kind.ts";
import {
  type ChainProfile,
  challengeDurationMinSec,
  confirmationSec,
  ETHEREUM,
  LOCAL,
  OP_STACK,
} from "./chain-profile.ts";

describe("challengeDurationMinSec", () => {
  golden("is long enough for a visit, an answer, and the confirmation of each of the two", () => {
    expect([ETHEREUM, OP_STACK, LOCAL].map(challengeDurationMinSec)).toEqual([
      3_600 + 1_800 + 2 * 96,
      3_600 + 43_200 + 2 * 900,
      120 + 120 + 2 * 24,
    ]);
  });

  unit("grows with each of its parts", () => {
    const changes: readonly (readonly [Partial<ChainProfile>, growth: number])[] = [
      [{ visitGapSec: ETHEREUM.visitGapSec + 1 }, 1],
      [{ inclusionBoundSec: ETHEREUM.inclusionBoundSec + 1 }, 1],
      [{ confirmation: { type: "Tag", tag: "safe", lagSec: confirmationSec(ETHEREUM) + 1 } }, 2],
    ];

    for (const [change, growth] of changes) {
      const least = challengeDurationMinSec({ ...ETHEREUM, ...change });
      expect(least).toBe(challengeDurationMinSec(ETHEREUM) + growth);
    }
  });
});
