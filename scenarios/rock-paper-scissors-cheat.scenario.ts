/**
 * Alice has committed to rock and sees that Bob has played paper. Her node says that she reveals scissors, and signs
 * that she has won. Bob's node refuses the state, and so does the contract.
 */
import { rockPaperScissors } from "../sim/games.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const { commit, play, reveal } = rockPaperScissors;

export const scenario: Scenario = defineScenario({
  name: "rock-paper-scissors-cheat",
  summary:
    "Alice reveals what she never committed to; neither Bob nor the contract takes it for a win",
  cast: ["alice", "bob"],
  cheating: ["alice"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const channel = await alice.openGame(bob, deposits, "rock-paper-scissors");
    await alice.play(channel, commit(channel, 0, "rock"));
    await bob.play(channel, play("paper"));

    const refused = await alice.tryToPlay(channel, reveal("scissors"));
    check(refused === "MoveRefused", `Bob's node refuses it, and says ${refused}`);
    await bob.dispute(channel);

    check((await bob.wallet(eth)) === before.bob + 60n, "Bob has won what Alice brought in");
    check((await alice.wallet(eth)) === before.alice - 60n, "the cheater is not paid");
  },
});
