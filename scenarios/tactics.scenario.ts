/** Alice and Bob fight a battle of tactics for money, move by move, until one side has no unit left. */
import { type Said, tacticsAct } from "../sim/games.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** The whole battle, in turns: a unit, the field it goes to, and the unit that it strikes. Alice has 0 to 2, Bob 3 to 5. */
const BATTLE: readonly Said[] = [
  tacticsAct(1, [1, 2], 5),
  tacticsAct(5, [1, 1], 1),
  tacticsAct(0, [2, 1], 5),
  tacticsAct(4, [4, 3], 2),
  tacticsAct(1, [1, 3], 4),
  tacticsAct(4, [2, 3], 0),
  tacticsAct(0, [2, 2], 4),
  tacticsAct(3, [2, 4]),
  tacticsAct(0, [2, 3], 3),
  tacticsAct(3, [2, 2]),
  tacticsAct(0, [1, 2], 3),
  tacticsAct(3, [0, 2]),
  tacticsAct(0, [0, 1], 3),
];

export const scenario: Scenario = defineScenario({
  name: "tactics",
  summary: "Alice and Bob fight a battle of tactics for money, and the chain pays the winner",
  cast: ["alice", "bob"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth, token }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(token) };
    const deposits = [
      { asset: eth, amounts: [30n, 50n] },
      { asset: token, amounts: [5n, 7n] },
    ];
    const channel = await alice.openGame(bob, deposits, "tactics");
    const tooFar = await alice.tryToPlay(channel, tacticsAct(0, [5, 5]));
    check(tooFar === "TooFar", "a knight does not fly");
    for (const [turn, order] of BATTLE.entries()) {
      await (turn % 2 === 0 ? alice : bob).play(channel, order);
    }
    await alice.closeChannel(channel);

    check((await alice.wallet(eth)) === before.alice + 50n, "Alice has won Bob's coins");
    check((await bob.wallet(token)) === before.bob - 7n, "and his tokens");
  },
});
