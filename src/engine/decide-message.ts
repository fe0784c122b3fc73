/** Turns a peer's message into facts, or says why it is refused. */

import { type Channel, nextTurn, stateAt, supportedState } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { directFundId, type ObjectiveId, parseUpdateId } from "../channel/objective-id.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Message, ObjectiveMessage } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { decide as decideDirectDefund } from "../protocols/direct-defund.ts";
import { type Goal, isActive, type Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import {
  forwardedMove,
  isAgreed,
  type ReceivedState,
  receiveBase,
  receiveOpening,
  toOthers,
} from "../protocols/signing.ts";
import type { ProtocolEvent, Subject } from "../protocols/subject.ts";
import { decide as decideUpdate, proposeChange } from "../protocols/update.ts";
import { decide as decideVirtualDefund } from "../protocols/virtual-defund.ts";
import { decide as decideWithdrawal } from "../protocols/withdrawal.ts";
import { checkAskable, checkBeginning, checkClosing, closingGoal, mayAskAgain } from "./closing.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { checkRemembered } from "./fence.ts";
import { tellLateOpening } from "./late-opening.ts";
import { isBeingReplaced } from "./ledger-wishes.ts";
import { EMPTY_DESK, type NodeState } from "./node-state.ts";
import { dropOvertakenClosing } from "./overtaken-closing.ts";
import { checkOpenUpdates } from "./peer-limit.ts";
import { refuseAgain, rejectByPeer } from "./refuse-objective.ts";
import { checkOpening, type Rules, useOfApp } from "./rules.ts";
import { senderOf } from "./sender.ts";
import { takeBackMove } from "./take-back.ts";
import { isAskedAnew } from "./turn-passing.ts";

type Decision = Result<undefined, Rejection>;
type MessageOf<Type extends Message["type"]> = Message & { readonly type: Type };

/** Decides a message over a draft. On a refusal the caller drops the draft: nothing was learned. */
export function decideMessage(
  draft: Draft,
  state: NodeState,
  from: Address,
  message: ObjectiveMessage,
  rules: Rules,
): Decision {
  switch (message.type) {
    case "Prefund":
      return prefund(draft, from, message, rules);
    case "SignedState":
      return signedState(draft, state, from, message, rules);
    case "UpdateRequest":
      return updateRequest(draft, from, message, rules);
    case "DefundRequest":
      return defundRequest(draft, from, message, rules);
    case "ObjectiveRejection":
      return rejection(draft, from, message, rules);
  }
}

function prefund(
  draft: Draft,
  from: Address,
  message: MessageOf<"Prefund">,
  rules: Rules,
): Decision {
  const { appData, fixedPart, outcome, signature } = message;
  const checked = checkOpening({ fixedPart, outcome, appData }, rules);
  if (!checked.ok) return checked;
  const by = fixedPart.participants.indexOf(from);
  if (by < 0 || from === rules.me) return reject({ code: "NotAParticipant" });

  const channelId = channelIdOf(fixedPart);
  const objectiveId = directFundId(channelId);
  if (draft.tables.channels.get(channelId) === undefined) {
    const myIndex = fixedPart.participants.indexOf(rules.me);
    const use = useOfApp(fixedPart.appDefinition, rules);
    draft.record({ type: "ChannelCreated", channelId, fixedPart, myIndex, outcome, appData, use });
    doubtWhatBothLost(draft, channelId, fixedPart.participants);
  }
  const isNew = createOnce(draft, channelId, objectiveId, { type: "DirectFund" }, by);
  const variablePart = { outcome, appData, turnNum: TURN.prefund, isFinal: false };
  return learn(draft, { objectiveId, by, variablePart, signature }, isNew, rules);
}

/** Where a participant lost its log when I lost mine, a channel that is new to me may be an old one. */
function doubtWhatBothLost(
  draft: Draft,
  channelId: ChannelId,
  participants: readonly Address[],
): void {
  const lost = participants.map((peer) => draft.tables.peers.get(peer)?.lostMax ?? 0);
  const missingMax = Math.max(...lost);
  if (missingMax > 0) mark("resync/both-lost");
  if (missingMax > 0) draft.record({ type: "ChannelDoubted", channelId, missingMax });
}

function signedState(
  draft: Draft,
  state: NodeState,
  from: Address,
  message: MessageOf<"SignedState">,
  rules: Rules,
): Decision {
  const { baseSignatures, channelId, moverSignature, objectiveId, signature, variablePart } =
    message;
  const sender = senderOf(draft, channelId, from);
  if (!sender.ok) return sender;
  const { by, channel } = sender.value;
  const { turnNum } = variablePart;
  draft.record(...receiveBase(channel, turnNum, baseSignatures, rules.context));
  const received = { objectiveId, by, variablePart, signature };
  const based = assertDefined(draft.tables.channels.get(channelId), "the channel");
  const move = forwardedMove(based, received, moverSignature);
  const isMine = move?.by === based.myIndex;
  // Before anything is cranked: I must not begin the turn anew.
  const taken = isMine ? takeBackMove(draft, state, based, move, rules) : accept(undefined);
  if (!taken.ok) return taken;
  tellLateOpening(draft, channel);
  // Whatever the forwarded signatures complete must be seen to be complete before what follows it.
  crankChannel(draft, channelId, rules.context);

  const known = draft.tables.objectives.get(objectiveId);
  if (known !== undefined && known.channelId !== channelId) {
    return reject({ code: "UnknownObjective" });
  }
  if (move !== undefined && !isMine) {
    mark("update/mover-heard-of-by-another");
    const moved = learnState(draft, message, move, rules);
    if (!moved.ok) return moved;
  }
  return learnState(draft, message, received, rules);
}

/** Takes one signature of the message: the sender's, or the mover's that it forwards. */
function learnState(
  draft: Draft,
  message: MessageOf<"SignedState">,
  received: ReceivedState,
  rules: Rules,
): Decision {
  const { channelId, objectiveId, variablePart } = message;
  const known = draft.tables.objectives.get(objectiveId);
  const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
  const isUnknown = stateAt(channel, variablePart.turnNum) === undefined;
  const isAgain = known !== undefined && isUnknown && mayAskAgain(channel, known);
  // Said again for an update of which a lost log knew, and whose end others have told already.
  if (known === undefined && isAgreed(channel, variablePart)) return accept(undefined);
  if (known === undefined || isAgain) {
    const opened = openForState(draft, message, received.by);
    if (!opened.ok) return opened;
  }
  const isNew = known === undefined || isAgain || known.status === "Unapproved";
  return learn(draft, received, isNew, rules);
}

/** A state for an objective that I do not know yet: the mover began it. */
function openForState(draft: Draft, message: MessageOf<"SignedState">, by: number): Decision {
  const { channelId, objectiveId, variablePart } = message;
  const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
  const goal = goalOfState(draft, channel, objectiveId, variablePart);
  if (goal === undefined) return reject({ code: "UnknownObjective" });
  const checked = checkBeginning(channel, variablePart.isFinal);
  if (!checked.ok) return checked;
  if (variablePart.isFinal && isBeingReplaced(draft, channel)) {
    return reject({ code: "WithdrawalRunning" });
  }
  createOnce(draft, channelId, objectiveId, goal.goal, goal.openedBy ?? by);
  return accept(undefined);
}

function goalOfState(
  draft: Draft,
  channel: Channel,
  objectiveId: ObjectiveId,
  variablePart: VariablePart,
): { readonly goal: Goal; readonly openedBy: number | undefined } | undefined {
  if (variablePart.isFinal) {
    const goal = closingGoal(channel);
    return objectiveId === goal.id ? { goal: goal.goal, openedBy: undefined } : undefined;
  }
  const asked = parseUpdateId(channel.id, objectiveId);
  if (asked === undefined || asked.by >= channel.fixedPart.participants.length) return undefined;
  // My own updates I know, but for those that I asked for in a part of my log that is lost.
  if (asked.by === channel.myIndex && !isLost(draft, channel, asked.count)) return undefined;
  return { goal: { type: "Update", change: undefined }, openedBy: asked.by };
}

function isLost(draft: Draft, { id, myIndex }: Channel, count: number): boolean {
  const { updatesAsked } = draft.tables.desks.get(id) ?? EMPTY_DESK;
  return count < (updatesAsked[myIndex] ?? 0);
}

function updateRequest(
  draft: Draft,
  from: Address,
  message: MessageOf<"UpdateRequest">,
  rules: Rules,
): Decision {
  const { change, channelId, objectiveId, turnNum } = message;
  const sender = senderOf(draft, channelId, from);
  if (!sender.ok) return sender;
  const { by, channel } = sender.value;
  if (parseUpdateId(channelId, objectiveId)?.by !== by) return reject({ code: "UnknownObjective" });
  const known = draft.tables.objectives.get(objectiveId);
  if (known !== undefined && !isActive(known)) return accept(undefined);
  const askable = checkAskable(channel, turnNum);
  if (!askable.ok) return askable;
  const free = checkOpenUpdates(draft.tables, channelId, by);
  if (known === undefined && !free.ok) return free;
  // The turn is taken. Whoever asked for it sees that as well, and asks the mover of a later one.
  if (turnNum < nextTurn(channel)) return marked("update/asked-for-taken-turn", accept(undefined));
  const type = "ObjectiveCranked";
  const asked = { type, objectiveId, channelId, askedTurnNum: turnNum } as const;
  if (known !== undefined && known.status !== "Unapproved") {
    if (isAskedAnew(channel, known, turnNum)) draft.record(asked);
    crankChannel(draft, channelId, rules.context);
    return accept(undefined);
  }
  const proposed = proposeChange(channel, by, change, rules.context);
  if (!proposed.ok) return proposed;
  createOnce(draft, channelId, objectiveId, { type: "Update", change }, by);
  draft.record(asked);
  return approve(draft, objectiveId, proposed.value, rules);
}

function defundRequest(
  draft: Draft,
  from: Address,
  { channelId, objectiveId }: MessageOf<"DefundRequest">,
  rules: Rules,
): Decision {
  const sender = senderOf(draft, channelId, from);
  if (!sender.ok) return sender;
  const { by, channel } = sender.value;
  const { goal, id } = closingGoal(channel);
  if (objectiveId !== id) return reject({ code: "UnknownObjective" });
  const known = draft.tables.objectives.get(objectiveId);
  if (goal.type === "VirtualDefund" && known !== undefined && known.status !== "Unapproved") {
    return noteStopped(draft, known, by, rules);
  }
  const isOpen = known !== undefined && !mayAskAgain(channel, known);
  if (isOpen && known.status !== "Unapproved") return accept(undefined);
  const open = checkClosing(channel, by, rules.context);
  if (!open.ok) return open;
  createOnce(draft, channelId, objectiveId, goal, by);
  if (goal.type === "VirtualDefund" && known?.stopped.includes(by) !== true) {
    draft.record({ type: "PaymentsStopped", objectiveId, channelId, by });
  }
  return approve(draft, objectiveId, supportedState(channel).variablePart, rules);
}

/** The one who asks has stopped paying; who asks a second time has stopped nothing more. */
function noteStopped(draft: Draft, objective: Objective, by: number, rules: Rules): Decision {
  const { channelId, id: objectiveId } = objective;
  if (isActive(objective) && !objective.stopped.includes(by)) {
    draft.record({ type: "PaymentsStopped", objectiveId, channelId, by });
  } else mark("virtual/stopped-before");
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/** A peer may leave an objective as long as it has not signed for it. */
function rejection(
  draft: Draft,
  from: Address,
  { channelId, code, objectiveId }: MessageOf<"ObjectiveRejection">,
  rules: Rules,
): Decision {
  const sender = senderOf(draft, channelId, from);
  if (!sender.ok) return sender;
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective === undefined || objective.channelId !== channelId) {
    return reject({ code: "UnknownObjective" });
  }
  return rejectByPeer(draft, objective, sender.value.by, code, rules, true);
}

/** Takes the signature; if the objective is new, lets the policy decide; then goes on. */
function learn(draft: Draft, received: ReceivedState, isNew: boolean, rules: Rules): Decision {
  const { objectiveId, variablePart } = received;
  const subject = subjectOf(draft.tables, objectiveId);
  const remembered = isNew ? checkRemembered(subject, variablePart) : accept(undefined);
  const decided = remembered.ok ? decideState(subject, received, rules) : remembered;
  if (!decided.ok) return decided;
  draft.record(...decided.value);
  dropOvertakenClosing(draft, subject.channel, received);
  tellLateOpening(draft, subject.channel);
  if (decided.value.length > 0 && isOver(subject, received)) refuseAgain(draft, subject);
  if (isNew) return approve(draft, objectiveId, variablePart, rules, subject.channel);
  crankChannel(draft, subject.channel.id, rules.context);
  return accept(undefined);
}

function decideState(
  subject: Subject,
  received: ReceivedState,
  rules: Rules,
): Result<ProtocolEvent[], Rejection> {
  const { objective } = subject;
  const { context } = rules;
  if (isOver(subject, received)) return decideAfterwards(subject, received, rules);
  switch (objective.goal.type) {
    case "DirectFund":
    case "VirtualFund":
      return receiveOpening(subject, received, context);
    case "DirectDefund":
      return decideDirectDefund(subject, received, context);
    case "Update":
      return decideUpdate(subject, received, context);
    case "VirtualDefund":
      return decideVirtualDefund(subject, received, context);
    case "Withdrawal":
      return decideWithdrawal(subject, received, context);
    case "TopUp":
    case "Dispute":
      return reject({ code: "UnknownObjective" });
  }
}

/** True for a state that comes after the end of its objective and that nobody has told me of before. */
function isOver({ channel, objective }: Subject, { variablePart }: ReceivedState): boolean {
  return !isActive(objective) && stateAt(channel, variablePart.turnNum) === undefined;
}

/**
 * What comes after the end: a signature that was overtaken is harmless, a new turn is not. Only with
 * three or more can an honest mover sign for an update that somebody else has refused meanwhile.
 */
function decideAfterwards(
  subject: Subject,
  received: ReceivedState,
  { context }: Rules,
): Result<ProtocolEvent[], Rejection> {
  const { channel, objective } = subject;
  const { variablePart } = received;
  const supportedTurn = channel.supported?.variablePart.turnNum ?? -1;
  const isCrowd = channel.fixedPart.participants.length > 2;
  if (isCrowd && variablePart.turnNum < supportedTurn)
    return marked("update/signature-behind", accept([]));
  if (isCrowd && objective.status === "Rejected" && objective.goal.type === "Update") {
    return decideUpdate(subject, received, context);
  }
  return reject({ code: "ObjectiveIdUsed" });
}

function approve(
  draft: Draft,
  objectiveId: ObjectiveId,
  proposed: VariablePart,
  rules: Rules,
  before?: Channel,
): Decision {
  const { channel, objective } = subjectOf(draft.tables, objectiveId);
  const { channelId } = objective;
  const verdict = rules.policy({ objective, channel: before ?? channel, proposed });
  if (verdict.ok) {
    draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  } else {
    const { code } = marked("policy/said-no", verdict.reason);
    draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by: channel.myIndex, code });
    const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
    draft.request(...toOthers(channel, message));
  }
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/** True when nobody has approved the objective yet, be it known or not. */
function createOnce(
  draft: Draft,
  channelId: ChannelId,
  objectiveId: ObjectiveId,
  goal: Goal,
  openedBy: number,
): boolean {
  const known = draft.tables.objectives.get(objectiveId);
  const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
  if (known !== undefined && !mayAskAgain(channel, known)) return known.status === "Unapproved";
  draft.record({ type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy });
  return true;
}
