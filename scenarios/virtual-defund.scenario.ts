/** A virtual channel is closed by its intermediary: the two who pay each other agree to what they have. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-defund",
  summary: "Irene closes the virtual channel of Alice and Bob, and the ledgers are free again",
  cast: ["alice", "irene", "bob"],
  script: async ({ alice, bob, irene, eth }) => {
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [50n, 50n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }], {
      via: [irene],
    });
    await irene.closeChannel(channel);
    await irene.closeChannel(left);
    await bob.closeChannel(right);
  },
});
