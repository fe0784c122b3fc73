/**
 * The message log of a channel: who said what, in one order, as its states commit to it. Each state carries the
 * messages that it adds, and a count and a running hash over all before it: docs/adr/0039-message-log.md.
 */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { assert } from "../primitives/assert.ts";
import { type Hex, hexSizeBytes, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import {
  bytesSize,
  createWordWriter,
  WORD,
  type WordWriter,
  writeBytes,
  writeBytes32,
  writeNumber,
  writtenWords,
} from "./abi.ts";
import { APP_MESSAGE_TYPE_BYTES_MAX } from "./app-message.ts";
import type { ChannelId } from "./channel-id.ts";
import { APP_DATA_BYTES_MAX } from "./state.ts";

/** Messages in one state. A contract hashes each of them: about 4,000 gas for a short one. */
export const LOG_MESSAGES_PER_TURN_MAX = 8;

/** Bytes of one payload: 1 KiB, so that a few fit the app data of a state. Larger content goes by its hash. */
export const LOG_PAYLOAD_BYTES_MAX = 1_024;

/** Bytes of what the Solidity twin of a game keeps: 1 KiB, and 38 in the largest game so far, stakes apart. */
export const TWIN_STATE_BYTES_MAX = 1_024;

/** The running hash of a log without messages. */
export const EMPTY_LOG_HASH = `0x${"00".repeat(32)}` as Hash;

/** A message that a state adds. Who wrote it is not said here: the mover of the turn has written all of them. */
export type LogMessage = {
  /** What the app calls messages of this kind: 1 to 64 printable characters of ASCII. */
  readonly messageType: string;
  /** In the app's own encoding. At most `LOG_PAYLOAD_BYTES_MAX`. */
  readonly payload: Hex;
  /** When its writer says that it was written: milliseconds since 1970-01-01 UTC, up to 2^53 - 1. */
  readonly timeMs: number;
};

/** What a state says of the log, and what it adds. */
export type MessageLog = {
  /** Messages so far, with those of this state. */
  readonly count: number;
  /** Over all of them, in their order. */
  readonly runningHash: Hash;
  /** keccak-256 of the module that makes tables and an outcome of the messages. */
  readonly reducerId: Hash;
  /** What the app's contract keeps of the game, stakes included; empty where an app has no such contract. */
  readonly twinState: Hex;
  /** What this state adds, in order. */
  readonly messages: readonly LogMessage[];
};

/** Why a log is not encoded or not read. Whoever made it is at fault: it is neither signed nor stored. */
export type MessageLogRejection =
  /** Not what `encodeMessageLog` writes. */
  | { readonly code: "AppDataMalformed" }
  /** Above 2^53 - 1. */
  | { readonly code: "CountOutOfRange" }
  /** More than `TWIN_STATE_BYTES_MAX`. */
  | { readonly code: "TwinStateTooLarge"; readonly sizeBytes: number }
  /** More than `LOG_MESSAGES_PER_TURN_MAX`. */
  | { readonly code: "TooManyMessages"; readonly count: number }
  /** Not 1 to 64 printable characters of ASCII. */
  | { readonly code: "MessageTypeInvalid"; readonly index: number }
  /** More than `LOG_PAYLOAD_BYTES_MAX`. */
  | { readonly code: "PayloadTooLarge"; readonly index: number; readonly sizeBytes: number }
  /** Above 2^53 - 1. */
  | { readonly code: "TimeOutOfRange"; readonly index: number }
  /** All of it is more than `APP_DATA_BYTES_MAX`. */
  | { readonly code: "AppDataTooLarge"; readonly sizeBytes: number };

/** Why a state's log is no continuation of the one before. Who signed it is at fault. */
export type LogStepRejection =
  /** Another module would make another outcome of the same messages. */
  | { readonly code: "ReducerChanged" }
  /** Not as many as before and those shown: something was dropped, or is not shown. */
  | { readonly code: "CountWrong"; readonly expected: number }
  /** Something before was changed or reordered, or somebody else has written what is shown. */
  | { readonly code: "HashWrong"; readonly expected: Hash };

/** A state's place and what it says of the log. */
export type LoggedTurn = {
  readonly channelId: ChannelId;
  readonly turnNum: number;
  readonly log: MessageLog;
};

/** The log of a channel in which nobody has said anything. */
export function emptyMessageLog(reducerId: Hash, twinState: Hex): MessageLog {
  return { count: 0, runningHash: EMPTY_LOG_HASH, reducerId, twinState, messages: [] };
}

/** Names one message: keccak-256 of channel, turn, place in the turn, type and payload, as words of the ABI. */
export function messageId(
  channelId: ChannelId,
  turnNum: number,
  index: number,
  { messageType, payload }: LogMessage,
): Hash {
  const type = textHex(messageType);
  const head = 5 * WORD;
  const writer = createWordWriter(head + bytesSize(type) + bytesSize(payload));
  writeBytes32(writer, channelId);
  writeNumber(writer, turnNum);
  writeNumber(writer, index);
  writeNumber(writer, head);
  writeNumber(writer, head + bytesSize(type));
  writeBytes(writer, type);
  writeBytes(writer, payload);
  return hashOf(writer);
}

/** The running hash with one more message: keccak-256 of the one before, the message's id, its writer and time. */
export function nextRunningHash(before: Hash, id: Hash, sender: number, timeMs: number): Hash {
  const writer = createWordWriter(4 * WORD);
  writeBytes32(writer, before);
  writeBytes32(writer, id);
  writeNumber(writer, sender);
  writeNumber(writer, timeMs);
  return hashOf(writer);
}

/** The log of the next turn: `before`, with what `sender` says in it. What cannot be sent is refused. */
export function appendMessages(
  before: MessageLog,
  { channelId, turnNum }: Omit<LoggedTurn, "log">,
  sender: number,
  messages: readonly LogMessage[],
  twinState: Hex,
): Result<MessageLog, MessageLogRejection> {
  const log = {
    count: before.count + messages.length,
    runningHash: EMPTY_LOG_HASH,
    reducerId: before.reducerId,
    twinState,
    messages,
  };
  const checked = checkMessageLog(log);
  if (!checked.ok) return checked;
  const after = { channelId, turnNum, log };
  return accept({ ...log, runningHash: grownHash(before.runningHash, after, sender) });
}

/**
 * Whether `after` says what `before` says and adds the messages that it shows, all written by `mover`. Neither what
 * the twin keeps nor the outcome is looked at.
 */
export function checkLogStep(
  before: MessageLog,
  after: LoggedTurn,
  mover: number,
): Result<undefined, LogStepRejection> {
  const { log } = after;
  if (log.reducerId !== before.reducerId) return reject({ code: "ReducerChanged" });
  const count = before.count + log.messages.length;
  if (log.count !== count) return reject({ code: "CountWrong", expected: count });
  const hash = grownHash(before.runningHash, after, mover);
  return log.runningHash === hash
    ? accept(undefined)
    : reject({ code: "HashWrong", expected: hash });
}

function grownHash(before: Hash, { channelId, log, turnNum }: LoggedTurn, sender: number): Hash {
  return log.messages.reduce(
    (hash, message, index) =>
      nextRunningHash(hash, messageId(channelId, turnNum, index, message), sender, message.timeMs),
    before,
  );
}

/** Refuses what a contract would not read either. The order of the checks is the contract's. */
export function checkMessageLog(log: MessageLog): Result<MessageLog, MessageLogRejection> {
  const { count, messages, twinState } = log;
  if (!isNumber(count)) return reject({ code: "CountOutOfRange" });
  const sizeBytes = hexSizeBytes(twinState);
  if (sizeBytes > TWIN_STATE_BYTES_MAX) return reject({ code: "TwinStateTooLarge", sizeBytes });
  if (messages.length > LOG_MESSAGES_PER_TURN_MAX) {
    return reject({ code: "TooManyMessages", count: messages.length });
  }
  for (const [index, message] of messages.entries()) {
    const checked = checkMessage(message, index);
    if (!checked.ok) return checked;
  }
  const size = sizeOf(log);
  return size > APP_DATA_BYTES_MAX
    ? reject({ code: "AppDataTooLarge", sizeBytes: size })
    : accept(log);
}

const TYPE = new RegExp(`^[ -~]{1,${APP_MESSAGE_TYPE_BYTES_MAX}}$`);

function checkMessage(
  { messageType, payload, timeMs }: LogMessage,
  index: number,
): Result<undefined, MessageLogRejection> {
  if (!TYPE.test(messageType)) return reject({ code: "MessageTypeInvalid", index });
  const sizeBytes = hexSizeBytes(payload);
  if (sizeBytes > LOG_PAYLOAD_BYTES_MAX)
    return reject({ code: "PayloadTooLarge", index, sizeBytes });
  return isNumber(timeMs) ? accept(undefined) : reject({ code: "TimeOutOfRange", index });
}

function isNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Words before the twin's state: five fields, of which two say where they begin. */
const HEAD_WORDS = 5;

/** Words of a message before its type: two places and the time. */
const MESSAGE_WORDS = 3;

/** `abi.encode(count, runningHash, reducerId, twinState, messages)`. The log has been checked. */
export function encodeMessageLog(log: MessageLog): Hex {
  const { count, messages, reducerId, runningHash, twinState } = log;
  assert(checkMessageLog(log).ok, "a log that is encoded keeps the limits");
  const writer = createWordWriter(sizeOf(log));
  writeNumber(writer, count);
  writeBytes32(writer, runningHash);
  writeBytes32(writer, reducerId);
  writeNumber(writer, HEAD_WORDS * WORD);
  writeNumber(writer, HEAD_WORDS * WORD + bytesSize(twinState));
  writeBytes(writer, twinState);
  writeMessages(writer, messages);
  return toHex(writtenWords(writer));
}

function writeMessages(writer: WordWriter, messages: readonly LogMessage[]): void {
  writeNumber(writer, messages.length);
  let place = messages.length * WORD;
  for (const message of messages) {
    writeNumber(writer, place);
    place += messageSize(message);
  }
  for (const { messageType, payload, timeMs } of messages) {
    const type = textHex(messageType);
    writeNumber(writer, MESSAGE_WORDS * WORD);
    writeNumber(writer, MESSAGE_WORDS * WORD + bytesSize(type));
    writeNumber(writer, timeMs);
    writeBytes(writer, type);
    writeBytes(writer, payload);
  }
}

function sizeOf({ messages, twinState }: MessageLog): number {
  const places = (HEAD_WORDS + 1 + messages.length) * WORD;
  const sizes = messages.map(messageSize);
  return sizes.reduce((sum, size) => sum + size, places + bytesSize(twinState));
}

function messageSize({ messageType, payload }: LogMessage): number {
  return MESSAGE_WORDS * WORD + bytesSize(textHex(messageType)) + bytesSize(payload);
}

/**
 * Reads `encodeMessageLog`, and refuses what it would have written otherwise. So does the contract: a log has one
 * encoding.
 */
export function decodeMessageLog(appData: Hex): Result<MessageLog, MessageLogRejection> {
  const sizeBytes = hexSizeBytes(appData);
  if (sizeBytes > APP_DATA_BYTES_MAX) return reject({ code: "AppDataTooLarge", sizeBytes });
  const log = readLog(appData);
  if (log === undefined) return reject({ code: "AppDataMalformed" });
  const checked = checkMessageLog(log);
  if (!checked.ok) return checked;
  return encodeMessageLog(log) === appData ? accept(log) : reject({ code: "AppDataMalformed" });
}

/** Reads where things should be, whatever is there; undefined where nothing is. */
function readLog(appData: Hex): MessageLog | undefined {
  const text = appData.slice(2);
  const count = numberAt(text, 0);
  const twinState = bytesAt(text, HEAD_WORDS * WORD);
  if (count === undefined || twinState === undefined) return undefined;
  const messages = readMessages(text, HEAD_WORDS * WORD + bytesSize(twinState));
  if (messages === undefined) return undefined;
  const runningHash = `0x${wordText(text, WORD)}` as Hash;
  const reducerId = `0x${wordText(text, 2 * WORD)}` as Hash;
  return { count, runningHash, reducerId, twinState, messages };
}

function readMessages(text: string, from: number): readonly LogMessage[] | undefined {
  const count = numberAt(text, from);
  // Each message has a place of one word at least.
  if (count === undefined || count * WORD > text.length) return undefined;
  const messages: LogMessage[] = [];
  let at = from + WORD + count * WORD;
  for (let index = 0; index < count; index += 1) {
    const message = readMessage(text, at);
    if (message === undefined) return undefined;
    messages.push(message);
    at += messageSize(message);
  }
  return messages;
}

function readMessage(text: string, at: number): LogMessage | undefined {
  const timeMs = numberAt(text, at + 2 * WORD);
  const type = bytesAt(text, at + MESSAGE_WORDS * WORD);
  if (timeMs === undefined || type === undefined) return undefined;
  const payload = bytesAt(text, at + MESSAGE_WORDS * WORD + bytesSize(type));
  if (payload === undefined) return undefined;
  return { messageType: hexText(type), payload, timeMs };
}

/** No number of a log has more bits. */
const UINT64_MAX = (1n << 64n) - 1n;

function numberAt(text: string, at: number): number | undefined {
  const word = wordText(text, at);
  const value = word.length === 2 * WORD ? BigInt(`0x${word}`) : UINT64_MAX + 1n;
  return value > UINT64_MAX ? undefined : Number(value);
}

function bytesAt(text: string, at: number): Hex | undefined {
  const sizeBytes = numberAt(text, at);
  if (sizeBytes === undefined || sizeBytes > text.length) return undefined;
  const bytes = text.slice(2 * (at + WORD), 2 * (at + WORD + sizeBytes));
  return bytes.length === 2 * sizeBytes ? `0x${bytes}` : undefined;
}

function wordText(text: string, at: number): string {
  return text.slice(2 * at, 2 * (at + WORD));
}

/** One byte for each character: types are ASCII, and others have been refused. */
function textHex(text: string): Hex {
  return toHex(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

function hexText(hex: Hex): string {
  return String.fromCharCode(...Uint8Array.fromHex(hex.slice(2)));
}

function hashOf(writer: WordWriter): Hash {
  return toHex(keccak256(writtenWords(writer))) as Hash;
}
