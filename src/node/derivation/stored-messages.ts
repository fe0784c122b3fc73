/** The messages of one channel, read out of a node's log and checked on the way. */
import type { ChannelEvent } from "../../channel/channel.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { decodeMessageLog, EMPTY_LOG_HASH } from "../../channel/message-log.ts";
import type { Hash } from "../../crypto/signature.ts";
import { type BeginningRejection, reducerInitOf } from "../../derivation/channel-beginning.ts";
import {
  CHAIN_START,
  type ChainBroken,
  type ChainPlace,
  chainMessage,
} from "../../derivation/message-chain.ts";
import type { LoggedMessage, MessageLog } from "../../derivation/row-source.ts";
import type { ReducerInit } from "../../derivation/sandbox/reducer-input.ts";
import {
  type NodeSnapshots,
  reconstructChannel,
  type TaggedLog,
} from "../../engine/reconstruction.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";

/** How the channel began. */
export type MessagesBeginning = {
  readonly init: ReducerInit;
  /** keccak-256 of the module that makes tables of the messages. */
  readonly reducerId: Hash;
};

/** Why nothing can be derived from what the log has of a channel. */
export type StoredRejection =
  /** The log does not know it. */
  | { readonly code: "ChannelUnknown" }
  /** It is no channel of messages, or not one that a reducer can be told of. */
  | BeginningRejection
  | ChainBroken
  /**
   * The newest state that both signed speaks of other messages than the log has: some are missing, as after a log
   * was lost.
   */
  | { readonly code: "LogIncomplete"; readonly messages: number; readonly signed: number };

/** What was read of the messages of a channel. It reads on when it is asked to. */
export class StoredMessages {
  readonly channelId: ChannelId;
  /** What has been read: the messages that derivations take. */
  readonly log: MessageLog;
  readonly #store: TaggedLog;
  readonly #snapshots: NodeSnapshots;
  readonly #messages: LoggedMessage[] = [];
  #beginning: MessagesBeginning | undefined;
  #place: ChainPlace = CHAIN_START;
  /** The offset that was read up to. */
  #offset = 0;

  constructor(store: TaggedLog, channelId: ChannelId, snapshots?: NodeSnapshots) {
    this.channelId = channelId;
    this.#store = store;
    this.#snapshots = snapshots;
    this.log = {
      channelId,
      read: async (from, countMax) => this.#messages.slice(from, from + countMax),
    };
  }

  /** Messages that were read. */
  get count(): number {
    return this.#messages.length;
  }

  /**
   * Reads what the log holds by now. After a refusal it is of no use any more. Throws `NodeError` when the disk fails.
   */
  async catchUp(): Promise<Result<MessagesBeginning, StoredRejection>> {
    const end = this.#store.length;
    const tag = `channel:${this.channelId}` as const;
    let hasNews = false;
    for await (const { event } of this.#store.readTagged(tag, this.#offset, end)) {
      hasNews = true;
      const taken =
        event.type === "ChannelCreated"
          ? this.#begin(event)
          : event.type === "AppMessageAppended"
            ? this.#add(event)
            : accept(undefined);
      if (!taken.ok) return taken;
    }
    this.#offset = end;
    if (this.#beginning === undefined) return reject({ code: "ChannelUnknown" });
    const whole = hasNews ? await this.#checkEnd(end) : accept(undefined);
    return whole.ok ? accept(this.#beginning) : whole;
  }

  #begin({
    appData,
    fixedPart,
    outcome,
  }: ChannelEvent & { readonly type: "ChannelCreated" }): Result<undefined, BeginningRejection> {
    const init = reducerInitOf(this.channelId, fixedPart, outcome, appData);
    if (!init.ok) return init;
    const log = decodeMessageLog(appData);
    if (log.ok) this.#beginning = { init: init.value, reducerId: log.value.reducerId };
    return accept(undefined);
  }

  #add(event: Parameters<typeof chainMessage>[2]): Result<undefined, ChainBroken> {
    const chained = chainMessage(this.channelId, this.#place, event);
    if (!chained.ok) return chained;
    this.#place = chained.value.place;
    this.#messages.push(chained.value.message);
    return accept(undefined);
  }

  /** A chain that was cut off at its end still chains: what both signed last says how long it must be. */
  async #checkEnd(end: number): Promise<Result<undefined, StoredRejection>> {
    const channel = await reconstructChannel(this.#store, this.channelId, end, this.#snapshots);
    const state = channel?.supported?.variablePart;
    const log = state === undefined ? undefined : decodeMessageLog(state.appData);
    if (state === undefined || log === undefined || !log.ok) return accept(undefined);
    const told = this.#messages.filter(({ turn }) => turn <= state.turnNum);
    const { count: signed, runningHash } = log.value;
    const isWhole =
      told.length === signed && (told.at(-1)?.logHash ?? EMPTY_LOG_HASH) === runningHash;
    return isWhole
      ? accept(undefined)
      : reject({ code: "LogIncomplete", messages: told.length, signed });
  }
}
