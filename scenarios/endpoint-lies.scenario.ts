/**
 * One of Alice's two endpoints tells no log. It contradicts the other one as soon as there is a deposit, and from then
 * on her node signs nothing: it cannot know which of them is right. Bob's patience ends, and the chain gives both
 * their deposits back.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** Milliseconds that nodes wait for others before they ask the chain: two minutes. */
const DISPUTE_AFTER_MS = 120_000;

/** Longer than that, and than a challenge after it. Then the endpoint that lies is switched off. */
const LONG_MS = DISPUTE_AFTER_MS + 500_000;

export const scenario: Scenario = defineScenario({
  name: "endpoint-lies",
  summary:
    "Alice's two endpoints contradict each other: her node signs nothing, and the money comes back",
  cast: ["alice", "bob"],
  challengeDurationSec: 300,
  disputeAfterMs: DISPUTE_AFTER_MS,
  network: { latencyMs: [20, 20], slowFraction: 0 },
  chain: {
    rpcs: { alice: [{}, { lies: "Logs", outages: [{ fromSec: LONG_MS / 1_000, forSec: 3_600 }] }] },
  },
  script: async ({ alice, bob, check, eth, pause }) => {
    const before = [await alice.wallet(eth), await bob.wallet(eth)];
    // It never opens: nobody waits for it.
    void alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]).catch(() => undefined);
    await pause(LONG_MS);
    const after = [await alice.wallet(eth), await bob.wallet(eth)];
    check(after.join() === before.join(), "both have their deposits back");
  },
});
