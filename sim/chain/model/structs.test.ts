/** Hashes of what is shown to the contracts, asked for again and again. */
import { describe, expect } from "bun:test";
import type { Hex } from "../../../src/primitives/hex.ts";
import { unit } from "../../../test/kind.ts";
import {
  channelIdOf,
  type FixedPart,
  hashOutcome,
  hashState,
  type VariablePart,
} from "./structs.ts";

const FIXED_PART: FixedPart = {
  participants: [`0x${"a1".repeat(20)}`],
  channelNonce: 1n,
  appDefinition: `0x${"ac".repeat(20)}`,
  challengeDuration: 600n,
};
const STATE: VariablePart = { outcome: [], appData: "0x01", turnNum: 2n, isFinal: false };
const CHANNELS: readonly Hex[] = [`0x${"c1".repeat(32)}`, `0x${"c2".repeat(32)}`];

describe("hashes of the model", () => {
  unit("are the same for a copy, and from memory", () => {
    for (const _ of ["anew", "from memory"]) {
      expect(channelIdOf(FIXED_PART)).toBe(channelIdOf({ ...FIXED_PART }));
      expect(hashOutcome(STATE.outcome)).toBe(hashOutcome([...STATE.outcome]));
      for (const channelId of CHANNELS) {
        expect(hashState(channelId, STATE)).toBe(hashState(channelId, { ...STATE }));
      }
    }
  });

  unit("are others for another channel and another state", () => {
    const [one = "0x", other = "0x"] = CHANNELS;

    expect(hashState(one, STATE)).not.toBe(hashState(other, STATE));
    expect(hashState(one, STATE)).not.toBe(hashState(one, { ...STATE, turnNum: 3n }));
    expect(channelIdOf({ ...FIXED_PART, channelNonce: 2n })).not.toBe(channelIdOf(FIXED_PART));
  });
});
