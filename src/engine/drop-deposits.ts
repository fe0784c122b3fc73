/** Deposits that a node asked for and has not signed, and that must not be made any more. */

import type { ChannelId } from "../channel/channel-id.ts";
import { mark } from "../primitives/mark.ts";
import { wasFunded } from "../protocols/direct-fund.ts";
import type { Objective } from "../protocols/objective.ts";
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

/** Gives up the deposits of an objective that is over: what came in now would be nobody's. */
export function dropDepositsOf(
  draft: Draft,
  { id, transactions }: Objective,
  reason: string,
): void {
  for (const [effectId, status] of transactions) {
    const open = status === "Requested" ? draft.tables.transactions.get(effectId) : undefined;
    if (open === undefined || open.call.type !== "Deposit" || open.raw !== undefined) continue;
    const { channelId } = open;
    mark("dispute/deposit-dropped");
    draft.record({ type: "TransactionFailed", effectId, objectiveId: id, channelId, reason });
  }
}
