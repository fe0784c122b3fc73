/** A state of a channel, and the hash that participants sign. */

import type { Address } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { bytesSize, createWordWriter, WORD, writeBytes, writeBytes32, writeNumber } from "./abi.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Allocation, Outcome, SingleAssetExit } from "./outcome.ts";
import { outcomeSize, writeOutcome } from "./outcome-encoding.ts";

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

/** The largest amount that a contract can hold: 2^256 - 1. */
export const AMOUNT_MAX: bigint = (1n << 256n) - 1n;

/** Why a variable part is refused, whoever signed it. */
export type VariablePartRejection =
  | { readonly code: "TurnOutOfRange"; readonly turnNum: number }
  | { readonly code: "AmountOutOfRange"; readonly amount: bigint }
  | { readonly code: "AllocationTypeOutOfRange"; readonly allocationType: number }
  | { readonly code: "AssetTwice"; readonly asset: Address };

/**
 * `keccak256(abi.encode(channelId, appData, outcome, turnNum, isFinal))`: what is signed.
 * Source: NitroUtils.hashState.
 */
export function stateHash(channelId: ChannelId, variablePart: VariablePart): Hash {
  const { appData, isFinal, outcome, turnNum } = variablePart;
  const headSize = 5 * WORD;
  const appDataSize = bytesSize(appData);
  const writer = createWordWriter(headSize + appDataSize + outcomeSize(outcome));
  writeBytes32(writer, channelId);
  writeNumber(writer, headSize);
  writeNumber(writer, headSize + appDataSize);
  writeNumber(writer, turnNum);
  writeNumber(writer, isFinal ? 1 : 0);
  writeBytes(writer, appData);
  writeOutcome(writer, outcome);
  return toHex(keccak256(writer.bytes)) as Hash;
}

/** Refuses numbers that a contract would read otherwise, and an asset that stands in an outcome twice. */
export function checkVariablePart(
  variablePart: VariablePart,
): Result<VariablePart, VariablePartRejection> {
  const { outcome, turnNum } = variablePart;
  if (!Number.isSafeInteger(turnNum) || turnNum < 0 || turnNum > TURN_NUM_MAX) {
    return reject({ code: "TurnOutOfRange", turnNum });
  }
  for (const [index, exit] of outcome.entries()) {
    const isTwice = outcome.findIndex(({ asset }) => asset === exit.asset) !== index;
    if (isTwice) return reject({ code: "AssetTwice", asset: exit.asset });
    const checked = checkExit(exit);
    if (!checked.ok) return checked;
  }
  return accept(variablePart);
}

function checkExit({ allocations }: SingleAssetExit): Result<undefined, VariablePartRejection> {
  let total = 0n;
  for (const allocation of allocations) {
    const checked = checkAllocation(allocation);
    if (!checked.ok) return checked;
    total += allocation.amount;
  }
  // The contract adds amounts up: a sum that overflows would be unpayable.
  return total > AMOUNT_MAX
    ? reject({ code: "AmountOutOfRange", amount: total })
    : accept(undefined);
}

function checkAllocation({
  allocationType,
  amount,
}: Allocation): Result<undefined, VariablePartRejection> {
  if (amount < 0n || amount > AMOUNT_MAX) return reject({ code: "AmountOutOfRange", amount });
  const isByte = Number.isInteger(allocationType) && allocationType >= 0 && allocationType <= 255;
  return isByte ? accept(undefined) : reject({ code: "AllocationTypeOutOfRange", allocationType });
}
