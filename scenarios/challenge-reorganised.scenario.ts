/**
 * Bob's challenge with an old state is answered, and a reorganisation takes both out of the chain. Alice's answer is
 * sent again, and the newer state becomes final, whether or not Bob's challenge comes again before it.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "challenge-reorganised",
  summary:
    "A reorg takes a stale challenge and its answer away (--set depth=4), and the newer state is paid",
  cast: ["alice", "bob"],
  parameters: { depth: "4" },
  challengeDurationSec: 600,
  script: async ({ alice, bob, chain, check, eth, parameters, pause }) => {
    const before = await alice.wallet(eth);
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    await bob.pay(channel, alice, eth, 30n);

    bob.crash();
    await bob.challengeWith(channel, 1);
    // Until her answer is in a block, and another one is on top of it.
    await pause(50_000);
    await chain.reorg({ depth: Number(parameters["depth"]), droppedFraction: 1 });
    await alice.sawEnd(channel);
    check((await alice.wallet(eth)) === before + 30n, "Alice has what the newest state pays");
  },
});
