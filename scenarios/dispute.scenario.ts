/** Bob is gone for good. Alice leaves the channel to the chain, which pays both by the newest state. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "dispute",
  summary: "Bob is gone for good, and the chain pays Alice and him by the newest state",
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
    alice ->>  bob:   update 2
    bob   ->>  alice: update 2
    Note over bob: crash
    alice ->>  chain: challenge with turn 2
    chain -->> all:   challenged with turn 2
    alice ->>  chain: pay out
    chain -->> all:   pays out 100 wei
  `,
  script: async ({ alice, bob, check, eth }) => {
    const before = [await alice.wallet(eth), await bob.wallet(eth)];
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
    await alice.pay(channel, bob, eth, 10n);
    bob.crash();
    await alice.dispute(channel);
    const after = [await alice.wallet(eth), await bob.wallet(eth)];
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-10,10", `wallets changed by ${gains.join(", ")}`);
  },
});
