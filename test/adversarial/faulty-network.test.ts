/** The wire loses, repeats and reorders frames: every objective still completes, and pays what it should. */
import { describe, expect } from "bun:test";
import { runScenario } from "../../sim/run-scenario.ts";
import { type Actor, defineScenario, type Scenario } from "../../sim/scenario.ts";
import type { LinkConditions } from "../../sim/wire.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { concurrency } from "../kind.ts";
import { expectHeld } from "../stories.ts";

/** Three frames of ten are lost, three of ten come twice, and any may be overtaken by a hundred others. */
const BAD_NETWORK: Partial<LinkConditions> = {
  latencyMs: [1, 5_000],
  dropFraction: 0.3,
  duplicateFraction: 0.3,
};

/** Seeds in `check`; with `CHANNELS_EVERY_SEED` many more. */
const SEEDS =
  process.env["CHANNELS_EVERY_SEED"] === undefined ? { fast: 5, real: 1 } : { fast: 200, real: 20 };
const TIME_MAX_MS = 120_000 + 12_000 * SEEDS.fast;
const TOKENS = 1_000n * 10n ** 18n;
const UPDATES_EACH = 10;

const chainOf = chainOfFile();

/** What each participant of a story has in tokens when it is over, by name. */
type Story = { readonly scenario: Scenario; readonly tokens: Readonly<Record<string, bigint>> };

const two: Story = {
  tokens: { alice: TOKENS - 10n * 3n + 10n * 7n, bob: TOKENS + 10n * 3n - 10n * 7n },
  scenario: defineScenario({
    name: "two on a bad network",
    summary: "Alice and Bob pay each other ten times at once, and close",
    cast: ["alice", "bob"],
    network: BAD_NETWORK,
    script: async ({ alice, bob, eth, token }) => {
      const channel = await alice.openChannel(
        [bob],
        [
          { asset: eth, amounts: [5n, 0n] },
          { asset: token, amounts: [100n, 100n] },
        ],
      );
      const pays = (payer: Actor, payee: Actor, amount: bigint): Promise<void>[] =>
        Array.from({ length: UPDATES_EACH }, () => payer.pay(channel, payee, token, amount));
      await Promise.all([...pays(alice, bob, 3n), ...pays(bob, alice, 7n)]);
      await bob.closeChannel(channel);
    },
  }),
};

const three: Story = {
  tokens: { alice: TOKENS - 20n + 30n, bob: TOKENS - 20n + 20n, irene: TOKENS - 30n + 20n },
  scenario: defineScenario({
    name: "three on a bad network",
    summary: "Alice, Bob and Irene pay in a ring at the same moment, twice, and close",
    cast: ["alice", "bob", "irene"],
    network: BAD_NETWORK,
    script: async ({ alice, bob, irene, token }) => {
      const channel = await bob.openChannel(
        [irene, alice],
        [{ asset: token, amounts: [100n, 50n, 70n] }],
      );
      const ring = () => [
        alice.pay(channel, bob, token, 10n),
        bob.pay(channel, irene, token, 10n),
        irene.pay(channel, alice, token, 15n),
      ];
      await Promise.all([...ring(), ...ring()]);
      await alice.closeChannel(channel);
    },
  }),
};

async function expectToComplete({ scenario, tokens }: Story, kind: "fast" | "real"): Promise<void> {
  for (let seed = 1; seed <= SEEDS[kind]; seed++) {
    const result = await runScenario(scenario, { seed, chain: chainOf(), signatures: kind });
    expectHeld(result);
    const ends = result.objectives.map(({ status }) => status);
    expect([seed, ...new Set(ends)]).toEqual([seed, "Completed"]);
    const paid = result.balances.map(({ after, name }) => [name, after["TOK"]]);
    expect([seed, Object.fromEntries(paid)]).toEqual([seed, tokens]);
  }
}

describe("a network that loses, repeats and reorders", () => {
  for (const [name, story] of Object.entries({ two, three })) {
    for (const kind of ["fast", "real"] as const) {
      concurrency(
        `lets ${name} fund, update at the same moment and defund, for ${SEEDS[kind]} seeds with ${kind} signatures`,
        () => expectToComplete(story, kind),
        TIME_MAX_MS,
      );
    }
  }
});
