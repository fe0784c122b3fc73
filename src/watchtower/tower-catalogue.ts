/** Every event type of a tower's log with its number for ever, its version and its layout. */
import type { BlockId, ChainPosition } from "../channel/holdings.ts";
import { ALLOCATIONS_MAX, ASSETS_MAX } from "../channel/outcome.ts";
import * as channel from "../channel/schema.ts";
import { callSchema } from "../events/catalogue.ts";
import { type Catalogue, eventEntry } from "../events/catalogue-entry.ts";
import { createRecordCodec, type RecordCodec, type Tag } from "../events/record.ts";
import { boolean, bytes, type Schema, text, uint, uint256 } from "../primitives/schema.ts";
import { list, optional, record } from "../primitives/schema-composite.ts";
import type { EffectId } from "../protocols/effects.ts";
import { appointmentSchema } from "./appointment.ts";
import type { TowerEvent } from "./tower-event.ts";

/** Characters of the reason why a call failed: what a node's log holds of it. */
const REASON_BYTES_MAX = 512;
/** Bytes of one signed transaction: 128 KiB, what Ethereum nodes take at most. */
const RAW_TRANSACTION_BYTES_MAX = 131_072;

const { address: client, channelId, hash } = channel;
const count = uint(Number.MAX_SAFE_INTEGER);
const timeSec = uint(2 ** 48 - 1);
const assetIndex = uint(ASSETS_MAX);
const reason = text(REASON_BYTES_MAX);

const block: Schema<BlockId> = record({ blockNumber: count, blockHash: hash });
const position: Schema<ChainPosition> = record({
  blockNumber: count,
  blockHash: hash,
  logIndex: count,
  transactionHash: hash,
});
const call = { effectId: text<EffectId>(256), channelId };

/** The numbers 1 to 9 are clients, 10 to 19 the adjudicator's logs, 20 to 29 blocks, 30 to 39 transactions. */
export const towerCatalogue: Catalogue<TowerEvent> = {
  AppointmentKept: eventEntry(1, 1, record({ client, channelId, appointment: appointmentSchema })),
  AppointmentEnded: eventEntry(2, 1, record({ client, channelId })),

  ChallengeSeen: eventEntry(
    10,
    1,
    record({
      channelId,
      finalizesAtSec: timeSec,
      variablePart: channel.variablePart,
      position,
    }),
  ),
  AnswerSeen: eventEntry(11, 1, record({ channelId, turnNum: channel.turnNum, position })),
  ConclusionSeen: eventEntry(12, 1, record({ channelId, position })),
  PayoutSeen: eventEntry(
    13,
    1,
    record({
      channelId,
      assetIndex,
      initialHoldings: uint256,
      finalHoldings: uint256,
      indices: optional(list(uint(ALLOCATIONS_MAX), ALLOCATIONS_MAX)),
      position,
    }),
  ),
  ReclaimSeen: eventEntry(
    14,
    1,
    record({ channelId, assetIndex, target: channelId, left: uint256, right: uint256, position }),
  ),

  ChainFollowed: eventEntry(20, 1, record({ block, blockTimeSec: timeSec })),
  ChainTurnedBack: eventEntry(21, 1, record({ fork: block })),

  CallRequested: eventEntry(30, 1, record({ ...call, call: callSchema })),
  CallSigned: eventEntry(
    31,
    1,
    record({
      ...call,
      nonce: count,
      transactionHash: hash,
      raw: bytes({ min: 1, max: RAW_TRANSACTION_BYTES_MAX }),
    }),
  ),
  CallMined: eventEntry(
    32,
    1,
    record({ ...call, block, succeeded: boolean, reason: optional(reason) }),
  ),
  CallPointless: eventEntry(33, 1, record({ ...call, reason })),
};

/** Turns a tower's events into stored records and back. */
export const towerCodec: RecordCodec<TowerEvent> = createRecordCodec(towerCatalogue, tagsOf);

function tagsOf(event: TowerEvent): readonly Tag[] {
  return "channelId" in event ? [`channel:${event.channelId}`] : [];
}
