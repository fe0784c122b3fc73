/** What the participants of a channel tell each other as users of its app. */
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChannelId } from "./channel-id.ts";

/** Bytes of the name of a kind of app message. */
export const APP_MESSAGE_TYPE_BYTES_MAX = 64;

/** Bytes of one app message: 64 KiB, which fits a frame with room for what stands around it. */
export const APP_MESSAGE_BYTES_MAX: number = 64 * 1024;

/** Messages in the log of one channel: 10,000, a few megabytes in all. A longer story goes on in a new channel. */
export const LOG_MESSAGES_MAX = 10_000;

/** A message of an app, in its place among all messages of its channel. */
export type AppMessage = {
  /** The turn of the state that binds the message: whoever signs that state has seen it. */
  readonly turnNum: number;
  /** The participant who wrote it. */
  readonly by: number;
  /** What the app calls messages of this kind. */
  readonly messageType: string;
  /** What was said, in the app's own encoding. */
  readonly payload: Hex;
  /** When its writer says that it was written: milliseconds since 1970-01-01 UTC. */
  readonly messageTimeMs: number;
  /** Over the running hash before it and this message, so that two lists are compared by one hash. */
  readonly runningHash: Hash;
};

/** Facts about the messages of an app, in the one order that all participants agree on. */
export type AppMessageEvent = AppMessage & {
  /** A message was added to the channel's own list of messages: its state is in force. */
  readonly type: "AppMessageAppended";
  readonly channelId: ChannelId;
};
