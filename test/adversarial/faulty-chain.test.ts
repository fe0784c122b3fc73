/** The chain, and the endpoints that tell of it, misbehave: every channel opens and ends with the right money. */
import { describe, expect } from "bun:test";
import type { ChainSetup, RpcConditions } from "../../sim/chain-conditions.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { defineScenario, type Scenario } from "../../sim/scenario.ts";
import { LOCAL } from "../../src/chain/chain-profile.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, crash } from "../kind.ts";
import { expectHeld } from "../stories.ts";

const evm = chainOfFile("evm");

/** Seeds in `check`; all of them with `CHANNELS_EVERY_SEED`. */
const SEEDS = process.env["CHANNELS_EVERY_SEED"] === undefined ? 2 : 200;
const TIME_MAX_MS = 60_000 * SEEDS;
const TOKENS = 1_000n * 10n ** 18n;

function storyOn(name: string, chain: ChainSetup): Scenario {
  return defineScenario({
    name,
    summary: "Alice and Bob open a channel with coins and tokens, pay, and close it",
    cast: ["alice", "bob"],
    challengeDurationSec: 86_400,
    chain,
    script: async ({ alice, bob, eth, token }) => {
      const channel = await alice.openChannel(
        [bob],
        [
          { asset: eth, amounts: [5n, 3n] },
          { asset: token, amounts: [100n, 100n] },
        ],
      );
      await alice.pay(channel, bob, token, 30n);
      await bob.closeChannel(channel);
    },
  });
}

async function expectToComplete(name: string, chain: ChainSetup): Promise<void> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const scenario = storyOn(name, chain);
    const result = await runScenario(scenario, { seed, chain: evm(), signatures: "fast" });
    expectHeld(result);
    const ends = result.objectives.map(({ status }) => status);
    expect([seed, ...new Set(ends)]).toEqual([seed, "Completed"]);
    const paid = result.balances.map(({ after }) => after["TOK"]);
    expect([seed, ...paid]).toEqual([seed, TOKENS - 30n, TOKENS + 30n]);
  }
}

/** The same endpoints for both. */
const both = (...rpcs: readonly Partial<RpcConditions>[]): Pick<ChainSetup, "rpcs"> => ({
  rpcs: { alice: rpcs, bob: rpcs },
});

/** Sent again sooner than elsewhere, so that the stories are short. */
const EAGER = { ...LOCAL, fees: { ...LOCAL.fees, patientBumpBlocks: 4 } };

/** As deep as nodes wait for, and no deeper. */
const SHALLOW: ChainSetup = {
  profile: EAGER,
  reorgFraction: 0.15,
  reorgDepth: [1, 2],
  fates: { droppedFraction: 0.3, delayedFraction: 0.2, reorderedFraction: 0.2 },
};

/** Deeper than what nodes believe: deposits that were told vanish, and come back or do not. */
const DEEP: ChainSetup = { ...SHALLOW, reorgFraction: 0.1, reorgDepth: [1, 6] };

describe("a channel", () => {
  const cases: readonly (readonly [string, ChainSetup])[] = [
    ["whose answers get lost", both({ lostAnswerFraction: 0.3, errorFraction: 0.1 })],
    [
      "whose endpoints are out for minutes",
      both({
        outages: [
          { fromSec: 20, forSec: 200 },
          { fromSec: 300, forSec: 100 },
        ],
      }),
    ],
    [
      "whose logs come late, twice and in disorder",
      both({
        lateLogFraction: 0.5,
        lateLogBlocks: [1, 3],
        duplicateLogFraction: 0.5,
        reorderedLogFraction: 0.5,
      }),
    ],
    ["one of whose endpoints lags", both({}, { staleBlocks: 3, latencyMs: [100, 3_000] })],
    [
      "one of whose endpoints hides logs for a while",
      both({ lateLogFraction: 1, lateLogBlocks: [4, 8] }, {}),
    ],
    [
      "whose transactions get stuck, delayed and censored",
      {
        profile: EAGER,
        stuckFraction: 0.3,
        inclusionDelayBlocks: [0, 4],
        censorship: [{ from: 3, blocks: 6, sender: "alice" }],
      },
    ],
    [
      "whose fees rise for a while",
      { profile: EAGER, feeSpikes: [{ from: 2, blocks: 10, baseFeeWei: 300n * 10n ** 9n }] },
    ],
  ];
  for (const [name, chain] of cases) {
    crash(
      `${name} opens and ends with the right money`,
      () => expectToComplete(name, chain),
      TIME_MAX_MS,
    );
  }

  crash(
    "whose newest blocks are replaced again and again opens and ends with the right money",
    () => expectToComplete("shallow reorganisations", SHALLOW),
    TIME_MAX_MS,
  );

  adversarial(
    "whose confirmed blocks are replaced again and again comes to its end",
    async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const scenario = storyOn("deep reorganisations", DEEP);
        const result = await runScenario(scenario, { seed, chain: evm(), signatures: "fast" });
        expectHeld(result);
        expect([seed, ...new Set(result.objectives.map(({ status }) => status))]).toEqual([
          seed,
          "Completed",
        ]);
      }
    },
    TIME_MAX_MS,
  );
});
