/** A hundred virtual channels over one hub at once: each ledger signs them in few states. */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const COUNT = 100;

export const scenario: Scenario = defineScenario({
  name: "virtual-hundred",
  summary:
    "Alice opens a hundred virtual channels with Bob over Irene at once, and closes them at once",
  network: { latencyMs: [10, 10], slowFraction: 0 },
  cast: ["alice", "irene", "bob"],
  script: async ({ alice, bob, check, eth, irene }) => {
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [1_000n, 1_000n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [1_000n, 1_000n] }]);
    const one = [{ asset: eth, amounts: [10n, 10n] }];
    const channels = await Promise.all(
      Array.from({ length: COUNT }, () => alice.openVirtual(bob, one, { via: [irene] })),
    );
    const tooMany = await alice.tryToOpenVirtual(bob, one, { via: [irene] });
    check(tooMany === "LedgerTooSmall", "the ledger is full");
    await Promise.all(channels.map((channel) => bob.closeChannel(channel)));
    await alice.closeChannel(left);
    await irene.closeChannel(right);
  },
});
