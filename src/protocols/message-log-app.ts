/**
 * Games in channels of a message log: what a move makes of the newest state, and when a game may be ended. The one who
 * moves and the one who countersigns ask the same functions. Source: ADR 0039, ADR 0040.
 */
import { type AppMessage, LOG_MESSAGES_MAX } from "../channel/app-message.ts";
import type { Change } from "../channel/change.ts";
import { type Channel, stateAt, supportedState } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import {
  appendMessages,
  decodeMessageLog,
  EMPTY_LOG_HASH,
  encodeMessageLog,
  type LogMessage,
  type MessageLog,
} from "../channel/message-log.ts";
import { STAKE_BYTES, type Twin, twinStateOf } from "../channel/message-log-twin.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { isSameState, type VariablePart } from "../channel/state.ts";
import type { Hash } from "../crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { playedState, senderOf } from "./message-log-rule.ts";
import type { Rejection } from "./rejection.ts";

/** An app whose channels are two players and a log of what they say. */
export type MessageLogApp = {
  readonly type: "MessageLog";
  /** The game as its contract knows it; undefined where only what both signed is money. */
  readonly twin: Twin | undefined;
  /** Who knows what the messages of a reducer come to; undefined for a reducer that this node does not have. */
  readonly judgeOf: (reducerId: Hash) => Judge | undefined;
};

/** Says what messages come to, as the reducer of the channel does. The same messages get the same verdict. */
export type Judge =
  /** The twin says it. */
  "Twin" | ((played: PlayedLog) => Result<Standing, Rejection>);

/** A channel, all that was said in it, and what somebody wants to say. */
export type PlayedLog = {
  readonly channelId: ChannelId;
  readonly fixedPart: FixedPart;
  /** What both brought in. */
  readonly funding: Outcome;
  /** What they agreed on for the reducer at the beginning. */
  readonly parameters: Uint8Array;
  /** In order. All of them were judged before, and are in force. */
  readonly said: readonly AppMessage[];
  /** What is to be judged; nothing where the question is how the game stands. */
  readonly added: readonly NewMessage[];
  /** The running hash behind the last of these: equal for equal messages of one channel alone. */
  readonly runningHash: Hash;
};

/** A message that is in no log yet. */
export type NewMessage = Omit<AppMessage, "runningHash">;

/** Where a game stands. */
export type Standing = {
  /** For each asset, what each participant gets if nobody writes any more. */
  readonly amounts: readonly (readonly bigint[])[];
  /** Who has to move; undefined when it is over. */
  readonly mover: number | undefined;
};

type Checked = Result<undefined, Rejection>;

/** Refuses an opening that is not the app's own beginning: nobody would know what it is worth. */
export function checkLogOpening(
  app: MessageLogApp,
  fixedPart: FixedPart,
  { appData, outcome }: Pick<VariablePart, "appData" | "outcome">,
): Checked {
  if (fixedPart.participants.length !== 2) return reject({ code: "NotTwoParticipants" });
  const read = decodeMessageLog(appData);
  if (!read.ok) return read;
  const log = read.value;
  const judge = app.judgeOf(log.reducerId);
  if (judge === undefined) return reject({ code: "ReducerUnknown", reducerId: log.reducerId });
  const game = fromHex(parametersOf(log, outcome));
  const isOwn = toHex(twinStateOf(game, outcome)) === log.twinState;
  const isEmpty =
    log.count === 0 && log.messages.length === 0 && log.runningHash === EMPTY_LOG_HASH;
  const isKnown = app.twin === undefined || app.twin.isBeginning(game);
  if (!isOwn || !isEmpty || !isKnown) return reject({ code: "NotTheBeginning" });
  return judge === "Twin" ? accept(undefined) : checkBegun(judge, fixedPart, outcome, game);
}

/** A reducer that does not begin would refuse every message, and one that pays anew at once would cheat somebody. */
function checkBegun(
  judge: Exclude<Judge, "Twin">,
  fixedPart: FixedPart,
  outcome: Outcome,
  parameters: Uint8Array,
): Checked {
  const channelId = channelIdOf(fixedPart);
  const log = { said: [], added: [], runningHash: EMPTY_LOG_HASH };
  const standing = judge({ channelId, fixedPart, funding: outcome, parameters, ...log });
  if (!standing.ok) return standing;
  const paid = outcomeOf(outcome, standing.value);
  if (!paid.ok) return paid;
  const isSame = paid.value.every(({ allocations }, index) =>
    allocations.every(({ amount }, place) => amount === outcome[index]?.allocations[place]?.amount),
  );
  return isSame ? accept(undefined) : reject({ code: "NotTheBeginning" });
}

/** What a log keeps of the game, without the stakes behind it: at the beginning, the reducer's parameters. */
function parametersOf({ twinState }: MessageLog, outcome: Outcome): Hex {
  const stakes = 2 * STAKE_BYTES * outcome.length;
  return `0x${twinState.slice(2, Math.max(2, twinState.length - stakes))}`;
}

/** The state that the messages of participant `by` make of the newest one that both signed, at turn `turnNum`. */
export function playMessages(
  channel: Channel,
  by: number,
  change: Change & { readonly type: "Play" },
  turnNum: number,
  app: MessageLogApp,
): Result<VariablePart, Rejection> {
  return playOn(channel, supportedState(channel).variablePart, { by, change, turnNum }, app);
}

/** A move: whose it is, what is said, and at which turn. */
export type Play = {
  readonly by: number;
  readonly change: Change & { readonly type: "Play" };
  readonly turnNum: number;
};

/** The same on any state, such as a move that the chain has on record. */
export function playOn(
  channel: Channel,
  from: VariablePart,
  { by, change, turnNum }: Play,
  app: MessageLogApp,
): Result<VariablePart, Rejection> {
  const { baseTurnNum, messages } = change;
  if (baseTurnNum !== from.turnNum) {
    return reject({ code: "StaleChange", baseTurnNum, supportedTurnNum: from.turnNum });
  }
  if (messages.length === 0) return reject({ code: "NothingPlayed" });
  const log = decodeMessageLog(from.appData);
  if (!log.ok) return log;
  const sender = senderOf(log.value, turnNum, app.twin);
  if (sender !== undefined && sender !== by) return reject({ code: "NotYourTurn" });
  if (log.value.count + messages.length > LOG_MESSAGES_MAX) return reject({ code: "LogFull" });
  const { twin } = app;
  if (twin === undefined) return judged(channel, from, log.value, { by, change, turnNum }, app);
  const played = playedState(channel.id, from, messages, twin, turnNum);
  if (!played.ok) return played;
  const after = decodeMessageLog(played.value.appData);
  const isOpen = after.ok && twin.moverOf(fromHex(after.value.twinState)) === by;
  return isOpen ? reject({ code: "TurnNotEnded" }) : played;
}

/** Without a twin: the log grows by the messages, and the outcome is the reducer's. */
function judged(
  channel: Channel,
  from: VariablePart,
  log: MessageLog,
  { by, change: { messages }, turnNum }: Play,
  app: MessageLogApp,
): Result<VariablePart, Rejection> {
  const place = { channelId: channel.id, turnNum };
  const after = appendMessages(log, place, by, messages, log.twinState);
  if (!after.ok) return after;
  const standing = standingOf(channel, app, after.value, { by, messages, turnNum });
  if (!standing.ok) return standing;
  const outcome = outcomeOf(from.outcome, standing.value);
  if (!outcome.ok) return outcome;
  const appData = encodeMessageLog(after.value);
  return accept({ outcome: outcome.value, appData, turnNum, isFinal: false });
}

type Said = {
  readonly by: number;
  readonly messages: readonly LogMessage[];
  readonly turnNum: number;
};

function standingOf(
  { appMessages, fixedPart, fundingOutcome, id }: Channel,
  { judgeOf }: MessageLogApp,
  log: MessageLog,
  { by, messages, turnNum }: Said,
): Result<Standing, Rejection> {
  const judge = judgeOf(log.reducerId);
  if (judge === undefined || judge === "Twin") {
    return reject({ code: "ReducerUnknown", reducerId: log.reducerId });
  }
  // Who lost her log, and was shown the newest state, has not what was said before it.
  if (appMessages.length + messages.length !== log.count) return reject({ code: "LogIncomplete" });
  const added = messages.map(({ messageType, payload, timeMs }) => {
    return { turnNum, by, messageType, payload, messageTimeMs: timeMs };
  });
  return judge({
    channelId: id,
    fixedPart,
    funding: fundingOutcome,
    parameters: fromHex(parametersOf(log, fundingOutcome)),
    said: appMessages,
    added,
    runningHash: log.runningHash,
  });
}

/** The amounts shared anew. A reducer that pays more or less than there is is refused. */
function outcomeOf(before: Outcome, { amounts }: Standing): Result<Outcome, Rejection> {
  const outcome = before.map((exit, index) => ({
    ...exit,
    allocations: exit.allocations.map((allocation, place) => {
      return { ...allocation, amount: amounts[index]?.[place] ?? 0n };
    }),
  }));
  const isShared = before.every(({ allocations }, index) => {
    const sum = allocations.reduce((total, { amount }) => total + amount, 0n);
    const shares = amounts[index] ?? [];
    const paid = shares.reduce((total, amount) => total + amount, 0n);
    return shares.length === allocations.length && paid === sum;
  });
  return isShared && amounts.length === before.length
    ? accept(outcome)
    : reject({ code: "TotalChanged" });
}

/** Refuses a state that is not what the messages in it, all of participant `by`, make of the newest one. */
export function checkPlayed(
  channel: Channel,
  by: number,
  to: VariablePart,
  app: MessageLogApp,
): Checked {
  const log = decodeMessageLog(to.appData);
  if (!log.ok) return log;
  const { messages } = log.value;
  const baseTurnNum = supportedState(channel).variablePart.turnNum;
  const change = { type: "Play", baseTurnNum, messages } as const;
  const played = playMessages(channel, by, change, to.turnNum, app);
  if (!played.ok) return played;
  return isSameState(channel.id, played.value, to)
    ? accept(undefined)
    : reject({ code: "NotWhatWasPlayed" });
}

/**
 * Refuses the wish of participant `by` to end a game that pays as if the next mover stayed silent: only who has to move
 * may end it, and loses by it. A game that is over, or has not begun, may be ended by either. A move of mine that the
 * other one has yet to sign counts: an end below it would take it back.
 */
export function checkGameEnd(channel: Channel, by: number, app: MessageLogApp): Checked {
  const log = decodeMessageLog(ownNewest(channel).variablePart.appData);
  if (!log.ok || log.value.count === 0) return accept(undefined);
  const mover = gameMover(channel, app);
  // Whose log has a gap cannot tell: she may give the game up herself, and nobody takes it from her.
  const isAllowed = mover.ok
    ? mover.value === undefined || mover.value === by
    : by === channel.myIndex;
  return isAllowed ? accept(undefined) : reject({ code: "GameNotOver" });
}

/** Who has to move after all that this node has signed; undefined when the game is over. */
export function gameMover(
  channel: Channel,
  app: MessageLogApp,
): Result<number | undefined, Rejection> {
  return moverAt(channel, ownNewest(channel), app);
}

/** Who has to move in a state: one that both have signed, or a move above it. */
export function moverAt(
  channel: Channel,
  { variablePart: { appData, turnNum } }: SignedState,
  app: MessageLogApp,
): Result<number | undefined, Rejection> {
  const log = decodeMessageLog(appData);
  if (!log.ok) return log;
  if (app.twin !== undefined) return accept(app.twin.moverOf(fromHex(log.value.twinState)));
  const messages = hasOpenMove(channel) ? log.value.messages : [];
  const standing = standingOf(channel, app, log.value, { by: channel.myIndex, messages, turnNum });
  return standing.ok ? accept(standing.value.mover) : standing;
}

/** True while a move that this node has signed waits for the other one's signature. */
export function hasOpenMove(channel: Channel): boolean {
  return ownNewest(channel) !== supportedState(channel);
}

function ownNewest(channel: Channel): SignedState {
  const supported = supportedState(channel);
  const { mySignedTurn = -1, pending } = channel;
  const own = mySignedTurn > supported.variablePart.turnNum ? pending.get(mySignedTurn) : undefined;
  return own === undefined || own.variablePart.isFinal ? supported : own;
}

/**
 * The newest state that the chain would let the game go on from: what both have signed last, and the moves that stand
 * right above it, each of them mine or one that the rules allow the other one. What he has signed besides is none.
 */
export function newestPlayed(channel: Channel, app: MessageLogApp): SignedState {
  let newest = supportedState(channel);
  for (;;) {
    const next = stateAt(channel, newest.variablePart.turnNum + 1);
    if (next === undefined || !isPlayedOn(channel, newest, next, app)) return newest;
    newest = next;
  }
}

function isPlayedOn(
  channel: Channel,
  from: SignedState,
  { signatures, variablePart }: SignedState,
  app: MessageLogApp,
): boolean {
  const { myIndex } = channel;
  if (variablePart.isFinal) return false;
  if (signatures[myIndex] !== undefined) return true;
  if (signatures[1 - myIndex] === undefined) return false;
  return isMove(channel, from.variablePart, variablePart, app);
}

/** True for what the other one's messages in it make of the state right below. */
export function isMove(
  channel: Channel,
  from: VariablePart,
  to: VariablePart,
  app: MessageLogApp,
): boolean {
  const log = decodeMessageLog(to.appData);
  const { turnNum } = to;
  if (!log.ok || turnNum !== from.turnNum + 1) return false;
  const change = { type: "Play", baseTurnNum: from.turnNum, messages: log.value.messages } as const;
  const played = playOn(channel, from, { by: 1 - channel.myIndex, change, turnNum }, app);
  return played.ok && isSameState(channel.id, played.value, to);
}
