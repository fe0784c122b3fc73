/** Conversations are cut, and nobody loses: a sample of what the command enumerates. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { crash } from "../../test/kind.ts";
import { exhaust } from "./exhaustion.ts";

/** One cut of each kind, which takes a quarter of a second; the command plays all. */
const SAMPLED: readonly string[] = [
  "direct fund of two/bob to alice/frame 5/Data/for ever",
  "direct fund of two/alice to bob/frame 3/Data/until later",
  "update and direct defund/alice to bob/frame 1/Data/peer gone",
];

/** Cuts that once went wrong. */
const FOUND: readonly string[] = [
  // Closing waited for ever for signatures in a channel that no ledger funded any more.
  "virtual channel closed before everybody knows that it is open/bob to irene/frame 2/Acknowledged/for ever",
  // A signature on the opening came when all had signed the final state, and was noted all the same.
  "virtual channel over two hubs/bob to ivan/frame 3/Data/until later",
];

const chain = chainOfFile("model");

describe("a conversation that is cut", () => {
  for (const name of [...SAMPLED, ...FOUND]) {
    crash(`costs nobody anything at ${name}`, async () => {
      const [row] = await exhaust(chain(), { mode: "cuts", only: name });
      expect(row?.failures).toEqual([]);
      expect(row?.tried).toBe(1);
    });
  }
});
