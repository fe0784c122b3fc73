/**
 * Bob challenges with an old state that pays him more. Alice's node sees it, and its answer is left out of the
 * blocks until the last one that counts. Then the newer state is what is paid.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** Seconds that a challenge can be answered: ten minutes, 50 blocks. */
const WINDOW_SEC = 600;

export const scenario: Scenario = defineScenario({
  name: "stale-challenge",
  summary:
    "Bob challenges with an old state, and Alice's answer is mined in the last block that counts",
  cast: ["alice", "bob"],
  challengeDurationSec: WINDOW_SEC,
  network: { latencyMs: [20, 20], slowFraction: 0 },
  script: async ({ alice, bob, chain, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    await bob.pay(channel, alice, eth, 30n);

    bob.crash();
    await bob.challengeWith(channel, 1);
    const finalizesAtSec = chain.newestSec() + WINDOW_SEC;
    // No miner takes her answer before the last block below the time at which the challenge is final.
    const blocks = Math.ceil(WINDOW_SEC / 12) - 1;
    chain.censor({ sender: "alice", blocks: blocks - 1 });
    await alice.sawEnd(channel);

    check(chain.newestSec() > finalizesAtSec, "the answer began a window of its own");
    check((await alice.wallet(eth)) === before.alice + 30n, "Alice has what the newest state pays");
    check((await bob.wallet(eth)) === before.bob - 30n, "Bob has nothing of what he tried to take");
  },
});
