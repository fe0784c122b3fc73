/** What of a seed is played again on the reference chain. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { integration, unit } from "../../test/kind.ts";
import { isShortEnough, playSeed } from "./play-seed.ts";

const chain = chainOfFile("model");

const SETTINGS = { chain: "model", signatures: "fast", repeatFraction: 1, wishesMax: 1 } as const;

describe("a seed that is drawn to be played again", () => {
  integration("is played on the reference chain, and compared", async () => {
    let asked = 0;
    const reference = async () => {
      asked += 1;
      return chain();
    };
    const { repeat } = await playSeed(7, SETTINGS, { chain: chain(), reference });
    expect([asked, repeat]).toEqual([1, { seed: 7, difference: undefined }]);
  });

  unit("is left at that where it waited for a challenge of a day", () => {
    expect(isShortEnough({ virtualMs: 3_600_000 })).toBe(true);
    expect(isShortEnough({ virtualMs: 86_400_000 })).toBe(false);
  });
});
