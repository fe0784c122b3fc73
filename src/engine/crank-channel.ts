/** Cranks every open objective of a channel until none can go on by itself. */

import { type Channel, isInDispute, phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { isEndOvertaken, isFinalOnChain } from "../channel/holdings.ts";
import { disputeId, type ObjectiveId } from "../channel/objective-id.ts";
import { successorIdOf } from "../channel/successor.ts";
import type { NodeEvent } from "../events/event.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { crank as crankDirectDefund, type DirectDefundWait } from "../protocols/direct-defund.ts";
import { crank as crankDirectFund, type DirectFundWait } from "../protocols/direct-fund.ts";
import {
  crank as crankDisputeAlone,
  type DisputeWait,
  targetsOnChain,
} from "../protocols/dispute.ts";
import { isFreed, isOutOfReach, lacksLedger, virtualUseOf } from "../protocols/guarantees.ts";
import type { Objective } from "../protocols/objective.ts";
import type { Context, Step } from "../protocols/protocol.ts";
import type { Subject } from "../protocols/subject.ts";
import { crank as crankTopUp, type TopUpWait } from "../protocols/top-up.ts";
import { crank as crankUpdate, type UpdateWait } from "../protocols/update.ts";
import {
  crank as crankVirtualDefund,
  type VirtualDefundWait,
} from "../protocols/virtual-defund.ts";
import { crank as crankVirtualFund, type VirtualFundWait } from "../protocols/virtual-fund.ts";
import { crank as crankWithdrawal, type WithdrawalWait } from "../protocols/withdrawal.ts";
import { appendMessages } from "./append-messages.ts";
import { crankLedger } from "./crank-ledger.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK, type NodeTables } from "./node-state.ts";
import { settleDoubt } from "./settle-doubt.ts";

/** Everything that an objective can wait for. */
export type WaitingFor =
  | DirectFundWait
  | DirectDefundWait
  | UpdateWait
  | VirtualFundWait
  | VirtualDefundWait
  | TopUpWait
  | WithdrawalWait
  | DisputeWait
  | "Approval"
  /** Another participant has yet to tell what it holds: see `fence.ts`. */
  | "Resync"
  | "Nothing";

/**
 * Rounds after which a crank that still finds something to do will never end: 10,000. Each objective
 * climbs a few rungs and then rests, and a channel has far fewer of them open.
 */
const ROUNDS_MAX = 10_000;

/**
 * Cranks a channel, and then those that what it did concerns: a ledger channel that is to change, a virtual
 * channel whose ledger channel has changed.
 */
export function crankChannel(draft: Draft, channelId: ChannelId, context: Context): void {
  crankChannels(draft, [channelId], context);
}

/** The same for several, in their order: what the first ones agree to, the last ones already know. */
export function crankChannels(
  draft: Draft,
  channelIds: readonly ChannelId[],
  context: Context,
): void {
  const waiting = new Set(channelIds);
  let rounds = 0;
  for (const next of waiting) {
    rounds += 1;
    assert(rounds <= ROUNDS_MAX + channelIds.length, "a crank comes to rest");
    waiting.delete(next);
    for (const concerned of crankAlone(draft, next, context)) {
      if (concerned !== next) waiting.add(concerned);
    }
  }
}

/** Other channels that have something to do because of an event. */
function concernedBy(tables: NodeTables, event: NodeEvent): readonly ChannelId[] {
  switch (event.type) {
    case "GuaranteeReclaimed":
      return [event.target];
    case "ProposalAgreed":
    case "ProposalWithdrawn":
    case "CapacityReleased":
      return [event.channelId];
    case "ProposalSigned":
      return event.changes.flatMap(
        ({ objectiveId }) => tables.objectives.get(objectiveId)?.channelId ?? [],
      );
    case "SupportedStateAdvanced": {
      const settled = tables.channels.get(event.channelId)?.ledger?.settled ?? [];
      const objectives = settled.map((id) => tables.objectives.get(id));
      return objectives.flatMap((objective) => objective?.channelId ?? []);
    }
    default:
      return [];
  }
}

/**
 * Cranks until a whole round adds nothing. What one objective records, the next one sees. While the channel
 * is held nothing is cranked: whatever follows would rest on a state that may be an old one. Returns the channels
 * that it concerns, looked up after each round: a ledger remembers only what its last state has settled.
 */
function crankAlone(draft: Draft, channelId: ChannelId, context: Context): ReadonlySet<ChannelId> {
  const concerned = new Set<ChannelId>();
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return concerned;
  const isHeld = draft.isHeld(channel);
  if (!isHeld && lacksLedger(channel)) {
    mark("resync/ledger-yet-to-be-named");
    settleDoubt(draft, channelId);
    return concerned;
  }
  let before: number;
  let rounds = 0;
  do {
    before = draft.events.length;
    rounds += 1;
    assert(rounds <= ROUNDS_MAX, "a crank comes to rest");
    if (isHeld) crankHeld(draft, channelId, context);
    else crankAll(draft, channelId, context);
    appendMessages(draft, channelId);
    for (const event of draft.events.slice(before)) {
      for (const other of concernedBy(draft.tables, event)) concerned.add(other);
    }
  } while (draft.events.length > before);
  return concerned;
}

function crankAll(draft: Draft, channelId: ChannelId, context: Context): void {
  const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  for (const objectiveId of open) {
    settleDoubt(draft, channelId);
    crankOne(draft, objectiveId, context);
  }
  settleDoubt(draft, channelId);
  crankLedger(draft, channelId, context);
  settleDoubt(draft, channelId);
}

/** What waits for nobody: a dispute, and what follows from what the chain has made final. */
function crankHeld(draft: Draft, channelId: ChannelId, context: Context): void {
  const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
  crankDispute(draft, channel, context);
  if (lacksLedger(channel)) return;
  // Where this log may have lost its end, others tell first what it lost, unless nothing can come of it any more.
  const isKnown = !draft.isDoubted(channel);
  if (isKnown && isFinalOnChain(channel)) mark("virtual/ended-while-held");
  const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  for (const objectiveId of open) {
    const subject = subjectOf(draft.tables, objectiveId);
    const isEnding = endsByChain(subject) && (isKnown || isOutOfReach(subject));
    if (isEnding || (isKnown && isAllDone(subject))) crankOne(draft, objectiveId, context);
  }
}

/** True for a virtual channel that all have ended, and that no ledger funds any more. */
function isAllDone(subject: Subject): boolean {
  const { channel, objective } = subject;
  if (objective.goal.type !== "VirtualDefund" || phaseOf(channel) !== "Finalized") return false;
  return isFreed(subject) ? marked("virtual/freed-while-held", true) : false;
}

/** True for what asks nobody for a signature in a channel that the chain has made final. */
function endsByChain({ channel, objective: { goal } }: Subject): boolean {
  if (!isFinalOnChain(channel)) return false;
  // A payout may be seen only after a start, and the others may never come back.
  const isClosing = goal.type === "DirectDefund" || goal.type === "VirtualDefund";
  return isClosing || (goal.type === "Withdrawal" && channel.finalSignedByMe);
}

/**
 * A dispute waits for nobody: peers may be silent for ever. Only where this log may have lost its end no old
 * state is shown by its own will; one that somebody else challenges with is answered all the same.
 */
function crankDispute(draft: Draft, channel: Channel, context: Context): void {
  const objectiveId = disputeId(channel.id);
  const isOpen = draft.tables.objectives.get(objectiveId)?.status === "Approved";
  if (!isOpen || (draft.isDoubted(channel) && channel.adjudication.type === "Open")) return;
  if (draft.isDoubted(channel)) mark("dispute/answered-in-doubt");
  crankOne(draft, objectiveId, context);
}

/** What an objective waits for at this moment. */
export function waitingFor(subject: Subject, context: Context): WaitingFor {
  if (subject.objective.status === "Unapproved") return "Approval";
  if (lacksLedger(subject.channel)) return "Resync";
  return subject.objective.status === "Approved" ? crank(subject, context).waitingFor : "Nothing";
}

/** Objectives and channels that can be looked up, whoever may change them. */
export type SubjectTables = ChannelsById & {
  readonly objectives: Pick<ReadonlyMap<ObjectiveId, Objective>, "get">;
};

/** An objective and its channel, as the tables have them. */
export function subjectOf(tables: SubjectTables, objectiveId: ObjectiveId): Subject {
  const objective = assertDefined(tables.objectives.get(objectiveId), "the objective");
  const channel = assertDefined(tables.channels.get(objective.channelId), "its channel");
  if (objective.goal.type === "Withdrawal") {
    const successor = tables.channels.get(successorIdOf(channel, objective.goal.nonce));
    return { objective, channel, ...(successor === undefined ? {} : { successor }) };
  }
  if (objective.goal.type === "Dispute") {
    const targets = targetsOnChain(channel).flatMap((id) => tables.channels.get(id) ?? []);
    return { objective, channel, targets };
  }
  if (channel.use.type !== "Virtual") return { objective, channel };
  const { left, right } = virtualUseOf(channel);
  const subject: { -readonly [Name in keyof Subject]: Subject[Name] } = { objective, channel };
  if (left !== undefined) subject.left = currentLedger(tables, left);
  if (right !== undefined) subject.right = currentLedger(tables, right);
  return subject;
}

/** Channels that can be looked up. */
type ChannelsById = { readonly channels: Pick<ReadonlyMap<ChannelId, Channel>, "get"> };

/** The ledger channel, or the one that went on with its guarantees. None did where the chain has ended it otherwise. */
export function currentLedger(tables: ChannelsById, ledgerId: ChannelId): Channel {
  const ledger = assertDefined(tables.channels.get(ledgerId), "a ledger channel");
  const successor = ledger.ledger?.successor;
  const isLast = successor === undefined || isEndOvertaken(ledger);
  return isLast ? ledger : currentLedger(tables, successor);
}

/** The same for an id that somebody named: undefined when there is no such channel. */
export function findCurrentLedger(tables: ChannelsById, ledgerId: ChannelId): Channel | undefined {
  const named = tables.channels.get(ledgerId);
  return named && currentLedger(tables, named.id);
}

function crankOne(draft: Draft, objectiveId: ObjectiveId, context: Context): void {
  const subject = subjectOf(draft.tables, objectiveId);
  if (subject.objective.status !== "Approved" || isOverdue(subject)) return;
  const step = crank(subject, context);
  draft.record(...step.events);
  draft.request(...step.effects);
  const { channelId, status } = subjectOf(draft.tables, objectiveId).objective;
  if (step.waitingFor === "Nothing" && status === "Approved") {
    draft.record({ type: "ObjectiveCompleted", objectiveId, channelId });
  }
}

/** True for what needs signatures in a channel that the chain decides: it is about to be ended. */
function isOverdue({ channel, objective: { goal } }: Subject): boolean {
  const isClosing = goal.type === "DirectDefund" || goal.type === "VirtualDefund";
  // All is signed, and the next ledger waits for its money.
  const isLeaving = goal.type === "Withdrawal" && channel.finalSignedByMe;
  const isDecided = isInDispute(channel) && !channel.concluded;
  return isDecided && !isClosing && !isLeaving && goal.type !== "Dispute";
}

function crank(subject: Subject, context: Context): Step<WaitingFor> {
  switch (subject.objective.goal.type) {
    case "DirectFund":
      return crankDirectFund(subject, context);
    case "DirectDefund":
      return crankDirectDefund(subject, context);
    case "Update":
      return crankUpdate(subject, context);
    case "VirtualFund":
      return crankVirtualFund(subject, context);
    case "VirtualDefund":
      return crankVirtualDefund(subject, context);
    case "TopUp":
      return crankTopUp(subject, context);
    case "Withdrawal":
      return crankWithdrawal(subject, context);
    case "Dispute":
      return crankDisputeAlone(subject, context);
  }
}
