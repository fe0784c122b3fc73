/** Tells what somebody else did on the chain, and what a reorganisation took back, for marks alone. */
import { type Channel, supportedState } from "../channel/channel.ts";
import { held } from "../channel/holdings.ts";
import { directDefundId, disputeId } from "../channel/objective-id.ts";
import { totalOf } from "../channel/outcome.ts";
import { mark } from "../primitives/mark.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";
import type { NodeTables } from "./node-state.ts";

/** Marks a fact of the chain that no transaction of this node can have made. */
export function markStranger(tables: NodeTables, event: ProtocolEvent): void {
  const isForeign = (): boolean => !hasOpenDeed(tables, event.channelId);
  if (event.type === "GuaranteeReclaimed" && isForeign()) mark("chain/reclaimed-by-another");
  if (event.type === "AllocationUpdated" && isForeign()) mark("chain/paid-out-by-another");
  if (event.type === "ChannelConcluded" && isForeign()) mark("chain/concluded-by-another");
  if (event.type !== "DepositDetected") return;
  const channel = tables.channels.get(event.channelId);
  if (channel !== undefined && holdsTooMuch(channel)) mark("chain/held-more-than-owed");
}

/** True while this node has signed a transaction that ends or pays the channel, or did so before. */
function hasOpenDeed({ objectives }: NodeTables, channelId: Channel["id"]): boolean {
  return [disputeId(channelId), directDefundId(channelId)].some((id) =>
    [...(objectives.get(id)?.transactions.values() ?? [])].some((one) => one !== "Failed"),
  );
}

function holdsTooMuch(channel: Channel): boolean {
  if (channel.supported === undefined) return false;
  const { outcome } = supportedState(channel).variablePart;
  return outcome.some((exit) => held(channel, exit.asset) > totalOf(exit));
}

/** Marks what blocks that are gone had told of a channel: `after` is what is left of it. */
export function markTakenBack(before: Channel, after: Channel | undefined): void {
  if (after === undefined) return;
  const { adjudication: was } = before;
  const { adjudication: is } = after;
  const assets = before.fundingOutcome.map(({ asset }) => asset);
  const isPaidBack = before.paidOut.size > after.paidOut.size;
  if (isPaidBack) mark("reorg/payout-taken-back");
  else if (assets.some((asset) => held(before, asset) > held(after, asset))) {
    mark("reorg/deposit-taken-back");
  }
  if (was.type === "Challenged" && is.type === "Open") mark("reorg/challenge-taken-back");
  if (was.type === "Open" && is.type === "Challenged") mark("reorg/answer-taken-back");
  if (before.concluded && !after.concluded) mark("reorg/conclusion-taken-back");
  if (was.type === "Final" && is.type === "Final" && was.outcome !== is.outcome && !isPaidBack) {
    mark("reorg/reclaim-taken-back");
  }
}
