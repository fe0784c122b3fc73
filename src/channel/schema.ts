/** How the parts of a channel are written, on the wire and on the disk alike. */
import type { Address } from "../crypto/address.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import {
  bigUint,
  boolean,
  bytes,
  fixedBytes,
  type Schema,
  text,
  uint,
  uint256,
} from "../primitives/schema.ts";
import { list, record, union } from "../primitives/schema-composite.ts";
import type { Change } from "./change.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Destination } from "./destination.ts";
import { type FixedPart, PARTICIPANTS_MAX } from "./fixed-part.ts";
import type { ObjectiveId } from "./objective-id.ts";
import type { Allocation, Outcome, SingleAssetExit } from "./outcome.ts";
import { TURN_NUM_MAX, type VariablePart } from "./state.ts";

/** Bytes of app data or metadata in one state: 4 KiB, far above any app's need, far below a frame. */
const DATA_BYTES_MAX = 4_096;
/** Assets in one outcome. Each adds a payout to the one transaction that closes a channel. */
const ASSETS_MAX = 16;
/** Allocations of one asset: every participant of the largest channel. */
const ALLOCATIONS_MAX = 255;
/** Characters of an objective id: the longest is an update's, with two counters. */
const OBJECTIVE_ID_BYTES_MAX = 128;

export const address: Schema<Address> = fixedBytes<Address>(20);
export const hash: Schema<Hash> = fixedBytes<Hash>(32);
export const signature: Schema<Signature> = fixedBytes<Signature>(65);
export const channelId: Schema<ChannelId> = fixedBytes<ChannelId>(32);
export const objectiveId: Schema<ObjectiveId> = text<ObjectiveId>(OBJECTIVE_ID_BYTES_MAX);
export const data: Schema<Hex> = bytes({ min: 0, max: DATA_BYTES_MAX });
export const participantIndex: Schema<number> = uint(PARTICIPANTS_MAX - 1);
export const turnNum: Schema<number> = uint(TURN_NUM_MAX);

export const fixedPart: Schema<FixedPart> = record({
  participants: list(address, PARTICIPANTS_MAX),
  channelNonce: bigUint(64),
  appDefinition: address,
  challengeDurationSec: uint(2 ** 48 - 1),
});

const allocation: Schema<Allocation> = record({
  destination: fixedBytes<Destination>(32),
  amount: uint256,
  allocationType: uint(255),
  metadata: data,
});

const exit: Schema<SingleAssetExit> = record({
  asset: address,
  assetMetadata: record({ assetType: uint(255), metadata: data }),
  allocations: list(allocation, ALLOCATIONS_MAX),
});

export const outcome: Schema<Outcome> = list(exit, ASSETS_MAX);

export const variablePart: Schema<VariablePart> = record({
  outcome,
  appData: data,
  turnNum,
  isFinal: boolean,
});

export const change: Schema<Change> = union("type", {
  Pay: [1, record({ asset: address, to: participantIndex, amount: uint256 })],
  Replace: [2, record({ baseTurnNum: turnNum, outcome, appData: data })],
});
