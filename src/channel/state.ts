/** A state of a channel, and the hash that participants sign. */
import type { Address } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { type Hex, hexSizeBytes, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import {
  bytesSize,
  createWordWriter,
  WORD,
  writeBytes,
  writeBytes32,
  writeNumber,
  writtenWords,
} from "./abi.ts";
import type { ChannelId } from "./channel-id.ts";
import {
  ALLOCATIONS_MAX,
  type Allocation,
  AMOUNT_MAX,
  ASSET_TYPE_MAX,
  ASSETS_MAX,
  isSameOutcome,
  METADATA_BYTES_MAX,
  type Outcome,
  type SingleAssetExit,
} from "./outcome.ts";
import { outcomeSize, writeOutcome } from "./outcome-encoding.ts";
import { remembering } from "./remembered.ts";
import { STATE_IN_MESSAGE_BYTES_MAX, sizeInMessageMax } from "./state-size.ts";

/** What changes from state to state. Source: INitroTypes.VariablePart. */
export type VariablePart = {
  readonly outcome: Outcome;
  readonly appData: Hex;
  /** uint48. */
  readonly turnNum: number;
  readonly isFinal: boolean;
};

/** Turn numbers that every protocol gives the same meaning. Later turns belong to the application. */
export const TURN: { readonly prefund: 0; readonly postfund: 1 } = { prefund: 0, postfund: 1 };

/** The last turn a contract can store: 2^48 - 1. */
export const TURN_NUM_MAX: number = 2 ** 48 - 1;

/** Bytes of app data: 4 KiB, far above any app's need, far below a frame. */
export const APP_DATA_BYTES_MAX = 4_096;

/**
 * Bytes of an encoded state: 90 KiB. Public nodes pass on no transaction above 128 KiB, and one that
 * proves a state holds up to 255 participants and their signatures too, 128 bytes each. Source:
 * go-ethereum, core/txpool/legacypool, txMaxSize.
 */
export const STATE_BYTES_MAX: number = 90 * 1024;

/**
 * Why a variable part is refused. Whoever made it is at fault: no contract could read or pay it, so
 * it is not signed and not stored.
 */
export type VariablePartRejection =
  /** Not a whole number from 0 to `TURN_NUM_MAX`. */
  | { readonly code: "TurnOutOfRange"; readonly turnNum: number }
  /** More than `APP_DATA_BYTES_MAX`. */
  | { readonly code: "AppDataTooLarge"; readonly sizeBytes: number }
  /** More than `ASSETS_MAX`. */
  | { readonly code: "TooManyAssets"; readonly count: number }
  /** Two exits of one asset would be paid from one holding. */
  | { readonly code: "AssetTwice"; readonly asset: Address }
  /** Above `ASSET_TYPE_MAX`: the contract reverts while it reads. */
  | { readonly code: "AssetTypeOutOfRange"; readonly assetType: number }
  /** More than `METADATA_BYTES_MAX`, of an asset or of an allocation. */
  | { readonly code: "MetadataTooLarge"; readonly sizeBytes: number }
  /** More than `ALLOCATIONS_MAX` of one asset. */
  | { readonly code: "TooManyAllocations"; readonly count: number }
  /** One amount, or the sum of one asset, is not from 0 to `AMOUNT_MAX`. */
  | { readonly code: "AmountOutOfRange"; readonly amount: bigint }
  /** Not a byte. */
  | { readonly code: "AllocationTypeOutOfRange"; readonly allocationType: number }
  /** More than `STATE_BYTES_MAX` when encoded, or more than `STATE_IN_MESSAGE_BYTES_MAX` in a message. */
  | { readonly code: "StateTooLarge"; readonly sizeBytes: number };

/** `abi.encode(channelId, appData, outcome, turnNum, isFinal)`. Source: NitroUtils.hashState. */
export function encodeState(
  channelId: ChannelId,
  variablePart: VariablePart,
): Uint8Array<ArrayBuffer> {
  const { appData, isFinal, outcome, turnNum } = variablePart;
  const writer = createWordWriter(stateSize(variablePart));
  writeBytes32(writer, channelId);
  writeNumber(writer, HEAD_BYTES);
  writeNumber(writer, HEAD_BYTES + bytesSize(appData));
  writeNumber(writer, turnNum);
  writeNumber(writer, isFinal ? 1 : 0);
  writeBytes(writer, appData);
  writeOutcome(writer, outcome);
  return writtenWords(writer);
}

/** keccak-256 of `encodeState`: what participants sign. */
export function stateHash(channelId: ChannelId, variablePart: VariablePart): Hash {
  return outcomesHash(variablePart.outcome, { channelId, variablePart });
}

/** A state, whatever its outcome is. */
type Stated = { readonly channelId: ChannelId; readonly variablePart: VariablePart };

/** Each participant hashes a state to sign it and to check the others' signatures: a full ledger's is 26 kB. */
const outcomesHash: (outcome: Outcome, stated: Stated) => Hash = remembering(
  (outcome, { channelId, variablePart }) =>
    toHex(keccak256(encodeState(channelId, { ...variablePart, outcome }))) as Hash,
  (one, other) =>
    one.channelId === other.channelId && isSameBeside(one.variablePart, other.variablePart),
);

/** True when both are one state of the channel: their hashes would be equal, and are not made for it. */
export function isSameState(channelId: ChannelId, one: VariablePart, other: VariablePart): boolean {
  if (isSameBeside(one, other) && isSameOutcome(one.outcome, other.outcome)) return true;
  // The same bytes may be written in digits of another case.
  return equalBytes(encodeState(channelId, one), encodeState(channelId, other));
}

/** True when both are the same beside their outcomes. */
function isSameBeside(one: VariablePart, other: VariablePart): boolean {
  return (
    one.turnNum === other.turnNum && one.isFinal === other.isFinal && one.appData === other.appData
  );
}

/** Refuses what the contracts could not read or would read otherwise, and sizes that nobody can submit. */
export function checkVariablePart(
  variablePart: VariablePart,
): Result<VariablePart, VariablePartRejection> {
  const { appData, outcome, turnNum } = variablePart;
  if (!Number.isSafeInteger(turnNum) || turnNum < 0 || turnNum > TURN_NUM_MAX) {
    return reject({ code: "TurnOutOfRange", turnNum });
  }
  const sizeBytes = hexSizeBytes(appData);
  if (sizeBytes > APP_DATA_BYTES_MAX) return reject({ code: "AppDataTooLarge", sizeBytes });
  const checked = checkOutcome(outcome);
  if (!checked.ok) return checked;
  // Measured last: by now the outcome is small enough to be walked.
  const fits = checkSize(variablePart);
  return fits.ok ? accept(variablePart) : fits;
}

/** Five words: the id, where app data and outcome begin, the turn and the flag. */
const HEAD_BYTES = 5 * WORD;

function stateSize({ appData, outcome }: VariablePart): number {
  return HEAD_BYTES + bytesSize(appData) + outcomeSize(outcome);
}

type Checked = Result<undefined, VariablePartRejection>;

const GOOD: Checked = accept(undefined);

function checkSize(variablePart: VariablePart): Checked {
  const onChain = stateSize(variablePart);
  if (onChain > STATE_BYTES_MAX) return reject({ code: "StateTooLarge", sizeBytes: onChain });
  const inMessage = sizeInMessageMax(variablePart);
  return inMessage > STATE_IN_MESSAGE_BYTES_MAX
    ? reject({ code: "StateTooLarge", sizeBytes: inMessage })
    : GOOD;
}

function checkOutcome(outcome: Outcome): Checked {
  if (outcome.length > ASSETS_MAX) return reject({ code: "TooManyAssets", count: outcome.length });
  const seen = new Set<Address>();
  for (const exit of outcome) {
    if (seen.has(exit.asset)) return reject({ code: "AssetTwice", asset: exit.asset });
    seen.add(exit.asset);
    const checked = checkExit(exit);
    if (!checked.ok) return checked;
  }
  return GOOD;
}

function checkExit({ allocations, assetMetadata }: SingleAssetExit): Checked {
  const { assetType, metadata } = assetMetadata;
  const count = allocations.length;
  if (!isUpTo(assetType, ASSET_TYPE_MAX)) return reject({ code: "AssetTypeOutOfRange", assetType });
  if (count > ALLOCATIONS_MAX) return reject({ code: "TooManyAllocations", count });
  const fits = checkMetadata(metadata);
  if (!fits.ok) return fits;
  let total = 0n;
  for (const allocation of allocations) {
    const checked = checkAllocation(allocation);
    if (!checked.ok) return checked;
    total += allocation.amount;
  }
  // The contract adds amounts up: a sum that overflows would be unpayable.
  return total > AMOUNT_MAX ? reject({ code: "AmountOutOfRange", amount: total }) : GOOD;
}

function checkAllocation({ allocationType, amount, metadata }: Allocation): Checked {
  if (amount < 0n || amount > AMOUNT_MAX) return reject({ code: "AmountOutOfRange", amount });
  if (!isUpTo(allocationType, 255)) {
    return reject({ code: "AllocationTypeOutOfRange", allocationType });
  }
  return checkMetadata(metadata);
}

function checkMetadata(metadata: Hex): Checked {
  const sizeBytes = hexSizeBytes(metadata);
  return sizeBytes > METADATA_BYTES_MAX ? reject({ code: "MetadataTooLarge", sizeBytes }) : GOOD;
}

function isUpTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
