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
import { list, optional, record, refine, repeated, union } from "../primitives/schema-composite.ts";
import {
  APP_MESSAGE_BYTES_MAX,
  APP_MESSAGE_TYPE_BYTES_MAX,
  type AppMessage,
} from "./app-message.ts";
import type { Change } from "./change.ts";
import type { ChannelId } from "./channel-id.ts";
import { type ChannelUse, INTERMEDIARIES_MAX, type Profile } from "./channel-use.ts";
import type { Destination } from "./destination.ts";
import { type FixedPart, PARTICIPANTS_MAX } from "./fixed-part.ts";
import {
  type GuaranteeShares,
  LEDGER_CHANGES_MAX,
  type LedgerChange,
  type LedgerProposal,
} from "./ledger-proposal.ts";
import {
  LOG_MESSAGES_PER_TURN_MAX,
  LOG_PAYLOAD_BYTES_MAX,
  type LogMessage,
} from "./message-log.ts";
import type { ObjectiveId } from "./objective-id.ts";
import {
  ALLOCATIONS_MAX,
  type Allocation,
  ASSETS_MAX,
  METADATA_BYTES_MAX,
  type Outcome,
  type SingleAssetExit,
} from "./outcome.ts";
import type { ReceiptedVoucher } from "./redemption.ts";
import { APP_DATA_BYTES_MAX, TURN_NUM_MAX, type VariablePart } from "./state.ts";
import type { WithdrawnAmount } from "./successor.ts";
import type { ChannelVouchers } from "./voucher.ts";

/** Characters of an objective id: the longest is an update's, with two counters. */
const OBJECTIVE_ID_BYTES_MAX = 128;

export const address: Schema<Address> = fixedBytes<Address>(20);
export const hash: Schema<Hash> = fixedBytes<Hash>(32);
export const signature: Schema<Signature> = fixedBytes<Signature>(65);
export const channelId: Schema<ChannelId> = fixedBytes<ChannelId>(32);
export const objectiveId: Schema<ObjectiveId> = text<ObjectiveId>(OBJECTIVE_ID_BYTES_MAX);
export const destination: Schema<Destination> = fixedBytes<Destination>(32);
const metadata: Schema<Hex> = bytes({ min: 0, max: METADATA_BYTES_MAX });
export const appData: Schema<Hex> = bytes({ min: 0, max: APP_DATA_BYTES_MAX });
export const participantIndex: Schema<number> = uint(PARTICIPANTS_MAX - 1);
export const turnNum: Schema<number> = uint(TURN_NUM_MAX);

export const fixedPart: Schema<FixedPart> = record({
  participants: list(address, PARTICIPANTS_MAX),
  channelNonce: bigUint(64),
  appDefinition: address,
  challengeDurationSec: uint(2 ** 48 - 1),
});

const allocation: Schema<Allocation> = record({
  destination,
  amount: uint256,
  allocationType: uint(255),
  metadata,
});

const exit: Schema<SingleAssetExit> = record({
  asset: address,
  assetMetadata: record({ assetType: uint(255), metadata }),
  allocations: list(allocation, ALLOCATIONS_MAX),
});

export const outcome: Schema<Outcome> = list(exit, ASSETS_MAX);

/** Each signature on a state brings the state along, and is stored and sent with it. */
export const variablePart: Schema<VariablePart> = repeated(
  record({ outcome, appData, turnNum, isFinal: boolean }),
);

/** A message that a state adds to its channel's log. */
const logMessage: Schema<LogMessage> = record({
  messageType: text(APP_MESSAGE_TYPE_BYTES_MAX),
  payload: bytes({ min: 0, max: LOG_PAYLOAD_BYTES_MAX }),
  timeMs: uint(Number.MAX_SAFE_INTEGER),
});

export const change: Schema<Change> = union("type", {
  Pay: [1, record({ asset: address, to: participantIndex, amount: uint256 })],
  Replace: [2, record({ baseTurnNum: turnNum, outcome, appData })],
  Play: [
    3,
    record({ baseTurnNum: turnNum, messages: list(logMessage, LOG_MESSAGES_PER_TURN_MAX) }),
  ],
});

const shares: Schema<readonly GuaranteeShares[]> = list(
  record({ asset: address, left: uint256, right: uint256 }),
  ASSETS_MAX,
);

const guarantee = record({ left: destination, right: destination });

export const ledgerProposal: Schema<LedgerProposal> = union("type", {
  Add: [1, record({ target: channelId, guarantee, shares, fee: uint256 })],
  Remove: [2, record({ target: channelId, shares, refund: uint256 })],
  TopUp: [3, record({ by: participantIndex, asset: address, amount: uint256 })],
  Merge: [4, record({ by: participantIndex, asset: address })],
});

const ledgerChange: Schema<LedgerChange> = record({ objectiveId, proposal: ledgerProposal });

export const ledgerChanges: Schema<readonly LedgerChange[]> = list(
  ledgerChange,
  LEDGER_CHANGES_MAX,
);

/** Ledger proposals as they were written before fees: in events of version 1. */
export const ledgerProposalV1: Schema<
  | Omit<LedgerProposal & { type: "Add" }, "fee">
  | Omit<LedgerProposal & { type: "Remove" }, "refund">
> = union("type", {
  Add: [1, record({ target: channelId, guarantee, shares })],
  Remove: [2, record({ target: channelId, shares })],
});

/** Vouchers count to 2^48 at most: a turn number must hold their sum. */
export const voucherCounter: Schema<number> = uint(TURN_NUM_MAX);
export const voucherAmounts: Schema<readonly bigint[]> = list(uint256, ASSETS_MAX);
export const receiptedVoucher: Schema<ReceiptedVoucher> = record({
  counter: voucherCounter,
  amounts: voucherAmounts,
  signature,
  receipt: signature,
});

export const withdrawnAmounts: Schema<readonly WithdrawnAmount[]> = list(
  record({ asset: address, leader: uint256, follower: uint256 }),
  ASSETS_MAX,
);

/** A channel's nonce makes its id new. */
export const channelNonce: Schema<bigint> = bigUint(64);

/** The newest vouchers of both directions, as the fields of whatever tells them. */
export const channelVouchers: {
  readonly [Name in keyof ChannelVouchers]: Schema<ChannelVouchers[Name]>;
} = {
  issued: optional(record({ counter: voucherCounter, amounts: voucherAmounts, signature })),
  received: optional(record({ counter: voucherCounter, amounts: voucherAmounts, signature })),
  issuedReceipted: optional(receiptedVoucher),
  receivedReceipted: optional(receiptedVoucher),
};

/** One of the two neighbours in a virtual channel. */
export const side: Schema<"left" | "right"> = refine(
  text<"left" | "right">(5),
  (name) => name === "left" || name === "right",
  "a side",
);

export const profile: Schema<Profile> = refine(
  text<Profile>(16),
  (name) => name === "enforceable" || name === "go-nitro",
  "a profile",
);

export const fees: Schema<readonly bigint[]> = list(uint256, INTERMEDIARIES_MAX);

export const channelUse: Schema<ChannelUse> = union("type", {
  Direct: [1, record({})],
  Ledger: [2, record({ profile })],
  Virtual: [3, record({ profile, fees, left: optional(channelId), right: optional(channelId) })],
  MessageLog: [4, record({ hasTwin: boolean })],
});

/** A message of an app, as the fields of whatever tells it. */
export const appMessage: { readonly [Name in keyof AppMessage]: Schema<AppMessage[Name]> } = {
  turnNum,
  by: participantIndex,
  messageType: text(APP_MESSAGE_TYPE_BYTES_MAX),
  payload: bytes({ min: 0, max: APP_MESSAGE_BYTES_MAX }),
  messageTimeMs: uint(Number.MAX_SAFE_INTEGER),
  runningHash: hash,
};
