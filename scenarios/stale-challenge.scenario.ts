/**
 * Bob challenges with an old state that pays him more, while Alice is away. She comes back so late, and miners leave
 * her out for so long, that her answer is mined in the last block that counts. The newer state is what is paid.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

/** Seconds that a challenge can be answered: ten minutes, 50 blocks. */
const WINDOW_SEC = 600;

/** Blocks for which no miner takes her answer: as many as a transaction may have to wait at all. */
const CENSORED_BLOCKS = 10;

/** Seconds of the window that are left when she comes back: for those blocks, and the one that counts. */
const LEFT_SEC = (CENSORED_BLOCKS + 2) * 12;

export const scenario: Scenario = defineScenario({
  name: "stale-challenge",
  summary:
    "Bob challenges with an old state, and Alice's answer is mined in the last block that counts",
  cast: ["alice", "bob"],
  challengeDurationSec: WINDOW_SEC,
  network: { latencyMs: [20, 20], slowFraction: 0 },
  diagram: sequence`
    alice ->>  bob:   prefund
    bob   ->>  alice: prefund
    alice ->>  chain: deposit 60 wei
    chain -->> all:   holds 60 wei
    bob   ->>  chain: deposit 40 wei
    chain -->> all:   holds 100 wei
    par
      alice ->>  bob:   postfund
      bob   ->>  alice: postfund
    end
    bob   ->>  alice: ask for an update
    alice ->>  bob:   update 2
    bob   ->>  alice: update 2
    Note over alice: crash
    Note over bob: crash
    eve   ->>  chain: bob's challenge with turn 1
    chain -->> all:   challenged with turn 1
    Note over alice: restart
    alice ->>  chain: challenge with turn 2
    Note over chain: no call of alice is mined for 10 blocks
    chain -->> all:   challenged with turn 2
    alice ->>  chain: pay out
    chain -->> all:   pays out 100 wei
  `,
  script: async ({ alice, bob, chain, check, eth }) => {
    const before = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    await bob.pay(channel, alice, eth, 30n);

    alice.crash();
    bob.crash();
    await bob.challengeWith(channel, 1);
    const finalizesAtSec = chain.newestSec() + WINDOW_SEC;
    await chain.mineUntil(finalizesAtSec - LEFT_SEC);
    chain.censor({ sender: "alice", blocks: CENSORED_BLOCKS });
    await alice.restart();
    await alice.sawEnd(channel);

    check(
      chain.newestSec() > finalizesAtSec + WINDOW_SEC / 2,
      "her answer began a window of its own",
    );
    check((await alice.wallet(eth)) === before.alice + 30n, "Alice has what the newest state pays");
    check((await bob.wallet(eth)) === before.bob - 30n, "Bob has nothing of what he tried to take");
  },
});
