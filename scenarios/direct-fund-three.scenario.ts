/** Three participants open one channel: everybody hears everybody, deposits go in order. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "direct-fund-three",
  summary:
    "Alice, Bob and Irene open one channel: three signatures a round, three deposits in order",
  cast: ["alice", "bob", "irene"],
  diagram: sequence`
    par
      alice ->>  bob:   prefund
      alice ->>  irene: prefund
      bob   ->>  alice: prefund
      bob   ->>  irene: prefund
      irene ->>  alice: prefund
      irene ->>  bob:   prefund
      alice ->>  chain: deposit 6 wei
    end
    chain -->> all:   holds 6 wei
    bob   ->>  chain: deposit 4 wei
    chain -->> all:   holds 10 wei
    irene ->>  chain: deposit 2 wei
    chain -->> all:   holds 12 wei
    par
      alice ->>  bob:   postfund
      alice ->>  irene: postfund
      bob   ->>  alice: postfund
      bob   ->>  irene: postfund
      irene ->>  alice: postfund
      irene ->>  bob:   postfund
    end
  `,
  script: async ({ alice, bob, irene, eth }) => {
    await alice.openChannel([bob, irene], [{ asset: eth, amounts: [6n, 4n, 2n] }]);
  },
});
