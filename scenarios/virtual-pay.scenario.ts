/** Alice pays Bob a hundred times over Irene; the chain sees the two ledger channels open and close. */
import { ledgerClosing, ledgerOpening, virtualClosing, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const PAYMENTS = 100;

const LINE = ["alice", "irene", "bob"] as const;

export const scenario: Scenario = defineScenario({
  name: "virtual-pay",
  summary: "Alice pays Bob by a hundred vouchers over Irene; all wallets end as the vouchers say",
  cast: ["alice", "irene", "bob"],
  diagram: [
    ...ledgerOpening("alice", "irene", ["600 wei", "400 wei", "1000 wei"]),
    ...ledgerOpening("irene", "bob", ["500 wei", "500 wei", "1000 wei"]),
    ...virtualOpening(LINE),
    ...Array.from({ length: PAYMENTS }, (_, index) => [`alice->>bob: voucher ${3 * (index + 1)}`]),
    ...virtualClosing(LINE),
    ...ledgerClosing("alice", "irene", "1000 wei"),
    ...ledgerClosing("irene", "bob", "1000 wei"),
  ],
  script: async ({ alice, bob, irene, check, eth }) => {
    const actors = [alice, irene, bob];
    const before = await Promise.all(actors.map((actor) => actor.wallet(eth)));
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [600n, 400n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [500n, 500n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [310n, 7n] }], {
      via: [irene],
    });
    for (let paid = 0; paid < PAYMENTS; paid++) await alice.payVirtually(channel, eth, 3n);
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
    const after = await Promise.all(actors.map((actor) => actor.wallet(eth)));
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-300,0,300", `the vouchers say -300, 0 and 300, not ${gains.join()}`);
  },
});
