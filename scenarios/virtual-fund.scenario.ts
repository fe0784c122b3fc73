/** Alice and Bob open a virtual channel over Irene, on top of a ledger channel of each with her. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-fund",
  summary: "Alice opens a virtual channel with Bob over Irene, without a transaction",
  cast: ["alice", "irene", "bob"],
  diagram: sequence`
    alice ->>  irene: prefund
    irene ->>  alice: prefund
    alice ->>  chain: deposit 60 wei
    chain -->> all:   holds 60 wei
    irene ->>  chain: deposit 40 wei
    chain -->> all:   holds 100 wei
    par
      alice ->>  irene: postfund
      irene ->>  alice: postfund
    end
    irene ->>  bob:   prefund
    bob   ->>  irene: prefund
    irene ->>  chain: deposit 50 wei
    chain -->> all:   holds 50 wei
    bob   ->>  chain: deposit 50 wei
    chain -->> all:   holds 100 wei
    par
      irene ->>  bob:   postfund
      bob   ->>  irene: postfund
    end
    alice ->>  irene: prefund
    irene ->>  bob:   prefund
    par
      bob   ->>  alice: complete prefund
      bob   ->>  irene: complete prefund
    end
    par
      alice ->>  irene: propose guarantee
      irene ->>  alice: agree
      irene ->>  bob:   propose guarantee
      bob   ->>  irene: agree
      alice ->>  irene: postfund
      alice ->>  bob:   postfund
      irene ->>  alice: postfund
      irene ->>  bob:   postfund
      bob   ->>  alice: postfund
      bob   ->>  irene: postfund
    end
  `,
  script: async ({ alice, bob, irene, eth }) => {
    await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }]);
    await irene.openLedger(bob, [{ asset: eth, amounts: [50n, 50n] }]);
    await alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }], { via: [irene] });
  },
});
