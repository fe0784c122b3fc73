/** Half of the seeds that every scenario must hold for; a file for each half lets two processes share them. */
import { describe } from "bun:test";
import { chainOfFile } from "./chain-of-file.ts";
import { integration } from "./kind.ts";
import { expectToHold, readStories, seedsWithin } from "./stories.ts";

/** Seeds of random latency for which every scenario must hold. */
const SEEDS = 1_000;

/** Messages of one scenario in one half. Long stories are told for fewer seeds, so that `check` stays short. */
const MESSAGES_MAX = 150;

/** Set to 1, every story is told for all seeds: `bun run seeds`, some 20 minutes. */
const ALL_FLAG = "CHANNELS_EVERY_SEED";

/** Longest that one scenario may take for its seeds, in milliseconds. */
const TIME_MAX_MS = 3_600_000;

/** Declares the tests of one half. */
export async function declareManySeeds(half: "first" | "second"): Promise<void> {
  const evm = chainOfFile("evm");
  const stories = await readStories();
  const from = half === "first" ? 1 : SEEDS / 2 + 1;
  describe("the in-process chain", () => {
    for (const scenario of stories) {
      integration(
        `${scenario.name} holds for many seeds from ${from} on`,
        async () => {
          const isAll = process.env[ALL_FLAG] === "1";
          const messagesMax = isAll ? Number.POSITIVE_INFINITY : MESSAGES_MAX;
          const count = await seedsWithin(scenario, { chain: evm() }, [SEEDS / 2, messagesMax]);
          await expectToHold(scenario, [from, from + count - 1], { chain: evm() });
        },
        TIME_MAX_MS,
      );
    }
  });
}
