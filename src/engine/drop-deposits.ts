/** Deposits that a node asked for in an old part of its log, and that must not be made any more. */

import type { ChannelId } from "../channel/channel-id.ts";
import { mark } from "../primitives/mark.ts";
import { wasFunded } from "../protocols/direct-fund.ts";
import type { Draft } from "./draft.ts";
import type { NodeState } from "./node-state.ts";

/**
 * Gives up deposits that were never signed, in a channel that has had all of its money. No holdings tell
 * them apart from the first ones once the channel is paid out.
 */
export function dropLateDeposits(draft: Draft, state: NodeState, channelId: ChannelId): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || !wasFunded(channel)) return;
  for (const { call, effectId, objectiveId, raw } of state.transactions.values()) {
    if (call.type !== "Deposit" || call.channelId !== channelId || raw !== undefined) continue;
    if (draft.tables.objectives.get(objectiveId)?.goal.type !== "DirectFund") continue;
    mark("fund/late-deposit-dropped");
    const reason = "the channel was funded before";
    draft.record({ type: "TransactionFailed", effectId, objectiveId, channelId, reason });
  }
}
