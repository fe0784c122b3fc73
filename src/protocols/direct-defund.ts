/**
 * Direct defund: the participants close a funded channel and are paid out on chain.
 *
 *     final state signed by all -> concludeAndTransferAllAssets by participant 0 -> payouts confirmed
 *
 * Source: Nitro protocol, "direct defunding"; ADR 0006.
 */

import {
  type Channel,
  moverOf,
  nextTurn,
  phaseOf,
  stateAt,
  supportedState,
  supportsTurn,
} from "../channel/channel.ts";
import { hasTwin } from "../channel/channel-use.ts";
import { isFinalOnChain, isPaidOut, isUsedUp } from "../channel/holdings.ts";
import { outcomeHash } from "../channel/outcome-encoding.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { askMover } from "./asking.ts";
import type { ChainCall, Effect, EffectId } from "./effects.ts";
import { checkGameEnd, gameMover, hasOpenMove } from "./message-log-app.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import {
  allSignatures,
  checkIncoming,
  type ReceivedState,
  receiveState,
  signState,
  toOthers,
} from "./signing.ts";
import type { ProtocolEvent, Subject } from "./subject.ts";

/** What a direct defund can wait for. */
export type DirectDefundWait = "FinalStateComplete" | "Withdrawn";

/** The participant who sends the one transaction that concludes the channel and pays everybody. */
const SUBMITTER = 0;

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<DirectDefundWait>[] = [
  { waitingFor: "FinalStateComplete", act: signFinal, until: isFinalized },
  { waitingFor: "Withdrawn", act: withdraw, until: ({ channel }) => isPaidOut(channel) },
];

/** Climbs as far as it can. See `protocol.ts`. Of a channel that is used up nobody needs the end any more. */
export function crank(subject: Subject, context: Context): Step<DirectDefundWait> {
  return climb(isUsedUp(subject.channel) ? [] : ladder, subject, context);
}

/** Takes a peer's signature on the final state. It must pay exactly what the supported state pays. */
export function decide(
  { channel, objective }: Subject,
  received: ReceivedState,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const { by, variablePart } = received;
  const checked = checkIncoming(channel, variablePart);
  if (!checked.ok) return checked;
  const { turnNum } = variablePart;
  if (!sameOutcome(supportedState(channel).variablePart, variablePart)) {
    return reject({ code: "FinalOutcomeMismatch" });
  }
  const ended = checkEnd({ channel, objective }, context);
  if (!ended.ok) return ended;
  // It would take back a move that waits for this very peer.
  if (isGame(channel) && hasOpenMove(channel)) return reject({ code: "GameNotOver" });
  const isNew = stateAt(channel, turnNum) === undefined;
  // One final state is for ever: a second one would only be another promise to keep.
  if (isNew && channel.finalSignedByMe) {
    return reject({ code: "ChannelNotRunning", phase: phaseOf(channel) });
  }
  if (isNew && !mayBegin(channel, by, turnNum, context))
    return reject({ code: "NotTheMover", turnNum });
  if (isNew && (channel.mySignedTurn ?? -1) >= turnNum) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected: nextTurn(channel) });
  }
  return receiveState(channel, received, context);
}

/** Countersigns the final state; or signs it first when it is my move; or asks the one whose move it is. */
function signFinal(subject: Subject, context: Context): Action {
  const { channel, objective } = subject;
  if (channel.finalSignedByMe || isFinalized(subject)) return nothing;
  if (phaseOf(channel) === "Disputed") return nothing;
  const ended = checkEnd(subject, context);
  if (!ended.ok) return marked("game/end-given-up", giveUp(subject, ended.reason.code));
  // The end is built on what both have signed: first the other one signs my move, or the chain has it.
  if (isBegun(channel) && hasOpenMove(channel)) return marked("game/end-waits-for-move", nothing);
  const proposed = pendingFinal(channel);
  if (proposed !== undefined) return countersign(subject, proposed, context);
  // With three or more, the last postfund may reach me after somebody's wish to close.
  if (!supportsTurn(channel, TURN.postfund)) return nothing;
  const beginner = beginnerOf(channel, context);
  const turnNum = turnOfEnd(channel, beginner);
  const isMine = channel.proposal === undefined && beginner === channel.myIndex;
  if (!isMine && !isGoNitroLedger(channel)) {
    mark("defund/mover-asked");
    const { channelId, id: objectiveId } = objective;
    return askMover(subject, { type: "DefundRequest", objectiveId, channelId }, beginner);
  }
  const { appData, outcome } = supportedState(channel).variablePart;
  return signState(subject, { outcome, appData, turnNum, isFinal: true }, context);
}

function mayBegin(channel: Channel, by: number, turnNum: number, context: Context): boolean {
  const isMover = moverOf(channel, turnNum) === by;
  const mover = moverInTwin(channel, context);
  return mover === undefined ? isMover || isGoNitroLedger(channel) : isMover && mover === by;
}

/**
 * Who signs the end first. In a game that its contract knows, and that is not over, it is who has to move: if the other
 * one signed, she could still move, on the chain, and who has signed the end signs no answer.
 */
function beginnerOf(channel: Channel, context: Context): number {
  return moverInTwin(channel, context) ?? moverOf(channel, nextTurn(channel));
}

function turnOfEnd(channel: Channel, beginner: number): number {
  const next = nextTurn(channel);
  const isTheirs = isGame(channel) && moverOf(channel, next) !== beginner;
  return isTheirs ? next + 1 : next;
}

function moverInTwin(channel: Channel, { appOf }: Context): number | undefined {
  const app = appOf(channel.fixedPart.appDefinition);
  if (!hasTwin(channel) || app?.type !== "MessageLog") return undefined;
  const mover = gameMover(channel, app);
  return mover.ok ? mover.value : undefined;
}

function isGame({ use }: Channel): boolean {
  return use.type === "MessageLog";
}

function isBegun(channel: Channel): boolean {
  return isGame(channel) && supportsTurn(channel, TURN.postfund);
}

/** A game ends when it is over, or by who loses by it: whoever closes it may have moved since she asked. */
function checkEnd(
  { channel, objective }: Subject,
  { appOf }: Context,
): Result<undefined, Rejection> {
  const app = appOf(channel.fixedPart.appDefinition);
  const isLog = app?.type === "MessageLog" && isBegun(channel);
  return isLog ? checkGameEnd(channel, objective.openedBy, app) : accept(undefined);
}

/** The others see for themselves that the game goes on; they are told all the same, so that nobody waits. */
function giveUp({ channel, objective }: Subject, code: string): Action {
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
  return {
    events: [{ type: "ObjectiveRejected", objectiveId, channelId, by, code }],
    effects: toOthers(channel, message),
  };
}

/**
 * In go-nitro's profile either side of an idle ledger may sign its end first, and both sign the same: there is no
 * word to ask the leader with. Source: ADR 0037.
 */
function isGoNitroLedger({ ledger }: Channel): boolean {
  return ledger?.profile === "go-nitro";
}

/** A node that lost its log may have been shown a later signature of its own. */
function countersign(subject: Subject, { variablePart }: SignedState, context: Context): Action {
  const isPast = (subject.channel.mySignedTurn ?? -1) >= variablePart.turnNum;
  return isPast
    ? marked("defund/own-end-forgotten", nothing)
    : signState(subject, variablePart, context);
}

function withdraw(subject: Subject): Action {
  const { channel } = subject;
  // What the chain has decided already is paid out by the dispute.
  if (channel.isDisputed) mark("defund/left-to-dispute");
  if (channel.myIndex !== SUBMITTER || channel.isDisputed || isFinalOnChain(channel)) {
    return nothing;
  }
  return { events: [], effects: concludeOnce(subject) };
}

/** The one transaction that concludes a channel with its final state and pays everybody; asked for once. */
export function concludeOnce({ channel, objective }: Subject): readonly Effect[] {
  const id = `${objective.id}/withdraw` as EffectId;
  if (objective.transactions.has(id)) return [];
  const final = supportedState(channel);
  const call: ChainCall = {
    type: "ConcludeAndTransferAllAssets",
    channelId: channel.id,
    fixedPart: channel.fixedPart,
    variablePart: final.variablePart,
    signatures: allSignatures(final),
  };
  return [{ type: "SubmitTransaction", id, objectiveId: objective.id, call }];
}

function pendingFinal({ pending }: Channel): SignedState | undefined {
  return [...pending.values()].find(({ variablePart }) => variablePart.isFinal);
}

function isFinalized({ channel }: Subject): boolean {
  return channel.supported?.variablePart.isFinal === true || isFinalOnChain(channel);
}

function sameOutcome(supported: VariablePart, final: VariablePart): boolean {
  return (
    final.isFinal &&
    final.appData === supported.appData &&
    outcomeHash(final.outcome) === outcomeHash(supported.outcome)
  );
}
