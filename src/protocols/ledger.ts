/**
 * The ledger channel: the leader orders its states, the follower agrees to the newest that she can.
 *
 *     what both sides agreed to -> leader signs one state with all of it -> follower signs
 *
 * Nobody signs a state that holds a change which no objective of her own agreed to. Source: ADR 0013.
 */

import { type Channel, ledgerOf, nextTurn, stateAt, supportedState } from "../channel/channel.ts";
import {
  type AgreedChange,
  applyChanges,
  FOLLOWER,
  isMadeIn,
  LEADER,
  type WaitingStep,
} from "../channel/ledger.ts";
import { guaranteeCount } from "../channel/ledger-outcome.ts";
import {
  isSameProposal,
  LEDGER_CHANGES_MAX,
  type LedgerChange,
  type LedgerStep,
  proposalKey,
} from "../channel/ledger-proposal.ts";
import { isWithdrawalId } from "../channel/objective-id.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";
import { checkVariablePart, stateHash, type VariablePart } from "../channel/state.ts";
import type { Signature } from "../crypto/signature.ts";
import type { LedgerMessage } from "../messages/message.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { type Action, type Context, nothing } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import { toOthers, withSupport } from "./signing.ts";
import type { ProtocolEvent } from "./subject.ts";

/**
 * States that the leader signs before the follower has agreed to the first of them: 2. While one is on its
 * way, the next gathers what is wanted meanwhile. Of 100 changes at once, 1, 2, 4 and 16 take 20, 30, 48 and
 * 180 signatures more than a channel's own 6 each, and no time less. Of changes that come every 3 ms over links
 * of 10 ms, an opening takes 70, 68, 64 and 60 ms, and those that come every 15 ms wait only with 1, for 8 ms.
 * And each of these states may appear on chain.
 */
export const LEDGER_WAITING_MAX = 2;

/**
 * States above the supported one at all, refused ones among them: 64. An honest leader has no more than
 * LEDGER_WAITING_MAX that were not refused, and a follower who refused all the others agrees to nothing.
 */
export const LEDGER_KNOWN_MAX = 64;
assert(LEDGER_WAITING_MAX < LEDGER_KNOWN_MAX, "refused states have room");

/**
 * Turns between a proposal and the newest one that the follower knows of: at most 64, as many as the leader
 * may have above the supported one. Of a message that was refused she keeps nothing, its turn included.
 */
export const LEDGER_TURN_STEP_MAX: number = LEDGER_KNOWN_MAX;

/** The signatures on a target's state that allow a change; empty where none are needed. */
export type EvidenceOf = (change: LedgerChange) => readonly Signature[];

/** What the follower makes of a change: she waits for more news, or says why she refuses it. */
export type ChangeVerdict = "Agreed" | "Wait" | { readonly code: string };

/** The turn that the leader builds on: the newest that the follower may still agree to. */
export function headTurn(channel: Channel): number {
  const live = [...ledgerOf(channel).waiting.values()].findLast(({ isRefused }) => !isRefused);
  return live?.turnNum ?? supportedState(channel).variablePart.turnNum;
}

/**
 * True unless turns were passed above the supported state: then one that a single peer hides may stand above
 * it, until both have signed one above them all. Source: ADR 0023.
 */
export function isFresh({ passedTurn = -1, supported }: Channel): boolean {
  return supported !== undefined && supported.variablePart.turnNum > passedTurn;
}

/** True when nothing is promised, set aside or under way: the ledger can be closed. */
export function isIdleLedger(channel: Channel): boolean {
  const { agreed, reserved, waiting } = ledgerOf(channel);
  const isQuiet = agreed.size === 0 && reserved.size === 0 && waiting.size === 0;
  return isQuiet && guaranteeCount(supportedState(channel).variablePart.outcome) === 0;
}

/**
 * As the leader: signs one state with all that was agreed to and fits. Where the follower refused a state,
 * the next one takes its place, be it without any change.
 */
export function proposeNext(channel: Channel, evidenceOf: EvidenceOf, context: Context): Action {
  const { profile, waiting } = ledgerOf(channel);
  const steps = [...waiting.values()];
  if (channel.myIndex !== LEADER || channel.finalSignedByMe) return nothing;
  if (isComingToRest(channel)) markRest(channel);
  const live = steps.filter(({ isRefused }) => !isRefused).length;
  if (live >= LEDGER_WAITING_MAX) return nothing;
  if (steps.length >= LEDGER_KNOWN_MAX) return nothing;
  const baseTurnNum = headTurn(channel);
  const base = assertDefined(stateAt(channel, baseTurnNum), "the head").variablePart;
  // The last place is for a state without any change: nobody has a reason to refuse that.
  const isLast = steps.length === LEDGER_KNOWN_MAX - 1;
  const mustWait = isLast || isComingToRest(channel);
  const changes = mustWait ? [] : nextChanges(channel, base.outcome);
  const isAllRefused =
    steps.length > 0 &&
    steps.every(({ isRefused }) => isRefused) &&
    !steps.some((one) => isSkip(one, baseTurnNum));
  const mustSkip = isAllRefused || (!isFresh(channel) && baseTurnNum <= (channel.passedTurn ?? -1));
  if (changes.length === 0 && !mustSkip) return nothing;
  const outcome = applyChanges(profile, channel.id, base.outcome, changes);
  assert(outcome.ok, "what was chosen fits");
  const turnNum = nextTurn(channel);
  const step: LedgerStep = { turnNum, baseTurnNum, changes };
  markProposal(channel, step, live);
  const { events, signature } = sign(
    channel,
    step,
    { ...base, outcome: outcome.value, turnNum },
    context,
  );
  const evidence = changes.map(evidenceOf);
  const message: LedgerMessage = {
    type: "LedgerProposal",
    channelId: channel.id,
    ...step,
    evidence,
    signature,
  };
  return { events, effects: toOthers(channel, message) };
}

function markProposal(channel: Channel, { changes }: LedgerStep, live: number): void {
  if (changes.length === 0) mark("ledger/skip-signed");
  if (changes.length > 1) mark("ledger/batch-proposed");
  if (live > 0) mark("ledger/second-state-under-way");
  if (!isFresh(channel)) mark("ledger/above-passed-turns");
}

/** True for a state that only repeats another one. Whoever refuses that refuses it every time. */
function isSkip({ baseTurnNum, changes }: WaitingStep, turnNum: number): boolean {
  return changes.length === 0 && baseTurnNum === turnNum;
}

/**
 * As the follower: agrees to the newest state that is the supported one with what I agreed to. In go-nitro's
 * profile to the oldest, if at all: its leaders go on with an objective only when its own change comes back.
 */
export function agreeToNewest(channel: Channel, context: Context): Action {
  if (channel.myIndex !== FOLLOWER || channel.finalSignedByMe) return nothing;
  const { profile, waiting } = ledgerOf(channel);
  const steps = [...waiting.values()];
  const candidates = profile === "go-nitro" ? steps.slice(0, 1) : steps;
  const step = candidates.findLast((one) => !one.isRefused && isAcceptable(channel, one));
  if (step === undefined) return nothing;
  if (steps.some((one) => !one.isRefused && one.turnNum < step.turnNum))
    mark("ledger/agreed-to-several-at-once");
  const { variablePart } = assertDefined(stateAt(channel, step.turnNum), "the proposed state");
  const { baseTurnNum, changes, turnNum } = step;
  const { events, signature } = sign(
    channel,
    { turnNum, baseTurnNum, changes },
    variablePart,
    context,
  );
  const message: LedgerMessage = {
    type: "LedgerCountersignature",
    channelId: channel.id,
    turnNum,
    signature,
  };
  return { events, effects: toOthers(channel, message) };
}

/**
 * As the follower: refuses the oldest state that I will never agree to, and all that is built on it. In the
 * go-nitro profile nothing is refused: there is no message for it, and the state waits.
 */
export function refuseOldest(
  channel: Channel,
  judge: (change: LedgerChange) => ChangeVerdict,
): Action {
  const { profile, waiting } = ledgerOf(channel);
  if (channel.myIndex !== FOLLOWER || profile === "go-nitro") return nothing;
  const step = [...waiting.values()].find(({ isRefused }) => !isRefused);
  if (step === undefined) return nothing;
  const verdicts = step.changes.map(judge);
  if (verdicts.includes("Wait")) return marked("ledger/judgement-waits", nothing);
  const refusal = verdicts.find((verdict) => typeof verdict !== "string");
  const code = typeof refusal === "object" ? refusal.code : "NotWhatWasAgreed";
  mark("ledger/proposal-refused");
  const { id: channelId } = channel;
  const { turnNum } = step;
  return {
    events: [{ type: "ProposalRefused", channelId, by: FOLLOWER, turnNum, code }],
    effects: toOthers(channel, { type: "LedgerRefusal", channelId, turnNum, code }),
  };
}

/** Takes the leader's signature on a new state. What the changes mean to an objective is judged later. */
export function decideProposal(
  channel: Channel,
  { baseTurnNum, changes, signature, turnNum }: LedgerMessage & { readonly type: "LedgerProposal" },
  { recoverSigner }: Context,
): Result<ProtocolEvent[], Rejection> {
  const { profile, waiting } = ledgerOf(channel);
  const known = waiting.get(turnNum);
  if (known !== undefined) {
    const isSame = stateAt(channel, turnNum)?.signatures[LEADER] === signature;
    return isSame
      ? marked("ledger/proposal-again", accept([]))
      : reject({ code: "ConflictingState", turnNum });
  }
  // A leader that stopped before it heard the answer says it again: a refusal would undo what was agreed. One
  // that has yet to hear that I have passed this turn proposes anew then.
  if (turnNum <= lastPastTurn(channel)) return marked("ledger/proposal-past", accept([]));
  const expected = nextTurn(channel);
  if (turnNum < expected || turnNum >= expected + LEDGER_TURN_STEP_MAX) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected });
  }
  const base = stateAt(channel, baseTurnNum);
  if (base === undefined) return reject({ code: "UnknownBase", baseTurnNum });
  if (waiting.size >= LEDGER_KNOWN_MAX) {
    return reject({ code: "TooManyProposals", waiting: waiting.size });
  }
  // A turn that was left out was refused with its message.
  const isInPlace = turnNum > expected || mayBeEmpty(channel);
  if (changes.length === 0 && !isInPlace) return reject({ code: "NothingProposed" });
  const outcome = applyChanges(profile, channel.id, base.variablePart.outcome, changes);
  if (!outcome.ok) return outcome;
  const variablePart = { ...base.variablePart, outcome: outcome.value, turnNum };
  const checked = checkVariablePart(variablePart);
  if (!checked.ok) return checked;
  const signer = recoverSigner(stateHash(channel.id, variablePart), signature);
  if (signer !== channel.fixedPart.participants[LEADER]) return reject({ code: "WrongSignature" });
  const step: LedgerStep = { turnNum, baseTurnNum, changes };
  markHeard(step, expected);
  return accept([
    { type: "ProposalReceived", channelId: channel.id, by: LEADER, ...step, signature },
  ]);
}

function markHeard({ changes, turnNum }: LedgerStep, expected: number): void {
  if (turnNum > expected) mark("ledger/turn-left-out");
  if (changes.length === 0) mark("ledger/skip-heard");
}

function lastPastTurn(channel: Channel): number {
  return Math.max(supportedState(channel).variablePart.turnNum, channel.passedTurn ?? -1);
}

/** A state without changes stands in for one that was refused, or above turns that were passed. */
function mayBeEmpty(channel: Channel): boolean {
  const steps = [...ledgerOf(channel).waiting.values()];
  return !isFresh(channel) || steps.some(({ isRefused }) => isRefused);
}

/** Takes the follower's signature: every state up to this one is past. */
export function decideCountersignature(
  channel: Channel,
  { signature, turnNum }: LedgerMessage & { readonly type: "LedgerCountersignature" },
  { recoverSigner }: Context,
): Result<ProtocolEvent[], Rejection> {
  const supportedTurn = supportedState(channel).variablePart.turnNum;
  if (turnNum <= supportedTurn) return marked("ledger/countersignature-past", accept([]));
  const step = ledgerOf(channel).waiting.get(turnNum);
  const state = stateAt(channel, turnNum);
  if (step === undefined || state === undefined) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected: nextTurn(channel) });
  }
  const signer = recoverSigner(stateHash(channel.id, state.variablePart), signature);
  if (signer !== channel.fixedPart.participants[FOLLOWER]) {
    return reject({ code: "WrongSignature" });
  }
  const { baseTurnNum, changes } = step;
  if (hasOlder(channel, turnNum)) mark("ledger/countersignature-implies-earlier");
  const event: ProtocolEvent = {
    type: "ProposalReceived",
    channelId: channel.id,
    by: FOLLOWER,
    turnNum,
    baseTurnNum,
    changes,
    signature,
  };
  return accept(withSupport(channel, event, turnNum));
}

function hasOlder(channel: Channel, turnNum: number): boolean {
  const steps = [...ledgerOf(channel).waiting.values()];
  return steps.some((one) => !one.isRefused && one.turnNum < turnNum);
}

/** While part of the money is withdrawn, what was agreed to waits, and goes over to the next ledger. */
function isComingToRest(channel: Channel): boolean {
  return [...ledgerOf(channel).reserved.keys()].some(isWithdrawalId);
}

function markRest(channel: Channel): void {
  const { outcome } = supportedState(channel).variablePart;
  const { agreed } = ledgerOf(channel);
  const isWaiting = agreed.values().some(({ proposal }) => !isMadeIn(outcome, proposal));
  if (isWaiting) mark("ledger/changes-wait-for-withdrawal");
}

/** What was agreed to, is not in the outcome yet, and fits: all at once, or one that must go alone. */
function nextChanges(channel: Channel, outcome: Outcome): readonly LedgerChange[] {
  const { agreed, profile } = ledgerOf(channel);
  const chosen: LedgerChange[] = [];
  let changed = outcome;
  const most = profile === "enforceable" ? LEDGER_CHANGES_MAX : 1;
  for (const { isAlone, isBlocked, objectiveId, proposal } of agreed.values()) {
    if (isBlocked || isMadeIn(changed, proposal) || (isAlone && chosen.length > 0)) continue;
    const change = { objectiveId, proposal };
    const next = applyChanges(profile, channel.id, changed, [change]);
    // What does not fit now may fit when something else has gone.
    if (!next.ok) mark("ledger/change-waits-for-room");
    if (!next.ok) continue;
    changed = next.value;
    chosen.push(change);
    if (isAlone) mark("ledger/change-proposed-alone");
    if (isAlone || chosen.length >= most) break;
  }
  return chosen;
}

/** True when the state is the supported one with changes that I agreed to, and with nothing else. */
function isAcceptable(channel: Channel, { turnNum }: WaitingStep): boolean {
  const { agreed, profile } = ledgerOf(channel);
  const from = supportedState(channel).variablePart.outcome;
  const to = assertDefined(stateAt(channel, turnNum), "the proposed state").variablePart.outcome;
  const made = [...agreed.values()].filter(
    ({ proposal }) => !isMadeIn(from, proposal) && isMadeIn(to, proposal),
  );
  // What frees money comes first: then nothing seems to lack it.
  const inOrder = [...made.filter(isRemoval), ...made.filter((one) => !isRemoval(one))];
  const expected = applyChanges(profile, channel.id, from, inOrder);
  return expected.ok && isSameOutcome(expected.value, to);
}

const isRemoval = ({ proposal }: AgreedChange): boolean => proposal.type === "Remove";

/** True when the change is one that I agreed to, exactly. */
export function isAgreed(channel: Channel, { proposal }: LedgerChange): boolean {
  const known = ledgerOf(channel).agreed.get(proposalKey(proposal));
  return known !== undefined && isSameProposal(known.proposal, proposal);
}

function sign(
  channel: Channel,
  step: LedgerStep,
  variablePart: VariablePart,
  context: Context,
): { readonly events: readonly ProtocolEvent[]; readonly signature: Signature } {
  const { turnNum } = step;
  assert((channel.mySignedTurn ?? -1) < turnNum, "a turn is signed once, and turns only increase");
  const signature = context.sign(stateHash(channel.id, variablePart));
  const event: ProtocolEvent = {
    type: "ProposalSigned",
    channelId: channel.id,
    ...step,
    signature,
  };
  return { events: withSupport(channel, event, turnNum), signature };
}
