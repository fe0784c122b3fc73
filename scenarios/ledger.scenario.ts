/** A ledger channel is a channel that two fund directly; without guarantees it closes like any other. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "ledger",
  summary: "Alice and Irene open a ledger channel in two assets, and Irene closes it",
  cast: ["alice", "irene"],
  diagram: sequence`
    alice ->>  irene: prefund
    irene ->>  alice: prefund
    alice ->>  chain: deposit 60 wei
    alice ->>  chain: approve 7 units
    alice ->>  chain: deposit 7 units
    chain -->> all:   holds 60 wei
    chain -->> all:   holds 7 units
    irene ->>  chain: deposit 40 wei
    irene ->>  chain: approve 3 units
    irene ->>  chain: deposit 3 units
    chain -->> all:   holds 100 wei
    chain -->> all:   holds 10 units
    par
      alice ->>  irene: postfund
      irene ->>  alice: postfund
    end
    irene ->>  alice: ask to close
    alice ->>  irene: final state
    irene ->>  alice: final state
    alice ->>  chain: conclude and pay out
    chain -->> all:   concluded
    chain -->> all:   pays out 100 wei
    chain -->> all:   pays out 10 units
  `,
  script: async ({ alice, eth, irene, token }) => {
    const ledger = await alice.openLedger(irene, [
      { asset: eth, amounts: [60n, 40n] },
      { asset: token, amounts: [7n, 3n] },
    ]);
    await irene.closeChannel(ledger);
  },
});
