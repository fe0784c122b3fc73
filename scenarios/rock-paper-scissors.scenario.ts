/** Alice and Bob play rock, paper, scissors for money: she commits, he plays, she reveals, and the winner is paid. */
import { rockPaperScissors } from "../sim/games.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const { commit, play, reveal } = rockPaperScissors;

export const scenario: Scenario = defineScenario({
  name: "rock-paper-scissors",
  summary: "Alice and Bob play rock, paper, scissors for money, and the chain pays the winner",
  cast: ["alice", "bob"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const channel = await alice.openGame(bob, deposits, "rock-paper-scissors");

    await alice.play(channel, commit(channel, 0, "paper"));
    check((await alice.tryToPlay(channel, play("rock"))) === "NotYourTurn", "each moves in turn");
    await bob.play(channel, play("rock"));
    check(
      (await alice.tryToPlay(channel, reveal("rock"))) === "NotWhatWasCommitted",
      "no way back",
    );
    await alice.play(channel, reveal("paper"));
    await bob.closeChannel(channel);

    check((await alice.wallet(eth)) === before.alice + 40n, "Alice has won what Bob brought in");
    check((await bob.wallet(eth)) === before.bob - 40n, "Bob has lost it");
  },
});
