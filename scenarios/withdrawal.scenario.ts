/** Part of a ledger channel's money is paid out, and the rest goes on in a new one. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "withdrawal",
  summary: "Irene has part of her money paid out of a ledger channel, which goes on in a new one",
  cast: ["alice", "irene"],
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
    irene ->>  alice: ask to withdraw
    alice ->>  irene: sign the next ledger
    irene ->>  alice: sign the next ledger
    alice ->>  irene: final state
    irene ->>  alice: final state
    alice ->>  chain: conclude and pay out
    chain -->> all:   concluded
    chain -->> all:   pays out 100 wei
    alice ->>  irene: final state
    irene ->>  alice: final state
    alice ->>  chain: conclude and pay out
    chain -->> all:   concluded
    chain -->> all:   pays out 75 wei
  `,
  script: async ({ alice, check, eth, irene }) => {
    const ledger = await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }]);
    const next = await irene.withdraw(ledger, [{ asset: eth, amounts: [0n, 25n] }]);
    check(next !== ledger, "an id is never used twice");
    await alice.closeChannel(next);
  },
});
