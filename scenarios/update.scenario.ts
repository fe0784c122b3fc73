/** Who moves when: the mover signs, others ask her; two at once both get through; taking is refused. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "update",
  summary:
    "Bob pays when it is Alice's move, then both at once, then Alice overdraws and is refused at home",
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
    bob   ->>  alice: ask for an update
    alice ->>  bob:   update 2
    bob   ->>  alice: update 2
    par
      alice ->>  bob:   ask for an update
      bob   ->>  alice: update 3
    end
    alice ->>  bob:   update 3
    alice ->>  bob:   update 4
    bob   ->>  alice: update 4
  `,
  script: async ({ alice, bob, check, eth }) => {
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);
    await bob.pay(channel, alice, eth, 1n);
    await Promise.all([bob.pay(channel, alice, eth, 1n), alice.pay(channel, bob, eth, 5n)]);
    const refused = await alice.tryToPay(channel, bob, eth, 100n);
    check(refused === "InsufficientFunds", "nobody can pay more than her share");
  },
});
