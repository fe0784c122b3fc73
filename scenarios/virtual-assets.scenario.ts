/** One virtual channel in two assets, over ledgers that hold both. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-assets",
  summary:
    "Alice and Bob have one virtual channel in coins and tokens, over a hub that takes a fee",
  cast: ["alice", "irene", "bob"],
  fees: { irene: 2n },
  script: async ({ alice, bob, check, eth, irene, token }) => {
    const both = [
      { asset: eth, amounts: [60n, 60n] },
      { asset: token, amounts: [9n, 9n] },
    ];
    const left = await alice.openLedger(irene, both);
    const right = await irene.openLedger(bob, both);
    const channel = await alice.openVirtual(
      bob,
      [
        { asset: eth, amounts: [6n, 4n] },
        { asset: token, amounts: [5n, 0n] },
      ],
      { via: [irene] },
    );
    const unknown = await bob.tryToOpenVirtual(alice, [{ asset: eth, amounts: [200n, 0n] }], {
      via: [irene],
    });
    check(unknown === "LedgerTooSmall", "nobody locks up more than she has");
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
  },
});
