/**
 * The whole life of a channel, and a dispute, on a chain that behaves like Ethereum: nodes wait as long as
 * that chain asks for before they believe a block.
 */

import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { challengeDurationMinSec, ETHEREUM } from "../src/chain/chain-profile.ts";

/** Nodes that look every ten minutes, and transactions that wait as long at most: so that the story is short. */
const MAIN_CHAIN = { ...ETHEREUM, visitGapSec: 600, inclusionBoundSec: 600 };

export const scenario: Scenario = defineScenario({
  name: "ethereum-profile",
  summary: "A channel and a dispute on Ethereum: eight confirmations, fees by what others pay",
  cast: ["alice", "bob"],
  challengeDurationSec: challengeDurationMinSec(MAIN_CHAIN),
  chain: { profile: MAIN_CHAIN },
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
