/**
 * Bob does not answer Alice's commitment, so she asks the chain. He comes back and goes on there, by one signature a
 * move: he plays, she reveals, and nobody has to agree to anything.
 */
import { rockPaperScissors } from "../sim/games.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const { commit, play, reveal } = rockPaperScissors;

export const scenario: Scenario = defineScenario({
  name: "rock-paper-scissors-on-chain",
  summary:
    "Alice's move is not answered; the two play on by moves on the chain, which pays the winner",
  cast: ["alice", "bob"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const channel = await alice.openGame(bob, deposits, "rock-paper-scissors");

    bob.crash();
    await alice.askToPlay(channel, commit(channel, 0, "scissors"));
    await alice.challenge(channel);
    await bob.restart();
    await bob.sawTurn(channel, 2);
    await bob.play(channel, play("paper"));
    await alice.sawTurn(channel, 3);
    await alice.play(channel, reveal("scissors"));
    await Promise.all([alice.sawEnd(channel), bob.sawEnd(channel)]);

    check((await alice.wallet(eth)) === before.alice + 40n, "Alice has won what Bob brought in");
    check((await bob.wallet(eth)) === before.bob - 40n, "Bob has lost it");
  },
});
