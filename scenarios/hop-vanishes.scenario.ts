/**
 * One of two hubs vanishes under a virtual channel, and nobody asks for a dispute. When patience ends the channel goes
 * to the chain. What becomes final there leaves the ledger of those who are alive by their signatures alone; only
 * the two ledgers with the silent hub are closed by the chain.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** Milliseconds that nodes wait for others before they ask the chain: ten minutes. */
const DISPUTE_AFTER_MS = 600_000;

export const scenario: Scenario = defineScenario({
  name: "hop-vanishes",
  summary: "One of two hubs vanishes, and only its own ledgers are closed by the chain",
  cast: ["alice", "irene", "ivan", "bob"],
  challengeDurationSec: 600,
  disputeAfterMs: DISPUTE_AFTER_MS,
  script: async ({ alice, bob, check, eth, irene, ivan, pause }) => {
    const people = [alice, irene, ivan, bob];
    const before = await Promise.all(people.map((one) => one.wallet(eth)));
    const deposits = [{ asset: eth, amounts: [100n, 100n] }];
    const left = await alice.openLedger(irene, deposits);
    const middle = await irene.openLedger(ivan, deposits);
    const right = await ivan.openLedger(bob, deposits);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }], {
      via: [irene, ivan],
    });
    await alice.payVirtually(channel, eth, 12n);

    ivan.crash();
    await alice.askToClose(channel);
    // The channel first, then the two ledgers, each with its own patience and its own challenge.
    await Promise.all([irene.sawEnd(middle), bob.sawEnd(right), pause(2 * DISPUTE_AFTER_MS)]);
    await Promise.all([alice.sawEnd(channel), irene.sawEnd(channel), bob.sawEnd(channel)]);
    check(
      alice.adjudication(left)?.type === "Open",
      "nobody has asked the chain about Alice's ledger",
    );
    await alice.closeChannel(left);

    const after = await Promise.all(people.map((one) => one.wallet(eth)));
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-12,0,0,12", `wallets changed by ${gains.join(", ")}`);
  },
});
