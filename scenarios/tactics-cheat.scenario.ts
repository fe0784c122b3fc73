/**
 * Bob's archer strikes over the whole board, and his node signs that he has won. Alice's node refuses the state, the
 * contract refuses it too, and the chain pays her: he has made no move that counts.
 */
import { tacticsAct } from "../sim/games.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "tactics-cheat",
  summary: "Bob signs a blow that no archer can deal, and a victory with it; the chain pays Alice",
  cast: ["alice", "bob"],
  cheating: ["bob"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const deposits = [{ asset: eth, amounts: [30n, 50n] }];
    const channel = await alice.openGame(bob, deposits, "tactics");
    await alice.play(channel, tacticsAct(0, [2, 2]));

    const refused = await bob.tryToPlay(channel, tacticsAct(4, [4, 5], 0));
    check(refused === "MoveRefused", `Alice's node refuses it, and says ${refused}`);
    await alice.dispute(channel);

    check((await alice.wallet(eth)) === before.alice + 50n, "Alice is paid what Bob brought in");
    check((await bob.wallet(eth)) === before.bob - 50n, "the cheater is not paid");
  },
});
