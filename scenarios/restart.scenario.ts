/** A node that was down catches up from its log: the payment that it missed is still on its way. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

/** Long enough for Alice to send her update more than once. */
const DOWN_MS = 5_000;

export const scenario: Scenario = defineScenario({
  name: "restart",
  summary:
    "Bob's node is down while Alice pays him; it restarts from its log, takes the payment, and pays back",
  cast: ["alice", "bob"],
  diagram: sequence`
    alice ->>  bob:   prefund
    bob   ->>  alice: prefund
    alice ->>  chain: deposit 6 wei
    chain -->> all:   holds 6 wei
    bob   ->>  chain: deposit 4 wei
    chain -->> all:   holds 10 wei
    par
      alice ->>  bob:   postfund
      bob   ->>  alice: postfund
    end
    Note over bob: crash
    alice ->>  bob:   update 2
    Note over bob: restart
    bob   ->>  alice: update 2
    bob   ->>  alice: update 3
    alice ->>  bob:   update 3
  `,
  script: async ({ alice, bob, eth, pause }) => {
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);
    bob.crash();
    const payment = alice.pay(channel, bob, eth, 2n);
    await pause(DOWN_MS);
    await bob.restart();
    await payment;
    await bob.pay(channel, alice, eth, 1n);
  },
});
