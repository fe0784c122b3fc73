/** The messages of a channel as a node has recorded them: each with a running hash, which the one before decides. */
import type { AppMessageEvent } from "../channel/app-message.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { EMPTY_LOG_HASH, messageId, nextRunningHash } from "../channel/message-log.ts";
import type { Hash } from "../crypto/signature.ts";
import { fromHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { LoggedMessage } from "./row-source.ts";

/** A message as it was recorded. */
export type RecordedMessage = Omit<AppMessageEvent, "type" | "channelId">;

/** How far a chain is. */
export type ChainPlace = {
  readonly messages: number;
  /** Behind the last of them. */
  readonly runningHash: Hash;
  /** Of the last of them. */
  readonly turnNum: number;
  /** Which message of its turn the next one is, if it is of the same turn. */
  readonly nextInTurn: number;
};

/** Before the first message. */
export const CHAIN_START: ChainPlace = {
  messages: 0,
  runningHash: EMPTY_LOG_HASH,
  turnNum: 0,
  nextInTurn: 0,
};

/**
 * The message of this index is not what its running hash says of those before it and of itself: something was left
 * out, changed or moved. Whoever wrote the log is at fault, and nothing is derived from it.
 */
export type ChainBroken = { readonly code: "ChainBroken"; readonly message: number };

/** Takes the next message of a chain. */
export function chainMessage(
  channelId: ChannelId,
  { messages, nextInTurn, runningHash: before, turnNum: lastTurn }: ChainPlace,
  recorded: RecordedMessage,
): Result<{ readonly place: ChainPlace; readonly message: LoggedMessage }, ChainBroken> {
  const { by, messageTimeMs: timeMs, messageType, payload, runningHash, turnNum } = recorded;
  const index = turnNum === lastTurn ? nextInTurn : 0;
  const id = messageId(channelId, turnNum, index, { messageType, payload, timeMs });
  if (nextRunningHash(before, id, by, timeMs) !== runningHash) {
    return reject({ code: "ChainBroken", message: messages });
  }
  const place = { messages: messages + 1, runningHash, turnNum, nextInTurn: index + 1 };
  const said = { turn: turnNum, sender: by, type: messageType, payload: fromHex(payload), timeMs };
  return accept({ place, message: { ...said, logHash: runningHash } });
}
