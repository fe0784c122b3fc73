/**
 * The whole life of a channel, and a dispute, on a chain that behaves like a rollup of the OP stack: nodes wait as long as
 * that chain asks for before they believe a block.
 */

import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { challengeDurationMinSec, OP_STACK } from "../src/chain/chain-profile.ts";

/** A sequencer that is out for ten minutes at most, and nodes that look as often: so that the story is short. */
const ROLLUP = { ...OP_STACK, visitGapSec: 600, inclusionBoundSec: 600 };

export const scenario: Scenario = defineScenario({
  name: "rollup-profile",
  summary:
    "A channel and a dispute on a rollup: blocks every two seconds, believed once they are safe",
  cast: ["alice", "bob"],
  challengeDurationSec: challengeDurationMinSec(ROLLUP),
  chain: { profile: ROLLUP },
  script: async ({ alice, bob, check, eth }) => {
    const before = await alice.wallet(eth);
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const first = await alice.openChannel([bob], deposits);
    await alice.pay(first, bob, eth, 10n);
    await alice.closeChannel(first);

    const second = await alice.openChannel([bob], deposits);
    await bob.pay(second, alice, eth, 30n);
    bob.crash();
    await alice.dispute(second);
    check((await alice.wallet(eth)) === before + 20n, "Alice has what both channels say");
  },
});
