/**
 * A reorganisation deeper than any that the nodes wait for takes Bob's deposit away for good, while the channel runs.
 * No node could prevent that. Alice's notices, signs nothing more, and takes what is left.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** Milliseconds that nodes wait for missing money before they ask the chain: ten minutes. */
const DISPUTE_AFTER_MS = 600_000;

export const scenario: Scenario = defineScenario({
  name: "deep-reorg",
  summary:
    "A reorg beyond what nodes wait for takes Bob's deposit away, and Alice takes what is left",
  cast: ["alice", "bob"],
  challengeDurationSec: 300,
  disputeAfterMs: DISPUTE_AFTER_MS,
  script: async ({ alice, bob, chain, check, eth }) => {
    const before = await alice.wallet(eth);
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    await bob.pay(channel, alice, eth, 30n);

    // Bob's node is gone, and so is whoever would send his deposit again.
    bob.crash();
    chain.censor({ sender: "bob", blocks: 1_000 });
    await chain.reorg({ depth: 4, droppedFraction: 1 });
    await alice.sawEnd(channel);
    check((await alice.wallet(eth)) === before, "Alice has what is left: her own deposit");
  },
});
