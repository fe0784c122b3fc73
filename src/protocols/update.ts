/**
 * Update: one participant changes the outcome of a running channel, and all sign it.
 *
 *     ask the mover of the next turn, or be it -> the mover signs first -> everybody signs
 *
 * Only the mover (turn modulo participants) signs a turn first, so two updates asked for at once never
 * compete for a turn, and nobody ever signs two states for one. Source: ADR 0006.
 */

import { applyChange, type Change } from "../channel/change.ts";
import {
  type Channel,
  moverOf,
  nextTurn,
  phaseOf,
  stateAt,
  supportedState,
} from "../channel/channel.ts";
import { hasTwin } from "../channel/channel-use.ts";
import {
  checkVariablePart,
  isSameState,
  TURN_NUM_MAX,
  type VariablePart,
} from "../channel/state.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { askMover, isMyMove } from "./asking.ts";
import { checkPlayed, playMessages } from "./message-log-app.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import { checkIncoming, type ReceivedState, receiveState, signState, toOthers } from "./signing.ts";
import type { ProtocolEvent, Subject } from "./subject.ts";

/** What an update can wait for. */
export type UpdateWait = "MoverSigned" | "UpdateComplete";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<UpdateWait>[] = [
  { waitingFor: "MoverSigned", act: moveOrAsk, until: hasTurn },
  { waitingFor: "UpdateComplete", act: countersign, until: isComplete },
];

/** Climbs as far as it can. See `protocol.ts`. */
export function crank(subject: Subject, context: Context): Step<UpdateWait> {
  return climb(ladder, subject, context);
}

/** Takes a peer's signature on an update. A new state must come from the mover and obey the app. */
export function decide(
  subject: Subject,
  received: ReceivedState,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const { channel } = subject;
  const checked = checkIncoming(channel, received.variablePart);
  if (!checked.ok) return checked;
  const isNew = stateAt(channel, received.variablePart.turnNum) === undefined;
  if (isNew) {
    const valid = checkMove(subject, received, context);
    if (!valid.ok) return valid;
  }
  return receiveState(channel, received, context);
}

/** The state that a change makes of the newest supported one, if the app's rule allows it. */
export function proposeChange(
  channel: Channel,
  by: number,
  change: Change,
  context: Context,
): Result<VariablePart, Rejection> {
  const turnNum = turnOfChange(channel);
  const changed = changedState(channel, { by, change, turnNum }, context);
  if (!changed.ok) return changed;
  const begun = checkMayBegin(channel, by, turnNum);
  if (!begun.ok) return begun;
  const checked = checkVariablePart(changed.value);
  if (!checked.ok) return checked;
  const allowed = checkRule(channel, by, changed.value, context);
  return allowed.ok ? changed : allowed;
}

/**
 * In a game that its contract knows, a move is played right above the newest state of both, whatever turns the other
 * one says that she has passed: a turn later, nothing would prove it to the contract. Source: ADR 0040.
 */
function turnOfChange(channel: Channel): number {
  return hasTwin(channel) ? supportedState(channel).variablePart.turnNum + 1 : nextTurn(channel);
}

/** Who signed a move of the other one first could not answer another move that he then shows to the chain. */
function checkMayBegin(
  channel: Channel,
  by: number,
  turnNum: number,
): Result<undefined, Rejection> {
  const { mySignedTurn = -1, myIndex, passedTurn = -1 } = channel;
  if (!hasTwin(channel)) return accept(undefined);
  if (by !== myIndex) return reject({ code: "NotTheMover", turnNum });
  // One move is under way, or was made and refused: it can be shown to the chain, and nothing can be put beside it.
  if (mySignedTurn >= turnNum) return reject({ code: "NotYourTurn" });
  // What this node may have signed here before it lost its log, the chain has to go on with.
  return passedTurn >= turnNum ? reject({ code: "LogIncomplete" }) : accept(undefined);
}

type Asked = { readonly by: number; readonly change: Change; readonly turnNum: number };

/** What a change makes of the newest state that all signed. */
function changedState(
  channel: Channel,
  { by, change, turnNum }: Asked,
  { appOf }: Context,
): Result<VariablePart, Rejection> {
  const app = appOf(channel.fixedPart.appDefinition);
  const isGame = app?.type === "MessageLog";
  if (change.type !== "Play" && !isGame) {
    return applyChange(supportedState(channel).variablePart, by, change, turnNum);
  }
  // In a game only moves change what it pays, and elsewhere nobody can move.
  return change.type === "Play" && isGame
    ? playMessages(channel, by, change, turnNum, app)
    : reject({ code: "AppNotAllowed" });
}

function checkMove(
  { channel, objective }: Subject,
  { by, variablePart }: ReceivedState,
  context: Context,
): Result<undefined, Rejection> {
  const { turnNum } = variablePart;
  if (channel.finalSignedByMe || phaseOf(channel) !== "Running") {
    return reject({ code: "ChannelNotRunning", phase: phaseOf(channel) });
  }
  const isOwn = !hasTwin(channel) || objective.openedBy === by;
  if (moverOf(channel, turnNum) !== by || !isOwn) return reject({ code: "NotTheMover", turnNum });
  if (hasTwin(channel) && turnNum !== turnOfChange(channel)) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected: turnOfChange(channel) });
  }
  if ((channel.mySignedTurn ?? -1) >= turnNum) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected: nextTurn(channel) });
  }
  const allowed = checkRule(channel, objective.openedBy, variablePart, context);
  if (!allowed.ok) return allowed;
  return checkAsked({ channel, objective }, variablePart, context);
}

/** What I asked for must come back as I asked for it, as far as I still know. */
function checkAsked(
  { channel, objective }: Subject,
  variablePart: VariablePart,
  context: Context,
): Result<undefined, Rejection> {
  if (objective.openedBy !== channel.myIndex || objective.goal.type !== "Update") {
    return accept(undefined);
  }
  const { change } = objective.goal;
  // A node that lost its log no longer knows what it asked for: then its policy says yes or no.
  if (change === undefined) {
    // A move of mine that I know nothing of may be one that I never made.
    const isMove = channel.use.type === "MessageLog";
    return isMove ? reject({ code: "NotWhatWasAsked" }) : accept(undefined);
  }
  const { turnNum } = variablePart;
  const asked = changedState(channel, { by: channel.myIndex, change, turnNum }, context);
  if (!asked.ok) return asked;
  const same = isSameState(channel.id, asked.value, variablePart);
  return same ? accept(undefined) : reject({ code: "NotWhatWasAsked" });
}

function checkRule(
  channel: Channel,
  by: number,
  to: VariablePart,
  { appOf }: Context,
): Result<undefined, Rejection> {
  if (to.isFinal) return reject({ code: "ChannelNotRunning", phase: "Closing" });
  const app = appOf(channel.fixedPart.appDefinition);
  if (app?.type === "MessageLog") return checkPlayed(channel, by, to, app);
  if (app?.type !== "Direct") return reject({ code: "AppNotAllowed" });
  return app.rule(supportedState(channel).variablePart, to);
}

/** Signs first when the next turn is mine; otherwise asks the mover of that turn, once per turn. */
function moveOrAsk(subject: Subject, context: Context): Action {
  const { channel, objective } = subject;
  if (hasTurn(subject) || channel.proposal !== undefined) return nothing;
  if (objective.goal.type !== "Update" || objective.goal.change === undefined) return nothing;
  const phase = phaseOf(channel);
  if (phase === "Funding") return nothing;
  if (phase !== "Running" || channel.finalSignedByMe) return giveUp(subject, "ChannelNotRunning");
  const { change } = objective.goal;
  if (hasTwin(channel) || (isMyMove(channel) && mayMove(subject))) {
    const proposed = proposeChange(channel, objective.openedBy, change, context);
    if (!proposed.ok) return giveUp(subject, proposed.reason.code);
    return signState(subject, proposed.value, context);
  }
  const { channelId, id: objectiveId } = objective;
  const turnNum = nextTurn(channel);
  return askMover(subject, { type: "UpdateRequest", objectiveId, channelId, turnNum, change });
}

/**
 * A change that I was asked for is mine to sign at that one turn. Later on the one who asked may have
 * given it up, and a state that she refuses would use up a turn that she knows nothing of.
 */
function mayMove({ channel, objective }: Subject): boolean {
  return objective.openedBy === channel.myIndex || objective.askedTurnNum === nextTurn(channel);
}

/** The change no longer fits the channel: it ends here, and whoever else may wait for it is told. */
function giveUp(subject: Subject, code: string): Action {
  const { channel, objective } = subject;
  const { askedTurnNum, channelId, id: objectiveId, openedBy } = objective;
  const { participants } = channel.fixedPart;
  mark("update/given-up");
  const ended = end(subject, code);
  const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
  if (openedBy === channel.myIndex) {
    const isHeldElsewhere = askedTurnNum !== undefined && participants.length > 2;
    return { ...ended, effects: isHeldElsewhere ? toOthers(channel, message) : [] };
  }
  const to = assertDefined(participants[openedBy], "the one who asked");
  return { ...ended, effects: [{ type: "SendMessage", to, message }] };
}

/** Everybody sees the reason for herself: nobody needs to be told. */
function end({ channel, objective }: Subject, code: string): Action {
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  const event: ProtocolEvent = { type: "ObjectiveRejected", objectiveId, channelId, by, code };
  return { events: [event], effects: [] };
}

function countersign(subject: Subject, context: Context): Action {
  const { channel, objective } = subject;
  if (wasOvertaken(subject)) return marked("update/overtaken", end(subject, "Overtaken"));
  const state = stateAt(channel, assertDefined(objective.turnNum, "the turn of the update"));
  if (state === undefined || state.signatures[channel.myIndex] !== undefined) return nothing;
  if (channel.finalSignedByMe || (channel.mySignedTurn ?? -1) >= state.variablePart.turnNum) {
    return nothing;
  }
  return signState(subject, state.variablePart, context);
}

function hasTurn({ objective }: Subject): boolean {
  return objective.turnNum !== undefined;
}

/** Complete means that this very state was signed by all, not that a later one was. */
function isComplete({ channel, objective }: Subject): boolean {
  return supportedState(channel).variablePart.turnNum === objective.turnNum;
}

/** A later state was built on the one below this: the change is not part of it and never will be. */
function wasOvertaken({ channel, objective }: Subject): boolean {
  return supportedState(channel).variablePart.turnNum > (objective.turnNum ?? TURN_NUM_MAX);
}
