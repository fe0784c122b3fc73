/** Tells what somebody else did on the chain, and what a reorganisation took back, for marks alone. */
import { type Channel, supportedState } from "../channel/channel.ts";
import { held } from "../channel/holdings.ts";
import { disputeId } from "../channel/objective-id.ts";
import { totalOf } from "../channel/outcome.ts";
import { mark } from "../primitives/mark.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";
import type { NodeTables } from "./node-state.ts";

/** Marks a fact of the chain that this node was to bring about, and somebody else has. */
export function markStranger(tables: NodeTables, event: ProtocolEvent): void {
  switch (event.type) {
    case "GuaranteeReclaimed":
      if (isOvertaken(tables, event.channelId, "/reclaim/")) mark("chain/reclaimed-by-another");
      return;
    case "AllocationUpdated":
      if (isOvertaken(tables, event.channelId, "/pay")) mark("chain/paid-out-by-another");
      return;
    case "ChannelConcluded":
      if (isOvertaken(tables, event.channelId, "/conclude")) mark("chain/concluded-by-another");
      return;
    case "DepositDetected": {
      const channel = tables.channels.get(event.channelId);
      if (channel !== undefined && holdsTooMuch(channel)) mark("chain/held-more-than-owed");
      return;
    }
    default:
  }
}

/** True while this node disputes the channel, and has asked for no transaction of that kind. */
function isOvertaken({ objectives }: NodeTables, id: Channel["id"], deed: string): boolean {
  const dispute = objectives.get(disputeId(id));
  if (dispute?.status !== "Approved") return false;
  return !dispute.transactions.keys().some((name) => name.includes(deed));
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
