/**
 * Half of the seeds that every scenario must hold for; a file for each half lets two processes share them. `check`
 * runs some, for each scenario in one of the halves, on our model of the contracts and with stand-in signatures, for
 * the order of messages is what a seed changes; scenarios/all.test.ts has real ones on every tier.
 */
import { describe } from "bun:test";
import type { Scenario } from "../sim/scenario.ts";
import { chainOfFile } from "./chain-of-file.ts";
import { integration } from "./kind.ts";
import { expectToHold, readStories } from "./stories.ts";

/** Seeds of random latency for which every scenario must hold. */
const SEEDS = 1_000;

/** Messages of one scenario in one half. Long stories are told for fewer seeds, so that `check` stays short. */
const MESSAGES_MAX = 100;

/** `bun run seeds` tells every story for all seeds, with the contracts and real signatures: some 20 minutes. */
const isAll = process.env["CHANNELS_EVERY_SEED"] === "1";

/** Longest that one scenario may take for its seeds, in milliseconds. */
const TIME_MAX_MS = 3_600_000;

/** Declares the tests of one half. */
export async function declareManySeeds(half: "first" | "second"): Promise<void> {
  const chain = chainOfFile(isAll ? "evm" : "model");
  const turn = half === "first" ? 0 : 1;
  const stories = (await readStories())
    .filter((scenario) => isAll || isDrawn(scenario))
    .filter((_, index) => isAll || index % 2 === turn);
  const from = half === "first" ? 1 : SEEDS / 2 + 1;
  describe(isAll ? "the in-process chain" : "the model of the chain", () => {
    for (const scenario of stories) {
      integration(
        `${scenario.name} holds for many seeds from ${from} on`,
        async () => {
          const stepsMax = isAll ? Number.POSITIVE_INFINITY : MESSAGES_MAX;
          const range = { first: from, countMax: SEEDS / 2, stepsMax };
          const signatures = isAll ? "real" : "fast";
          await expectToHold(scenario, range, { chain: chain(), signatures });
        },
        TIME_MAX_MS,
      );
    }
  });
}

/** False where every frame takes the same time: then all seeds give the same messages in the same order. */
function isDrawn({
  network: { latencyMs: [least, most] = [0, 1], slowFraction },
}: Scenario): boolean {
  return least !== most || slowFraction !== 0;
}
