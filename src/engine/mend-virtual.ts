/**
 * Brings a virtual channel in order once everybody has told what they hold of it. What its objectives come to,
 * and what they take of the ledger channels, follows from its states: none of it must have been in the log.
 */

import {
  type Channel,
  ledgerOf,
  phaseOf,
  supportedState,
  supportsTurn,
} from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { includesGuarantee } from "../channel/ledger-outcome.ts";
import { targetOf, virtualDefundId, virtualFundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import { lacksLedger, leaveLedgers, mayHold } from "../protocols/guarantees.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { closeInstead, hasPostfund, tellNeighbours } from "./give-up-virtual.ts";
import { ownLedgers } from "./own-ledgers.ts";
import { amountsOnLeft, amountsOnRight } from "./virtual-channel.ts";

/** Mends one channel. Every other, and one that is held or lacks a ledger, stays as it is. */
export function mendVirtual(draft: Draft, channelId: ChannelId): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel?.use.type !== "Virtual" || draft.isHeld(channel) || lacksLedger(channel)) return;
  const fund = draft.tables.objectives.get(virtualFundId(channelId));
  if (fund === undefined) return;
  endFund(draft, channel, fund);
  openDefund(draft, channel);
  leaveUnpriced(draft, channel);
  setAside(draft, channel);
  const { status } = draft.tables.objectives.get(fund.id) ?? fund;
  if (status !== "Rejected" || channel.wasOpen || phaseOf(channel) === "Finalized") return;
  if (hasPostfund(channel)) closeInstead(draft, channel);
  else leave(draft, channel, fund);
}

function leave(draft: Draft, channel: Channel, fund: Objective): void {
  const events = leaveLedgers(subjectOf(draft.tables, fund.id));
  draft.record(...events);
  if (events.length > 0) mark("resync/opening-left-after-loss");
  if (events.length > 0) tellNeighbours(draft, channel, fund);
}

/**
 * What was agreed to in a ledger channel before its log lost its end may be done, or undone: whoever still
 * wants it agrees anew.
 */
export function mendLedger(draft: Draft, channelId: ChannelId): void {
  const ledger = draft.tables.channels.get(channelId);
  if (ledger?.ledger === undefined) return;
  const agreed = [...ledger.ledger.agreed.values()];
  for (const objectiveId of new Set(agreed.map((one) => one.objectiveId))) {
    mark("resync/agreements-dropped");
    draft.record({ type: "ProposalWithdrawn", channelId, objectiveId });
  }
  freeReserved(draft, ledger);
}

/** The opening is over when all have signed the postfund, or the final state; others may say so first. */
function endFund(draft: Draft, channel: Channel, fund: Objective): void {
  if (!isActive(fund)) return;
  const { channelId, id: objectiveId } = fund;
  const isOver = channel.wasOpen || phaseOf(channel) === "Finalized";
  if (!isOver) return;
  if (fund.status === "Unapproved")
    draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  draft.record(
    channel.wasOpen
      ? { type: "ObjectiveCompleted", objectiveId, channelId }
      : {
          type: "ObjectiveRejected",
          objectiveId,
          channelId,
          by: channel.myIndex,
          code: "Overtaken",
        },
  );
}

/** Whoever has signed the final state has agreed to close the channel, and frees what funds it. */
function openDefund(draft: Draft, channel: Channel): void {
  const { finalSignedByMe, id: channelId } = channel;
  const isFree = ownLedgers(draft.tables, channel).every(([, ledger]) => !mayHold(ledger, channel));
  const isClosing = finalStateOf(channel) !== undefined && finalSignedByMe;
  const objectiveId = virtualDefundId(channelId);
  const known = draft.tables.objectives.get(objectiveId);
  const isDone = isFree && phaseOf(channel) === "Finalized";
  if (!isClosing || (isDone && known === undefined)) return;
  const goal = { type: "VirtualDefund" } as const;
  if (known === undefined) {
    draft.record({ type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy: 0 });
  }
  if (known === undefined || known.status === "Unapproved") {
    draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  }
}

/**
 * Gives up my own opening whose fees I may have from a peer: they are in no signature, and what I would pay is hers. Once
 * the money is set aside, or locked up, they are what I agreed to.
 */
function leaveUnpriced(draft: Draft, channel: Channel): void {
  const { id: channelId, myIndex, use } = channel;
  const objectiveId = virtualFundId(channelId);
  const fund = draft.tables.objectives.get(objectiveId);
  const isPaying = use.type === "Virtual" && use.fees.some((fee) => fee > 0n) && myIndex === 0;
  const isAgreed = ownLedgers(draft.tables, channel).some(
    ([, ledger]) => ledgerOf(ledger).reserved.has(objectiveId) || isLocked(ledger, channelId),
  );
  if (fund === undefined || !isActive(fund) || !isPaying || isAgreed || hasPostfund(channel))
    return;
  mark("resync/fees-unproven");
  const about = { objectiveId, channelId, by: myIndex } as const;
  draft.record({ type: "ObjectiveRejected", ...about, code: "Resyncing" });
}

/** Money is set aside in my ledgers as long as the opening wants it, and it is not locked up there yet. */
function setAside(draft: Draft, channel: Channel): void {
  const { fundingOutcome, id, myIndex, use } = channel;
  const objectiveId = virtualFundId(id);
  const fund = draft.tables.objectives.get(objectiveId);
  const fees = use.type === "Virtual" ? use.fees : [];
  const isWanted = fund !== undefined && isActive(fund);
  for (const [side, ledger] of ownLedgers(draft.tables, channel)) {
    const about = { channelId: ledger.id, objectiveId };
    const isReserved = ledgerOf(ledger).reserved.has(objectiveId);
    const isNeeded = isWanted && !isLocked(ledger, id);
    if (isReserved && !isNeeded) draft.record({ type: "CapacityReleased", ...about });
    if (isNeeded && !isReserved) {
      mark("resync/money-set-aside-again");
      const amounts =
        side === "left"
          ? amountsOnLeft(fundingOutcome)
          : amountsOnRight(fundingOutcome, fees, myIndex);
      draft.record({ type: "CapacityReserved", ...about, amounts });
    }
  }
}

/** Frees in a ledger channel what is set aside for an opening that is over, lost, or funded already. */
function freeReserved(draft: Draft, ledger: Channel): void {
  const { id: channelId } = ledger;
  for (const objectiveId of ledgerOf(ledger).reserved.keys()) {
    const target = targetOf(objectiveId);
    if (target === undefined) continue;
    const fund = draft.tables.objectives.get(objectiveId);
    const channel = draft.tables.channels.get(target);
    const isOurs =
      channel?.use.type === "Virtual" &&
      ownLedgers(draft.tables, channel).some(([, { id }]) => id === channelId);
    const isOpen = fund !== undefined && isActive(fund);
    const isWanted = isOpen && isOurs && !isLocked(ledger, target);
    if (!isWanted) draft.record({ type: "CapacityReleased", channelId, objectiveId });
  }
}

function isLocked(ledger: Channel, target: ChannelId): boolean {
  return (
    supportsTurn(ledger, TURN.postfund) &&
    includesGuarantee(supportedState(ledger).variablePart.outcome, target)
  );
}
