/** When this node lets the chain decide: because its user wants it, because somebody challenges, because a peer is silent. */

import { type Channel, phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import {
  held,
  isFinalOnChain,
  isPaidOut,
  isUsedUp,
  paysMe,
  paysMyRest,
} from "../channel/holdings.ts";
import { guaranteedIn } from "../channel/ledger-outcome.ts";
import {
  disputeId,
  type ObjectiveId,
  virtualDefundId,
  virtualFundId,
} from "../channel/objective-id.ts";
import { isShaken } from "../channel/remembered-facts.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { targetsOnChain } from "../protocols/dispute.ts";
import { isApproval } from "../protocols/effects.ts";
import { isFreed, leaveLedgers, mayHold, sidesOf, virtualUseOf } from "../protocols/guarantees.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Subject } from "../protocols/subject.ts";
import { crankChannel, crankChannels, currentLedger, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { dropDepositsOf } from "./drop-deposits.ts";
import { hasPostfund } from "./give-up-virtual.ts";
import { rollOverAfterAll } from "./mend-successor.ts";
import { EMPTY_DESK, type NodeTables } from "./node-state.ts";
import { ownLedgers } from "./own-ledgers.ts";
import type { Rules } from "./rules.ts";

/** Opens a dispute because the user wants it, or says why there is nothing to decide. */
export function requestDispute(
  draft: Draft,
  channelId: ChannelId,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  // What is challenged with an old state of my own, nobody may be there to answer.
  if (draft.isDoubted(channel)) return reject({ code: "Resyncing" });
  const phase = phaseOf(channel);
  if (channel.supported === undefined || phase === "Concluded") {
    return reject({ code: "ChannelNotRunning", phase });
  }
  if (!isEnforceable(channel)) return reject({ code: "NotEnforceable" });
  if (!hasStake(draft.tables, channel)) return reject({ code: "NothingAtStake" });
  mark("dispute/wanted-by-user");
  openDispute(draft, channelId, rules);
  return accept(disputeId(channelId));
}

/**
 * Lets the chain decide about a channel, and about all that hangs on it: the virtual channels that a ledger
 * guarantees, the ledger that another one was to take over from. Does nothing where that is under way.
 */
export function openDispute(draft: Draft, channelId: ChannelId, rules: Rules): void {
  const opened = beginAll(draft, channelId);
  const concerned = opened.flatMap((id) => {
    const channel = draft.tables.channels.get(id);
    return channel === undefined ? [] : concernedLedgers(draft.tables, channel);
  });
  crankChannels(draft, [...new Set(concerned)], rules.context);
}

function beginAll(draft: Draft, first: ChannelId): readonly ChannelId[] {
  const waiting = new Set([first]);
  const opened: ChannelId[] = [];
  for (const channelId of waiting) {
    const channel = draft.tables.channels.get(channelId);
    if (channel === undefined) continue;
    if (mayDispute(draft.tables, channel)) {
      if (channelId !== first) mark("dispute/drags-another-channel-along");
      begin(draft, channel);
      opened.push(channelId);
    } else if (!isUnderWay(draft.tables, channelId)) continue;
    // The chain may have come to a state that only the peer had whole: other channels hang on it.
    for (const other of hangingOn(channel)) waiting.add(other);
  }
  return opened;
}

function isUnderWay({ objectives }: NodeTables, channelId: ChannelId): boolean {
  const known = objectives.get(disputeId(channelId));
  return known !== undefined && isActive(known);
}

function hangingOn(channel: Channel): readonly ChannelId[] {
  if (channel.ledger === undefined) return [];
  const { predecessor } = channel.ledger;
  const outcome = channel.supported?.variablePart.outcome ?? [];
  const targets = isFinalOnChain(channel) ? targetsOnChain(channel) : guaranteedIn(outcome);
  return predecessor === undefined ? targets : [...targets, predecessor];
}

function mayDispute(tables: NodeTables, channel: Channel): boolean {
  const isDone = channel.use.type === "Virtual" ? isFinalOnChain(channel) : isPaidOut(channel);
  const isOpen = !isUnderWay(tables, channel.id) && !isDone;
  return isOpen && channel.supported !== undefined && isEnforceable(channel);
}

/** In the go-nitro profile no app supports a state of a virtual channel, and no guarantee can be reclaimed. */
function isEnforceable({ ledger, supported, use }: Channel): boolean {
  if (use.type === "Virtual") return use.profile === "enforceable";
  if (ledger?.profile !== "go-nitro") return true;
  return guaranteedIn(supported?.variablePart.outcome ?? []).length === 0;
}

function begin(draft: Draft, channel: Channel): void {
  const { id: channelId, myIndex: openedBy } = channel;
  endUnsigned(draft, channel);
  const objectiveId = disputeId(channelId);
  draft.record(
    { type: "ObjectiveCreated", objectiveId, channelId, goal: { type: "Dispute" }, openedBy },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
}

/** Whatever needs another signature in the channel is over; what closes it goes on by what the chain says. */
function endUnsigned(draft: Draft, { id: channelId, myIndex }: Channel): void {
  const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  for (const objectiveId of open) endWithout(draft, objectiveId, myIndex);
}

function endWithout(draft: Draft, objectiveId: ObjectiveId, by: number): void {
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective === undefined) return;
  const { channelId } = objective;
  // Whoever has my signature on the end of a ledger can show it: then the next one goes on with the money.
  const channel = draft.tables.channels.get(channelId);
  const isEnding = channel?.finalSignedByMe === true || channel?.concluded === true;
  if (isClosing(objective) || (isEnding && objective.goal.type === "Withdrawal")) return;
  mark("dispute/ended-an-objective");
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code: "ChannelDisputed" });
  dropDepositsOf(draft, objective, "the chain decides about the channel");
  leaveUnopened(draft, objective);
}

/** What an opening wanted of a ledger that nobody disputes is not wanted there any more. */
function leaveUnopened(draft: Draft, { goal, id }: Objective): void {
  if (goal.type !== "VirtualFund") return;
  const subject = subjectOf(draft.tables, id);
  // What I have signed may be lost until all have told what they hold: then it is mended.
  if (hasPostfund(subject.channel) || draft.isHeld(subject.channel)) return;
  mark("dispute/opening-left");
  draft.record(...leaveLedgers(subject));
}

function isClosing({ goal }: Objective): boolean {
  return goal.type === "DirectDefund" || goal.type === "VirtualDefund" || goal.type === "Dispute";
}

/** True while the chain holds something for the channel, or may come to: its own money, or a guarantee. */
export function hasStake(tables: NodeTables, channel: Channel): boolean {
  const isHeld = channel.fundingOutcome.some(({ asset }) => held(channel, asset) > 0n);
  if (isHeld) return true;
  const { predecessor } = channel.ledger ?? {};
  if (predecessor !== undefined) {
    const before = tables.channels.get(predecessor);
    return before !== undefined && hasStake(tables, before);
  }
  if (channel.use.type !== "Virtual") return false;
  const { left, right } = virtualUseOf(channel);
  return [left, right].some(
    (id) => id !== undefined && mayHold(currentLedger(tables, id), channel),
  );
}

/**
 * Looks at a channel after the chain has told something about it. A challenge begins a dispute here, and so does
 * an end whose payouts nobody has made yet; a virtual channel that is final is settled in its ledgers.
 */
export function watch(draft: Draft, channelId: ChannelId, rules: Rules): void {
  const { tables } = draft;
  const channel = tables.channels.get(channelId);
  if (channel === undefined) return;
  rollOverAfterAll(draft, channel);
  if (channel.adjudication.type === "Open") {
    // The chain has ended a ledger, perhaps with a state that does not guarantee it.
    if (channel.use.type === "Virtual") crankChannel(draft, channelId, rules.context);
    return;
  }
  const isFinal = isFinalOnChain(channel);
  if (channel.use.type === "Virtual" && isFinal) {
    // Who was away for the whole dispute has begun none: what she left half signed ends here.
    endUnsigned(draft, channel);
    settle(draft, channel);
  } else if (hasStake(tables, channel) && !isLeftover(tables, channel)) {
    joinDispute(draft, channel, rules);
  } else if (isFinal && (!channel.concluded || isUsedUp(channel))) {
    // An old backup may have forgotten all that came behind what it waits for.
    endUnsigned(draft, channel);
  }
  crankChannels(draft, concernedLedgers(tables, channel), rules.context);
}

function joinDispute(draft: Draft, channel: Channel, rules: Rules): void {
  const { adjudication, concluded, id } = channel;
  if (adjudication.type === "Challenged") mark("dispute/joined-by-challenge");
  openDispute(draft, id, rules);
  // The chain has ended it with nothing for me, before I knew of it: there is nothing to dispute any more.
  const isLost = adjudication.type === "Final" && !concluded && !isUnderWay(draft.tables, id);
  if (isLost) endUnsigned(draft, channel);
}

/**
 * True for a little that came in after the dispute was over: a stranger could have it paid out again and again, and
 * this node pay the gas. Whoever wants it all the same can ask for a dispute.
 */
function isLeftover({ objectives }: NodeTables, channel: Channel): boolean {
  const isOver = objectives.get(disputeId(channel.id))?.status === "Completed";
  const isRest = isOver && isFinalOnChain(channel) && !paysMyRest(channel);
  return isRest ? marked("dispute/leftover-left-alone", true) : false;
}

/** Closes a virtual channel by what the chain says, where nobody has asked to close it yet. */
export function settle(
  draft: Draft,
  { id: channelId, myIndex }: Channel,
  openedBy: number = myIndex,
): void {
  const objectiveId = virtualDefundId(channelId);
  if (draft.tables.objectives.get(objectiveId) !== undefined) return;
  mark("virtual/settled-by-chain");
  draft.record(
    { type: "ObjectiveCreated", objectiveId, channelId, goal: { type: "VirtualDefund" }, openedBy },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
}

/**
 * The virtual channel itself first: what it agrees to, its ledgers then know. Where a ledger has taken another
 * one's place, the chain may have its guarantee in either.
 */
function concernedLedgers(tables: NodeTables, channel: Channel): readonly ChannelId[] {
  if (channel.use.type !== "Virtual") return [channel.id];
  const { left, right } = virtualUseOf(channel);
  const named = [left, right].filter((id) => id !== undefined);
  const current = ownLedgers(tables, channel).map(([, { id }]) => id);
  return [...new Set([channel.id, ...named, ...current])];
}

/**
 * An objective has waited for others for too long. What they have to sign is left to the chain: the channel
 * itself first, and then the ledger whose peer does not let its guarantee go.
 */
export function disputeOverdue(draft: Draft, objectiveId: ObjectiveId, rules: Rules): void {
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective === undefined || !isActive(objective)) return;
  const subject = subjectOf(draft.tables, objectiveId);
  const { channel } = subject;
  if (draft.isDoubted(channel)) {
    mark("dispute/put-off-by-doubt");
    return;
  }
  switch (objective.goal.type) {
    case "DirectFund":
      if (paysMe(channel)) disputeIfAtStake(draft, channel, rules);
      else leaveOpening(draft, subject);
      return;
    case "DirectDefund":
    case "TopUp":
      disputeIfAtStake(draft, channel, rules);
      return;
    case "Withdrawal":
      // While it is under way nothing else is signed in the ledger.
      if (isPaidUnshown(channel)) complete(draft, subject);
      else disputeIfAtStake(draft, channel, rules);
      return;
    case "VirtualFund":
      // Whoever has signed the postfund cannot leave by herself.
      if (hasPostfund(channel)) mark("dispute/opening-overdue");
      if (hasPostfund(channel)) disputeIfAtStake(draft, channel, rules);
      return;
    case "VirtualDefund":
      disputeUnfreed(draft, subject, rules);
      return;
    case "Update":
    case "Dispute":
      return;
  }
}

/**
 * Gives up an opening that holds nothing of mine and never will: whoever has put something in, leaves it to the chain.
 * Nobody is told, since each has a deadline of her own. Where others come to have it open all the same, it works.
 */
function leaveOpening(draft: Draft, { channel, objective }: Subject): void {
  if (isPaying(draft, objective)) return;
  mark("direct-fund/left-before-deposit");
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code: "TimedOut" });
  dropDepositsOf(draft, objective, "the opening is given up");
}

/** A deposit that nobody has signed yet, as after a start without an answer of the others, need never be made. */
function isPaying({ tables }: Draft, { transactions }: Objective): boolean {
  return [...transactions].some(([id, status]) => {
    if (status === "Failed" || isApproval(id)) return false;
    return status !== "Requested" || tables.transactions.get(id)?.raw !== undefined;
  });
}

/** The channel where it has no end yet; else the ledgers that still guarantee it. */
function disputeUnfreed(draft: Draft, subject: Subject, rules: Rules): void {
  const { channel } = subject;
  if (phaseOf(channel) !== "Finalized" && !isFinalOnChain(channel)) {
    if (isLeft(draft, subject)) complete(draft, subject);
    else disputeIfAtStake(draft, channel, rules);
    return;
  }
  for (const [, ledger] of sidesOf(subject)) {
    if (mayHold(ledger, channel)) mark("dispute/guarantee-not-let-go");
    if (mayHold(ledger, channel)) disputeIfAtStake(draft, ledger, rules);
  }
}

/**
 * True for an opening that was given up, of which no own ledger holds anything, nor ever will: nothing is left to share.
 * Who wants my signature for the end all the same has had her time.
 */
function isLeft({ tables }: Draft, subject: Subject): boolean {
  const opening = tables.objectives.get(virtualFundId(subject.channel.id));
  const isFree = opening?.status === "Rejected" && isFreed(subject);
  return isFree ? marked("virtual/end-left-unsigned", true) : false;
}

/**
 * All have signed the end of the ledger, since the chain has paid by it; how it goes on, a peer may withhold. Where that is
 * known, what the chain holds of the next one is still to be read.
 */
function isPaidUnshown(channel: Channel): boolean {
  const isKnown = channel.ledger?.successor !== undefined;
  const isPaid = channel.concluded && isUsedUp(channel) && !isKnown;
  return isPaid ? marked("withdrawal/paid-and-not-shown", true) : false;
}

function complete(draft: Draft, { channel, objective }: Subject): void {
  const about = { objectiveId: objective.id, channelId: channel.id } as const;
  draft.record({ type: "ObjectiveCompleted", ...about });
}

/** A ledger whose peer has signed nothing for too long, though something is to be signed; or money that is gone. */
export function disputeStuck(draft: Draft, channelId: ChannelId, rules: Rules): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || draft.isDoubted(channel)) return;
  const { agreed, waiting } = channel.ledger ?? { agreed: new Map(), waiting: new Map() };
  const isStuck = agreed.size > 0 || waiting.size > 0 || isShaken(channel);
  if (isStuck) mark("dispute/ledger-stuck");
  if (isStuck) disputeIfAtStake(draft, channel, rules);
}

function disputeIfAtStake(draft: Draft, channel: Channel, rules: Rules): void {
  if (hasStake(draft.tables, channel)) mark("dispute/begun-by-policy");
  if (hasStake(draft.tables, channel)) openDispute(draft, channel.id, rules);
}
