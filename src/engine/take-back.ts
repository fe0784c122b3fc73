/** Takes back what a log has lost, from what a peer holds: checked like anything else that a peer says. */

import {
  type Channel,
  moverOf,
  nextTurn,
  phaseOf,
  stateAt,
  supportsTurn,
} from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { hasTwin, isInTurns } from "../channel/channel-use.ts";
import { isLedgerOutcome } from "../channel/ledger-shape.ts";
import {
  directDefundId,
  directFundId,
  type ObjectiveId,
  parseUpdateId,
  virtualDefundId,
  virtualFundId,
} from "../channel/objective-id.ts";
import { isSupported } from "../channel/signed-state.ts";
import { checkVariablePart, isSameState, stateHash, TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { type Goal, isActive } from "../protocols/objective.ts";
import type { Context } from "../protocols/protocol.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { type ReceivedState, takeBackState } from "../protocols/signing.ts";
import { isFinalOf } from "../protocols/virtual-defund.ts";
import type { Draft } from "./draft.ts";
import { isPassable, MISSING_UNKNOWN } from "./fence.ts";
import { endTold } from "./mend-successor.ts";
import { EMPTY_DESK, type NodeState } from "./node-state.ts";
import { dropOvertakenClosing } from "./overtaken-closing.ts";
import { checkOpening, type Rules, useOfApp } from "./rules.ts";

type Decision = Result<undefined, Rejection>;
type HeldState = ResyncMessage & { readonly type: "HeldState" };

/** Updates that a peer may say this node asked for: what a name of an update has room for, and far more. */
const UPDATES_ASKED_MAX = 10 ** 14;

/** Learns of a channel that the log has lost, or of turns in it that are used up. */
export function takeBackChannel(
  draft: Draft,
  from: Address,
  held: ResyncMessage & { readonly type: "HeldChannel" },
  rules: Rules,
): Decision {
  const { appData, fixedPart, openedBy, outcome, passedTurnNum } = held;
  const by = fixedPart.participants.indexOf(from);
  const isTheirs = by >= 0 && from !== rules.me && openedBy < fixedPart.participants.length;
  if (!isTheirs) return reject({ code: "NotAParticipant" });
  const channelId = channelIdOf(fixedPart);
  if (draft.tables.channels.get(channelId) === undefined) {
    const checked = checkOpening({ fixedPart, outcome, appData }, rules);
    if (!checked.ok) return checked;
    const myIndex = fixedPart.participants.indexOf(rules.me);
    const use = useOfApp(fixedPart.appDefinition, rules);
    draft.record({ type: "ChannelCreated", channelId, fixedPart, myIndex, outcome, appData, use });
    mark("resync/channel-taken-back");
  }
  create(draft, channelId, { id: directFundId(channelId), goal: { type: "DirectFund" }, openedBy });
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || passedTurnNum === undefined) return accept(undefined);
  // Moves stand right above each other, whatever was passed.
  if (hasTwin(channel)) return accept(undefined);
  if ((channel.passedTurn ?? -1) >= passedTurnNum) return accept(undefined);
  if (!isPassable(passedTurnNum)) {
    return reject({ code: "TurnOutOfOrder", turnNum: passedTurnNum, expected: nextTurn(channel) });
  }
  draft.record({ type: "TurnPassed", channelId, by, turnNum: passedTurnNum });
  return accept(undefined);
}

/** Learns a state with its signatures: my own, which I must not contradict, and those of the others. */
export function takeBackHeldState(
  draft: Draft,
  state: NodeState,
  from: Address,
  held: HeldState,
  rules: Rules,
): Decision {
  const channel = draft.tables.channels.get(held.channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  if (!channel.fixedPart.participants.includes(from)) return reject({ code: "NotAParticipant" });
  return learnHeld(draft, state, channel, held, { asked: from, context: rules.context });
}

/**
 * Learns that I began a state which is not in my log, from somebody who signed it after me. Nobody was asked, so
 * everybody is now.
 */
export function takeBackMove(
  draft: Draft,
  state: NodeState,
  channel: Channel,
  { objectiveId, signature, variablePart }: ReceivedState,
  { context }: Rules,
): Decision {
  const { fixedPart, id: channelId, myIndex } = channel;
  mark("resync/own-move-forwarded");
  const signatures = fixedPart.participants.map((_, by) =>
    by === myIndex ? signature : undefined,
  );
  const about = { channelId, objectiveId, variablePart, signatures } as const;
  const held: HeldState = { type: "HeldState", ...about, updatesAsked: 0 };
  return learnHeld(draft, state, channel, held, { asked: undefined, context });
}

function learnHeld(
  draft: Draft,
  state: NodeState,
  channel: Channel,
  held: HeldState,
  { asked, context }: { readonly asked: Address | undefined; readonly context: Context },
): Decision {
  const { turnNum } = held.variablePart;
  // What lies below is settled by a later state that all have signed.
  if (turnNum < (channel.supported?.variablePart.turnNum ?? 0)) return accept(undefined);
  const checked = checkHeld(channel, held, context);
  if (!checked.ok) return checked;
  if (!isPossible(channel, held)) return reject({ code: "OutcomeShapeChanged" });
  if (!isNews(draft, channel, held)) return accept(undefined);

  const isMine = held.signatures[channel.myIndex] !== undefined;
  const isProof = isMine && stateAt(channel, turnNum)?.signatures[channel.myIndex] === undefined;
  if (isProof) mark("resync/own-signature-taken-back");
  if (isProof) doubtAll(draft, state, asked);
  if (isMine) approve(draft, fundId(channel));
  const objectiveId = isMine ? takeUpObjective(draft, channel, held) : undefined;
  dropOvertakenClosing(draft, channel, { ...held, by: moverOf(channel, turnNum) });
  draft.record(...takeBackState(channel, { ...held, type: "ChannelResynced", objectiveId }));
  return accept(undefined);
}

/** Learns how an update ended that is still open here. It moves no money: only states do. */
export function takeBackFate(
  draft: Draft,
  from: Address,
  { channelId, code, objectiveId }: ResyncMessage & { readonly type: "ObjectiveFate" },
): void {
  const objective = draft.tables.objectives.get(objectiveId);
  const channel = draft.tables.channels.get(channelId);
  const by = channel?.fixedPart.participants.indexOf(from) ?? -1;
  if (objective?.channelId !== channelId || by < 0) return;
  if (!isActive(objective)) return;
  if (objective.goal.type === "TopUp" || objective.goal.type === "Withdrawal") {
    mark("resync/fate-of-ledger-wish-told");
    endTold(draft, objective, by, code);
    return;
  }
  if (objective.goal.type !== "Update") return;
  mark("resync/fate-of-update-told");
  if (code === undefined) {
    approve(draft, objectiveId);
    draft.record({ type: "ObjectiveCompleted", objectiveId, channelId });
  } else draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
}

/**
 * True unless nobody who is honest tells the state. What I never signed of a ledger or virtual channel could be
 * judged only by the changes that it makes, and those come in a proposal.
 */
function isPossible(channel: Channel, { signatures, variablePart }: HeldState): boolean {
  const { fundingOutcome, myIndex, use } = channel;
  const { isFinal, outcome } = variablePart;
  if (isInTurns(use)) return true;
  if (signatures[myIndex] === undefined) return false;
  if (use.type === "Ledger") {
    return isFinal || isLedgerOutcome(use.profile, fundingOutcome, outcome);
  }
  return variablePart.turnNum <= TURN.postfund || isFinalOf(channel, variablePart);
}

function checkHeld(channel: Channel, held: HeldState, context: Context): Decision {
  const { signatures, updatesAsked, variablePart } = held;
  const { turnNum } = variablePart;
  const inRange = checkVariablePart(variablePart);
  if (!inRange.ok) return inRange;
  const { participants } = channel.fixedPart;
  if (signatures.length !== participants.length || updatesAsked > UPDATES_ASKED_MAX) {
    return reject({ code: "WrongSignature" });
  }
  const known = stateAt(channel, turnNum);
  const isWhole = signatures.every((one) => one !== undefined) && turnNum > TURN.postfund;
  // Whoever holds a later state holds the one below that all have signed, and shows it first.
  const opening = channel.use.type === "Virtual" ? TURN.prefund : TURN.postfund;
  if (turnNum > TURN.postfund && !isWhole && !supportsTurn(channel, opening)) {
    return reject({ code: "ChannelNotRunning", phase: phaseOf(channel) });
  }
  const isOther = known !== undefined && !isSameState(channel.id, known.variablePart, variablePart);
  if (isOther && !isWhole) return reject({ code: "ConflictingState", turnNum });
  const hash = stateHash(channel.id, variablePart);
  // What was checked before was checked for that state alone: on another one of its turn it proves nothing.
  const checked = isOther ? [] : (known?.signatures ?? []);
  const areTrue = signatures.every(
    (one, by) => one === undefined || isSignedBy(hash, one, participants[by], checked[by], context),
  );
  if (!areTrue) return reject({ code: "WrongSignature" });
  return signatures[channel.myIndex] === undefined
    ? checkUsedTurn(channel, held)
    : accept(undefined);
}

/** Opens the channel. */
function fundId({ id, use }: Channel): ObjectiveId {
  return use.type === "Virtual" ? virtualFundId(id) : directFundId(id);
}

function isSignedBy(
  hash: Hash,
  signature: Signature,
  participant: Address | undefined,
  known: Signature | undefined,
  { recoverSigner }: Context,
): boolean {
  return signature === known || recoverSigner(hash, signature) === participant;
}

/** A state that I never signed only uses up its turn: its mover must have begun it, not far from now. */
function checkUsedTurn(channel: Channel, { signatures, variablePart }: HeldState): Decision {
  const { turnNum } = variablePart;
  const expected = nextTurn(channel);
  const furthest = expected + channel.fixedPart.participants.length;
  if (turnNum <= TURN.postfund || turnNum > furthest) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected });
  }
  const isBegun = signatures[moverOf(channel, turnNum)] !== undefined;
  return isBegun
    ? marked("resync/used-turn-learned", accept(undefined))
    : reject({ code: "NotTheMover", turnNum });
}

function isNews(draft: Draft, channel: Channel, held: HeldState): boolean {
  const { signatures, updatesAsked, variablePart } = held;
  const { turnNum } = variablePart;
  const known = stateAt(channel, turnNum);
  const counts = (draft.tables.desks.get(channel.id) ?? EMPTY_DESK).updatesAsked;
  const isCounted = (counts[channel.myIndex] ?? 0) >= updatesAsked;
  const isKnown =
    known !== undefined &&
    signatures.every((one, by) => one === undefined || known.signatures[by] !== undefined);
  // Cut in the middle of a step, a log may hold every signature and not what follows from them.
  const isAdvanced = known === undefined || !isSupported(known) || channel.supported === known;
  return !(isCounted && isKnown && isAdvanced);
}

/**
 * A signature of mine that my log does not hold proves that it has lost its end, and then it may have lost
 * what I signed with anybody. Whoever was in doubt already in this life has told, or was asked.
 */
function doubtAll(draft: Draft, { peers }: NodeState, asked: Address | undefined): void {
  for (const peer of peers.keys()) {
    if (peer === asked || draft.life.wasDoubted(peer)) continue;
    mark("resync/all-doubted-by-one-proof");
    draft.record({ type: "ResyncStarted", peer, missingMax: MISSING_UNKNOWN });
  }
}

type Named = { readonly id: ObjectiveId; readonly goal: Goal; readonly openedBy: number };

/** Whatever I signed for, I have once agreed to. */
function takeUpObjective(
  draft: Draft,
  channel: Channel,
  { objectiveId, variablePart }: HeldState,
): ObjectiveId | undefined {
  if (objectiveId === undefined) return undefined;
  const named = nameOf(channel, objectiveId, variablePart.turnNum);
  if (named === undefined) return undefined;
  create(draft, channel.id, named);
  approve(draft, objectiveId);
  return objectiveId;
}

function nameOf(channel: Channel, id: ObjectiveId, turnNum: number): Named | undefined {
  if (id === virtualFundId(channel.id)) return { id, goal: { type: "VirtualFund" }, openedBy: 0 };
  if (id === virtualDefundId(channel.id)) {
    return { id, goal: { type: "VirtualDefund" }, openedBy: 0 };
  }
  if (id === directFundId(channel.id)) return { id, goal: { type: "DirectFund" }, openedBy: 0 };
  if (id === directDefundId(channel.id)) {
    return { id, goal: { type: "DirectDefund" }, openedBy: moverOf(channel, turnNum) };
  }
  const asked = parseUpdateId(channel.id, id);
  if (asked === undefined || asked.by >= channel.fixedPart.participants.length) return undefined;
  return { id, goal: { type: "Update", change: undefined }, openedBy: asked.by };
}

function create(draft: Draft, channelId: ChannelId, { goal, id, openedBy }: Named): void {
  if (draft.tables.objectives.get(id) !== undefined) return;
  draft.record({ type: "ObjectiveCreated", objectiveId: id, channelId, goal, openedBy });
}

function approve(draft: Draft, objectiveId: ObjectiveId): void {
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective?.status !== "Unapproved") return;
  const { channelId } = objective;
  draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
}
