/**
 * Withdrawal: part of a running ledger channel's money is paid out, and its virtual channels go on.
 *
 *     the ledger comes to rest -> both sign a new ledger with the same guarantees and what is left
 *         -> both sign the old one's final state: the rest to the new one first, then the withdrawals
 *         -> one concludeAndTransferAllAssets -> the new one's holdings are read
 *
 * Nobody signs the final state before she holds the other one's signatures on the new ledger: from then on
 * both ends of the old one are worth the same to her, whoever falls silent. Source: ADR 0022.
 */

import {
  type Channel,
  type ChannelEvent,
  createChannel,
  isInDispute,
  ledgerOf,
  nextTurn,
  phaseOf,
  stateAt,
  supportedState,
  supportsTurn,
} from "../channel/channel.ts";
import { coversOpening, isEndOvertaken, isFinalOnChain, isPaidOut } from "../channel/holdings.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import { guaranteeCount } from "../channel/ledger-outcome.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import {
  payoutOutcome,
  successorFixedPart,
  successorIdOf,
  successorOutcome,
  type WithdrawalRejection,
} from "../channel/successor.ts";
import type { Message } from "../messages/message.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { concludeOnce } from "./direct-defund.ts";
import type { Goal, Objective } from "./objective.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import {
  checkIncoming,
  type ReceivedState,
  receiveState,
  signQuietly,
  signState,
  toOthers,
} from "./signing.ts";
import { evolveOneChannel, type ProtocolEvent, type Subject } from "./subject.ts";

/** What a withdrawal can wait for. */
export type WithdrawalWait =
  | "LedgerAtRest"
  | "SuccessorSigned"
  | "FinalStateComplete"
  | "Withdrawn"
  | "SuccessorFunded";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<WithdrawalWait>[] = [
  { waitingFor: "LedgerAtRest", act: setAside, until: isAtRest },
  { waitingFor: "SuccessorSigned", act: signSuccessor, until: isSuccessorSigned },
  { waitingFor: "FinalStateComplete", act: signFinal, until: isFinalized },
  { waitingFor: "Withdrawn", act: rollOver, until: ({ channel }) => isPaidOut(channel) },
  { waitingFor: "SuccessorFunded", act: () => nothing, until: isSuccessorFunded },
];

/** Climbs as far as it can. See `protocol.ts`. */
export function crank(subject: Subject, context: Context): Step<WithdrawalWait> {
  return isEndOvertaken(subject.channel) ? overtaken(subject) : climb(ladder, subject, context);
}

/** The chain has paid everybody by an older state, and the channel that was to go on has nothing. */
function overtaken({ channel, objective }: Subject): Step<WithdrawalWait> {
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  mark("withdrawal/end-overtaken");
  return {
    events: [{ type: "ObjectiveRejected", objectiveId, channelId, by, code: "ChannelDisputed" }],
    effects: [],
    waitingFor: "Nothing",
  };
}

/** What a withdrawal is to pay, and the nonce of the channel that goes on. */
export function withdrawalGoal({ goal }: Objective): Goal & { readonly type: "Withdrawal" } {
  assert(goal.type === "Withdrawal", "the objective is a withdrawal");
  return goal;
}

/** The opening outcome of the channel that goes on, were the newest supported state the last one. */
export function nextOutcome({ channel, objective }: Subject): Result<Outcome, WithdrawalRejection> {
  const { outcome } = supportedState(channel).variablePart;
  return successorOutcome(ledgerOf(channel).profile, outcome, withdrawalGoal(objective).amounts);
}

/** The channel that goes on, as the log first knows it. */
export function successorCreated(
  { channel, objective }: Subject,
  outcome: Outcome,
): ChannelEvent & { readonly type: "ChannelCreated" } {
  const { nonce } = withdrawalGoal(objective);
  const { appData } = supportedState(channel).variablePart;
  return {
    type: "ChannelCreated",
    channelId: successorIdOf(channel, nonce),
    fixedPart: successorFixedPart(channel, nonce),
    myIndex: channel.myIndex,
    outcome,
    appData,
    use: channel.use,
  };
}

/** Takes a signature on the final state: the leader's first. It must pay exactly what both agreed to. */
export function decide(
  subject: Subject,
  received: ReceivedState,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const { channel, successor } = subject;
  const { by, variablePart } = received;
  const checked = checkIncoming(channel, variablePart);
  if (!checked.ok) return checked;
  const { turnNum } = variablePart;
  const isNew = stateAt(channel, turnNum) === undefined;
  if (isNew) {
    const phase = phaseOf(channel);
    if (channel.finalSignedByMe) return reject({ code: "ChannelNotRunning", phase });
    if (by !== LEADER) return reject({ code: "NotTheMover", turnNum });
    const expected = nextTurn(channel);
    if (!mayEnd(channel, turnNum)) return reject({ code: "TurnOutOfOrder", turnNum, expected });
    if (successor === undefined || !supportsTurn(successor, TURN.postfund)) {
      return reject({ code: "SuccessorUnsigned" });
    }
    if (!isPayout(subject, variablePart)) return reject({ code: "FinalOutcomeMismatch" });
  }
  return receiveState(channel, received, context);
}

/** What a signature on the channel that goes on teaches; `turnNum` is its prefund or its postfund. */
export function decideSuccessor(
  { objective, successor }: Subject,
  received: Pick<ReceivedState, "by" | "signature"> & { readonly turnNum: number },
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const channel = assertDefined(successor, "the channel that goes on");
  const { by, signature, turnNum } = received;
  const state = stateAt(channel, turnNum);
  // Both have signed a later one.
  if (state === undefined) return accept([]);
  const { variablePart } = state;
  return receiveState(channel, { objectiveId: objective.id, by, variablePart, signature }, context);
}

/**
 * An end counts at any turn above all that is signed. The leader may have signed it before she heard that I pass
 * its turn, or behind a state that I refused.
 */
function mayEnd({ mySignedTurn = -1, pending, supported }: Channel, turnNum: number): boolean {
  const known = [supported?.variablePart.turnNum ?? -1, mySignedTurn, ...pending.keys()];
  return known.every((one) => one < turnNum);
}

function isPayout(subject: Subject, { appData, isFinal, outcome }: VariablePart): boolean {
  const supported = supportedState(subject.channel).variablePart;
  const isOfAll = isFinal && appData === supported.appData;
  return isOfAll && isSameOutcome(outcome, finalOutcome(subject));
}

function finalOutcome({ channel, objective }: Subject): Outcome {
  const { outcome } = supportedState(channel).variablePart;
  const { amounts, nonce } = withdrawalGoal(objective);
  const { profile } = ledgerOf(channel);
  return payoutOutcome(profile, outcome, amounts, successorIdOf(channel, nonce));
}

function isRolledOver({ channel }: Subject): boolean {
  return ledgerOf(channel).successor !== undefined;
}

/** Sets my part aside, which also keeps new states of the ledger back; whoever opened it asks the other one. */
function setAside(subject: Subject): Action {
  const { channel, objective, successor } = subject;
  const { channelId, id: objectiveId, openedBy } = objective;
  const { reserved, successor: next } = ledgerOf(channel);
  if (next !== undefined || successor !== undefined) return nothing;
  // The other one closes the whole ledger, and had not heard of this.
  if (phaseOf(channel) !== "Running") return giveUp(subject, "ChannelNotRunning");
  if (reserved.has(objectiveId)) return nothing;
  const { amounts, nonce } = withdrawalGoal(objective);
  const mine = amounts.flatMap(({ asset, follower, leader }): ReservedAmount[] => {
    const amount = channel.myIndex === LEADER ? leader : follower;
    return amount === 0n ? [] : [{ asset, amount }];
  });
  const request: Message = { type: "WithdrawalRequest", objectiveId, channelId, nonce, amounts };
  return {
    events: [{ type: "CapacityReserved", channelId, objectiveId, amounts: mine }],
    effects: openedBy === channel.myIndex ? toOthers(channel, request) : [],
  };
}

/** The leader orders the states, and knows when none is under way. The follower hears of it from her. */
function isAtRest({ channel, successor }: Subject): boolean {
  const { successor: next, waiting } = ledgerOf(channel);
  const isKnown = next !== undefined || successor !== undefined;
  return isKnown || (channel.myIndex === LEADER && waiting.size === 0);
}

function signSuccessor(subject: Subject, context: Context): Action {
  if (isRolledOver(subject)) return nothing;
  const { channel, successor } = subject;
  if (successor !== undefined) {
    const isSigned = (successor.mySignedTurn ?? -1) >= TURN.postfund;
    return isSigned || channel.myIndex !== FOLLOWER ? nothing : signBoth(subject, [], context);
  }
  if (channel.myIndex !== LEADER) return nothing;
  const outcome = nextOutcome(subject);
  if (!outcome.ok) return giveUp(subject, outcome.reason.code);
  const created = successorCreated(subject, outcome.value);
  return signBoth({ ...subject, successor: createChannel(created) }, [created], context);
}

/** Signs prefund and postfund of the channel that goes on. Without money neither promises anything. */
function signBoth(
  { channel, objective, successor }: Subject,
  before: readonly ProtocolEvent[],
  context: Context,
): Action {
  const { channelId, id: objectiveId } = objective;
  const events = [...before];
  let next = assertDefined(successor, "the channel that goes on");
  const signatures = [TURN.prefund, TURN.postfund].map((turnNum) => {
    const { signatures: known, variablePart } = assertDefined(
      stateAt(next, turnNum),
      "an opening state",
    );
    // A log may have been cut between the two.
    const mine = known[channel.myIndex];
    if (mine !== undefined) return marked("withdrawal/cut-between-signatures", mine);
    const signed = signQuietly({ channel: next, objective }, variablePart, context);
    events.push(...signed);
    next = signed.reduce((one, event) => evolveOneChannel(one, event) ?? one, next);
    const [own] = signed;
    assert(own?.type === "StateSigned", "the first fact is my signature");
    return own.signature;
  });
  const baseTurnNum = supportedState(channel).variablePart.turnNum;
  const message: Message = {
    type: "SuccessorSignatures",
    objectiveId,
    channelId,
    baseTurnNum,
    signatures,
  };
  return { events, effects: toOthers(channel, message) };
}

/** The other end may know of it, and is told. */
function giveUp({ channel, objective }: Subject, code: string): Action {
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  mark("withdrawal/given-up");
  return {
    events: [
      { type: "ObjectiveRejected", objectiveId, channelId, by, code },
      { type: "CapacityReleased", channelId, objectiveId },
    ],
    effects: toOthers(channel, { type: "ObjectiveRejection", objectiveId, channelId, code }),
  };
}

function isSuccessorSigned(subject: Subject): boolean {
  const { successor } = subject;
  return successor !== undefined && supportsTurn(successor, TURN.postfund);
}

function signFinal(subject: Subject, context: Context): Action {
  const { channel } = subject;
  if (isFinalOnChain(channel) && !isFinalized(subject)) return giveUp(subject, "ChannelDisputed");
  if (channel.finalSignedByMe || isFinalized(subject)) return nothing;
  if (channel.myIndex === LEADER) {
    const { appData } = supportedState(channel).variablePart;
    const outcome = finalOutcome(subject);
    const turnNum = nextTurn(channel);
    return signState(subject, { outcome, appData, turnNum, isFinal: true }, context);
  }
  const proposed = [...channel.pending.values()].find(({ variablePart }) => variablePart.isFinal);
  return proposed === undefined ? nothing : signState(subject, proposed.variablePart, context);
}

/** By all signatures, or because the chain was shown the one final state that I have signed. */
function isFinalized({ channel }: Subject): boolean {
  const { finalSignedByMe, supported } = channel;
  return supported?.variablePart.isFinal === true || (isEndOnChain(channel) && finalSignedByMe);
}

/**
 * True once the chain was shown the final state: by a conclude, or as what a challenge shows. A payout of all
 * clears the record, and then a challenge with an older state may stand there: it has nothing left to pay.
 */
function isEndOnChain(channel: Channel): boolean {
  const { adjudication, concluded } = channel;
  if (concluded) return true;
  if (adjudication.type !== "Final") return false;
  const { turnNum } = adjudication;
  return turnNum === undefined || stateAt(channel, turnNum)?.variablePart.isFinal === true;
}

/** What was agreed, and what is set aside, goes over to the new ledger; the leader has the old one paid out. */
function rollOver(subject: Subject): Action {
  const { channel, objective, successor } = subject;
  const events = isRolledOver(subject)
    ? []
    : handOver(channel, objective, assertDefined(successor, "the channel that goes on"));
  // What the chain decides is paid out by the dispute.
  const isMine = channel.myIndex === LEADER && !isInDispute(channel);
  if (isInDispute(channel)) mark("withdrawal/paid-by-dispute");
  return { events, effects: isMine ? concludeOnce(subject) : [] };
}

function handOver(channel: Channel, objective: Objective, { id }: Channel): ProtocolEvent[] {
  const { agreed, reserved } = ledgerOf(channel);
  const both = { predecessor: channel.id, successor: id };
  const { outcome } = supportedState(channel).variablePart;
  if (guaranteeCount(outcome) > 0) mark("withdrawal/beside-virtual-channels");
  const kept = [...reserved].filter(([objectiveId]) => objectiveId !== objective.id);
  // Who was refused a guarantee opens nothing with it any more. A removal may be granted yet.
  const wanted = [...agreed.values()].filter(
    ({ isBlocked, proposal }) => !(isBlocked && proposal.type === "Add"),
  );
  if (kept.length + wanted.length > 0) mark("withdrawal/promises-handed-over");
  return [
    { type: "LedgerRolledOver", channelId: channel.id, ...both },
    { type: "LedgerRolledOver", channelId: id, ...both },
    ...kept.map(([objectiveId, amounts]): ProtocolEvent => {
      return { type: "CapacityReserved", channelId: id, objectiveId, amounts };
    }),
    ...wanted.map(({ objectiveId, proposal }): ProtocolEvent => {
      return { type: "ProposalAgreed", channelId: id, objectiveId, proposal };
    }),
  ];
}

/**
 * Nothing on the chain tells the new channel that it was paid: its holdings are asked for. Who hears of both payouts at
 * once, as after a time without the chain, finds nothing there any more.
 */
function isSuccessorFunded({ successor }: Subject): boolean {
  return successor !== undefined && (coversOpening(successor) || successor.paidOut.size > 0);
}
