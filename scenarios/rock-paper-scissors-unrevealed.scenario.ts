/** Alice has committed, Bob has played and would win. She does not reveal: the chain pays him. */
import { rockPaperScissors } from "../sim/games.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const { commit, play } = rockPaperScissors;

export const scenario: Scenario = defineScenario({
  name: "rock-paper-scissors-unrevealed",
  summary: "Alice has lost and does not reveal; after a challenge the chain pays Bob",
  cast: ["alice", "bob"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const channel = await alice.openGame(bob, deposits, "rock-paper-scissors");
    await alice.play(channel, commit(channel, 0, "rock"));
    await bob.play(channel, play("paper"));

    alice.crash();
    await bob.dispute(channel);

    check((await bob.wallet(eth)) === before.bob + 60n, "Bob has won what Alice brought in");
    check((await alice.wallet(eth)) === before.alice - 60n, "silence has not saved her");
  },
});
