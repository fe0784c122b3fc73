/** What a reducer is told: how its channel began, then its messages. Source: docs/REDUCER-ABI.md. */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { Address } from "../../crypto/address.ts";
import { fixedBytes, rawBytes, type Schema, text, uint, uint256 } from "../../primitives/schema.ts";
import { list, record } from "../../primitives/schema-composite.ts";

/** What a channel begins with. */
export type ReducerInit = {
  readonly channelId: ChannelId;
  readonly participants: readonly Address[];
  readonly assets: readonly StakedAsset[];
  readonly challengeDurationSec: number;
  /** What the participants agreed on for this reducer, such as the size of a board. */
  readonly parameters: Uint8Array;
};

/** An asset, and what each participant brings in. */
export type StakedAsset = { readonly asset: Address; readonly amounts: readonly bigint[] };

/** A message as a reducer sees it. */
export type ReducerMessage = {
  readonly turn: number;
  /** The index of the participant who sent it. */
  readonly sender: number;
  /** 1 to 64 printable characters of ASCII. */
  readonly type: string;
  readonly payload: Uint8Array;
  /** When it was sent, in milliseconds since 1970: what its sender says, and all agreed to. */
  readonly timeMs: number;
};

/** Participants of a channel, at most. */
export const PARTICIPANTS_MAX = 16;

/** Assets of a channel, at most. */
export const ASSETS_MAX = 16;

/** Bytes of the parameters of a channel, at most. */
export const PARAMETERS_BYTES_MAX = 16_384;

/** Bytes of a message's payload, at most: 32 KiB. */
export const PAYLOAD_BYTES_MAX = 32_768;

const TYPE_BYTES_MAX = 64;
const MESSAGE_TYPE = /^[\x20-\x7e]{1,64}$/;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;

/** The beginning, as a module reads it. */
export const initSchema: Schema<ReducerInit> = record<ReducerInit>({
  channelId: fixedBytes<ChannelId>(32),
  participants: list(fixedBytes<Address>(20), PARTICIPANTS_MAX),
  assets: list(
    record<StakedAsset>({
      asset: fixedBytes<Address>(20),
      amounts: list(uint256, PARTICIPANTS_MAX),
    }),
    ASSETS_MAX,
  ),
  challengeDurationSec: uint(2 ** 48 - 1),
  parameters: rawBytes(PARAMETERS_BYTES_MAX),
});

/** A message, as a module reads it. */
export const messageSchema: Schema<ReducerMessage> = record<ReducerMessage>({
  turn: uint(SAFE_MAX),
  sender: uint(PARTICIPANTS_MAX - 1),
  type: text(TYPE_BYTES_MAX),
  payload: rawBytes(PAYLOAD_BYTES_MAX),
  timeMs: uint(SAFE_MAX),
});

/** Why a message is shown to no reducer: its sender is to blame. */
export type MessageProblem = "turn" | "sender" | "type" | "payload" | "time";

/** The first field of a message that is outside its range, in a channel of so many participants. */
export function messageProblem(
  { payload, sender, timeMs, turn, type }: ReducerMessage,
  participantCount: number,
): MessageProblem | undefined {
  if (!isCount(turn)) return "turn";
  if (!isCount(sender) || sender >= participantCount) return "sender";
  if (!MESSAGE_TYPE.test(type)) return "type";
  if (payload.length > PAYLOAD_BYTES_MAX) return "payload";
  return isCount(timeMs) ? undefined : "time";
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
