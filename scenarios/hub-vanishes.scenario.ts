/**
 * A hub vanishes with five open virtual channels. Alice and Bob, each alone, have their ledgers and all five
 * channels decided by the chain: vouchers count, guarantees are reclaimed, and everybody is paid in full.
 */

import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { assert } from "../src/primitives/assert.ts";

const CHANNELS = 5;

export const scenario: Scenario = defineScenario({
  name: "hub-vanishes",
  summary: "A hub vanishes with five open virtual channels, and the chain pays everybody in full",
  cast: ["alice", "irene", "bob"],
  challengeDurationSec: 600,
  script: async ({ alice, bob, check, eth, irene }) => {
    const people = [alice, irene, bob];
    const before = await Promise.all(people.map((one) => one.wallet(eth)));
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [1_000n, 1_000n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [1_000n, 1_000n] }]);
    for (let count = 1; count <= CHANNELS; count++) {
      const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [100n, 20n] }]);
      // The first one stays as it opened; in the others Alice pays 10, 20, 30 and 40, and Bob half of it.
      for (let paid = 1; paid < count; paid++) await alice.payVirtually(channel, eth, 10n);
      if (count > 1) await bob.payVirtually(channel, eth, 5n * BigInt(count - 1));
    }

    irene.crash();
    await Promise.all([alice.dispute(left), bob.dispute(right)]);

    const after = await Promise.all(people.map((one) => one.wallet(eth)));
    const gains = after.map((amount, index) => {
      const start = before[index];
      assert(start !== undefined, "a wallet for each");
      return amount - start;
    });
    check(gains.join() === [-50n, 0n, 50n].join(), `wallets changed by ${gains.join(", ")}`);
  },
});
