/** Takes back what blocks had told that are gone, and sends again what was in them. */

import type { ChainNews } from "../chain/chain-news.ts";
import { toldAbove } from "../channel/remembered-facts.ts";
import { mark } from "../primitives/mark.ts";
import { markTakenBack } from "./chain-marks.ts";
import type { Draft } from "./draft.ts";
import type { NodeState } from "./node-state.ts";
import type { VanishedTransaction } from "./vanished-transactions.ts";

/**
 * Decides a reorganisation that is deeper than what counted as confirmed. Nothing is deleted: events say what is
 * no longer so. Where money is gone, nothing is signed until the chain tells of it again. Source: ADR 0024.
 */
export function decideReorg(
  draft: Draft,
  state: NodeState,
  { fork, from, to }: ChainNews & { readonly type: "ChainReorged" },
  vanished: readonly VanishedTransaction[],
): void {
  draft.record({ type: "ChainReorged", fork, from, to, undone: [] });
  for (const channel of state.channels.values()) {
    if (!toldAbove(channel, fork.blockNumber)) continue;
    draft.record({ type: "ChainFactsTakenBack", channelId: channel.id, fork });
    markTakenBack(channel, draft.tables.channels.get(channel.id));
  }
  // One that the log has as confirmed is in no table of open ones.
  const gone = vanished.filter(({ effectId }) => !state.transactions.has(effectId));
  if (gone.length > 0) mark("reorg/transaction-taken-back");
  draft.record(...gone);
}
