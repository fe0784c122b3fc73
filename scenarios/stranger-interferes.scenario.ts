/**
 * A stranger interferes with a dispute: one wei into the ledger and one into the virtual channel, payouts by index,
 * and a payout of everything. Guarantees stand before all else and are of a type that only a reclaim can take, so
 * she diverts nothing, and her two wei are lost to her.
 */

import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { depositCall, transferAllAssetsCall, transferCall } from "../src/chain/adjudicator.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { toHex } from "../src/primitives/hex.ts";

/** Seconds that a challenge can be answered. */
const WINDOW_SEC = 600;

export const scenario: Scenario = defineScenario({
  name: "stranger-interferes",
  summary:
    "A stranger deposits one wei and pays out by index during a dispute, and diverts nothing",
  cast: ["alice", "irene", "bob"],
  challengeDurationSec: WINDOW_SEC,
  script: async ({ adjudicator, alice, bob, chain, check, eth, irene }) => {
    const start = { alice: await alice.wallet(eth), bob: await bob.wallet(eth) };
    const deposits = [{ asset: eth, amounts: [100n, 100n] }];
    const left = await alice.openLedger(irene, deposits);
    const right = await irene.openLedger(bob, deposits);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
    await alice.payVirtually(channel, eth, 12n);

    irene.crash();
    const ends = Promise.all([alice.dispute(left), bob.dispute(right)]);
    const give = (channelId: ChannelId, expectedHeld: bigint) => {
      const deposit = { asset: eth.address, channelId, expectedHeld, amount: 1n };
      return chain.asStranger(depositCall(adjudicator, deposit), { label: "deposit 1 wei" });
    };
    await chain.mined(await give(left, 200n));
    await chain.mined(await give(channel, 0n));

    await chain.mineUntil(chain.newestSec() + WINDOW_SEC);
    for (const ledger of [left, right]) {
      const known = alice.adjudication(ledger) ?? bob.adjudication(ledger);
      if (known?.type !== "Challenged" && known?.type !== "Final") continue;
      const { outcome = [], stateHash } = known;
      const outcomeBytes = toHex(encodeOutcome(outcome));
      for (const indices of [[0], [1], [2], [0, 1], []]) {
        const transfer = { assetIndex: 0, channelId: ledger, outcomeBytes, stateHash, indices };
        const call = transferCall(adjudicator, transfer);
        await chain.asStranger(call, { label: `pay out [${indices}]`, isFirst: true });
      }
      const all = transferAllAssetsCall(adjudicator, { channelId: ledger, outcome, stateHash });
      await chain.asStranger(all, { label: "pay out everything", isFirst: true });
    }
    await ends;
    check((await alice.wallet(eth)) === start.alice - 12n, "Alice has all but what she paid");
    check((await bob.wallet(eth)) === start.bob + 12n, "Bob has what he was paid");
  },
});
