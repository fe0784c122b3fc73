/** Alice and Bob open a virtual channel over Irene, on top of a ledger channel of each with her, and close it. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-fund",
  summary: "Alice opens a virtual channel with Bob over Irene, without a transaction, and closes it",
  cast: ["alice", "irene", "bob"],
  script: async ({ alice, bob, irene, eth }) => {
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [50n, 50n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }], {
      via: [irene],
    });
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
  },
});
