/** Half of the seeds that every scenario must hold for; a file for each half lets two processes share them. */
import { describe } from "bun:test";
import { chainOfFile } from "./chain-of-file.ts";
import { integration } from "./kind.ts";
import { expectToHold, readStories } from "./stories.ts";

/** Seeds of random latency for which every scenario must hold. */
const SEEDS = 1_000;

/** Longest that one scenario may take for its seeds, in milliseconds. */
const TIME_MAX_MS = 240_000;

/** Declares the tests of one half. */
export async function declareManySeeds(half: "first" | "second"): Promise<void> {
  const evm = chainOfFile("evm");
  const stories = await readStories();
  const [from, to] = half === "first" ? [1, SEEDS / 2] : [SEEDS / 2 + 1, SEEDS];
  describe("the in-process chain", () => {
    for (const scenario of stories) {
      integration(
        `${scenario.name} holds for the seeds ${from} to ${to}`,
        () => expectToHold(scenario, [from, to], { chain: evm() }),
        TIME_MAX_MS,
      );
    }
  });
}
