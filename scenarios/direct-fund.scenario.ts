/** Alice and Bob open a channel and fund it, one after the other. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "direct-fund",
  summary: "Alice and Bob open a channel: Alice deposits first, Bob second, then both sign",
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
  `,
  script: async ({ alice, bob, eth }) => {
    await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);
  },
});
