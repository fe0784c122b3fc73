/**
 * Bob challenges with an old state, and blocks become twenty times as dear when Alice has just sent her answer. It
 * is sent again and again with a higher fee, because it is urgent, and is mined in time.
 */
import { BASE_FEE_WEI } from "../sim/chain/local-chain.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

/** Blocks of the spike, and how many times as dear they are. */
const SPIKE_BLOCKS = 40;
const SPIKE_FACTOR = 20n;

/** From the block of a challenge until the answer to it is sent: two confirmations, and a look at the chain. */
const ANSWERED_MS = 25_000;

export const scenario: Scenario = defineScenario({
  name: "challenge-at-fee-spike",
  summary:
    "Bob challenges with an old state while blocks are twenty times as dear, and is answered in time",
  cast: ["alice", "bob"],
  challengeDurationSec: 600,
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
    Note over bob: crash
    eve   ->>  chain: bob's challenge with turn 1
    chain -->> all:   challenged with turn 1
    alice ->>  chain: challenge with turn 2
    Note over chain: base fee of 20000000000 wei for 40 blocks
    chain -->> all:   challenged with turn 2
    alice ->>  chain: pay out
    chain -->> all:   pays out 100 wei
  `,
  script: async ({ alice, bob, chain, check, eth, pause }) => {
    const before = await alice.wallet(eth);
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    await bob.pay(channel, alice, eth, 30n);

    bob.crash();
    await bob.challengeWith(channel, 1);
    // Her answer is on its way, and was cheap, when the next block is dear.
    await pause(ANSWERED_MS);
    chain.feeSpike({ baseFeeWei: SPIKE_FACTOR * BASE_FEE_WEI, blocks: SPIKE_BLOCKS });
    await alice.sawEnd(channel);
    check((await alice.wallet(eth)) === before + 30n, "Alice has what the newest state pays");
  },
});
