/** Redemptions: the states that our payment app supports by vouchers, without the other end's agreement. */

import type { Signature } from "../crypto/signature.ts";
import { type Hex, hexSizeBytes, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import {
  createWordWriter,
  WORD,
  type WordWriter,
  writeBytes32,
  writeNumber,
  writeUint256,
  writtenWords,
} from "./abi.ts";
import type { Outcome, SingleAssetExit } from "./outcome.ts";
import { COUNTER_MAX, redemptionTurn } from "./payment-voucher.ts";
import type { VariablePart } from "./state.ts";

/** A voucher as a redemption shows it. Source: PaymentApp.Voucher. */
export type ReceiptedVoucher = {
  /** 1 to `COUNTER_MAX`. */
  readonly counter: number;
  /** One per asset of the channel's outcome, in the asset's smallest unit. */
  readonly amounts: readonly bigint[];
  /** Of who pays, over the hash of the voucher. */
  readonly signature: Signature;
  /** Of who is paid, over `voucherReceiptHash`. */
  readonly receipt: Signature;
};

/** What a redemption shows: the best voucher of each direction, where there is one. */
export type RedeemedVouchers = {
  /** Paid by the first participant. */
  readonly left: ReceiptedVoucher | undefined;
  /** Paid by the last participant. */
  readonly right: ReceiptedVoucher | undefined;
};

/** Why vouchers do not fit a channel. Who signed them, or chose them, is at fault. */
export type RedemptionRejection =
  /** Not two allocations of one asset: no channel of our payment app. */
  | { readonly code: "NotTwoAllocations" }
  /** Not one amount per asset. */
  | { readonly code: "AmountsNotPerAsset"; readonly count: number }
  /** One end would have paid more of an asset than it had and was paid. */
  | { readonly code: "Overdrawn"; readonly assetIndex: number }
  /** There is no voucher at all: the postfund says the same already. */
  | { readonly code: "NothingRedeemed" };

/** What the channel pays once these amounts were paid. An end that paid nothing has no amounts. */
export function redeemedOutcome(
  funding: Outcome,
  byLeft: readonly bigint[] | undefined,
  byRight: readonly bigint[] | undefined,
): Result<Outcome, RedemptionRejection> {
  for (const amounts of [byLeft, byRight]) {
    const count = amounts?.length ?? funding.length;
    if (count !== funding.length) return reject({ code: "AmountsNotPerAsset", count });
  }
  const exits: SingleAssetExit[] = [];
  for (const [assetIndex, exit] of funding.entries()) {
    const paid = (byLeft?.[assetIndex] ?? 0n) - (byRight?.[assetIndex] ?? 0n);
    const [left, right, ...others] = exit.allocations;
    if (left === undefined || right === undefined || others.length > 0) {
      return reject({ code: "NotTwoAllocations" });
    }
    if (paid > left.amount || -paid > right.amount)
      return reject({ code: "Overdrawn", assetIndex });
    const allocations = [
      { ...left, amount: left.amount - paid },
      { ...right, amount: right.amount + paid },
    ];
    exits.push({ ...exit, allocations });
  }
  return accept(exits);
}

/**
 * The state that redeems these vouchers after the postfund that pays `funding`. Whoever of the two ends
 * shows it signs it too.
 */
export function redemptionState(
  funding: Outcome,
  vouchers: RedeemedVouchers,
): Result<VariablePart, RedemptionRejection> {
  const { left, right } = vouchers;
  if (left === undefined && right === undefined) return reject({ code: "NothingRedeemed" });
  const outcome = redeemedOutcome(funding, left?.amounts, right?.amounts);
  if (!outcome.ok) return outcome;
  return accept({
    outcome: outcome.value,
    appData: encodeRedemption(vouchers, funding.length),
    turnNum: redemptionTurn(left?.counter ?? 0, right?.counter ?? 0),
    isFinal: false,
  });
}

/** Words of one voucher besides its amounts: eight fields, and the number of amounts. */
const VOUCHER_WORDS = 9;

/** Words before the vouchers: where each begins. */
const HEAD_WORDS = 2;

/** `abi.encode(left, right)`, with one amount per asset; a missing voucher is zeros. */
export function encodeRedemption({ left, right }: RedeemedVouchers, assetCount: number): Hex {
  const voucherWords = VOUCHER_WORDS + assetCount;
  const writer = createWordWriter(WORD * (HEAD_WORDS + 2 * voucherWords));
  writeNumber(writer, WORD * HEAD_WORDS);
  writeNumber(writer, WORD * (HEAD_WORDS + voucherWords));
  writeVoucher(writer, left, assetCount);
  writeVoucher(writer, right, assetCount);
  return toHex(writtenWords(writer));
}

const NO_SIGNATURE = `0x${"00".repeat(65)}` as Signature;

function writeVoucher(
  writer: WordWriter,
  voucher: ReceiptedVoucher | undefined,
  assetCount: number,
): void {
  writeNumber(writer, voucher?.counter ?? 0);
  writeNumber(writer, AMOUNTS_OFFSET);
  writeSignature(writer, voucher?.signature ?? NO_SIGNATURE);
  writeSignature(writer, voucher?.receipt ?? NO_SIGNATURE);
  const amounts = voucher?.amounts ?? new Array<bigint>(assetCount).fill(0n);
  writeNumber(writer, amounts.length);
  for (const amount of amounts) writeUint256(writer, amount);
}

/** Bytes from the beginning of a voucher to its amounts. */
const AMOUNTS_OFFSET = 8 * WORD;

function writeSignature(writer: WordWriter, signature: Signature): void {
  writeNumber(writer, Number.parseInt(signature.slice(130), 16));
  writeBytes32(writer, signature.slice(0, 66) as Hex);
  writeBytes32(writer, `0x${signature.slice(66, 130)}`);
}

/** Why app data is not read. Who made it is at fault: no contract takes it as a redemption. */
export type RedemptionUnreadable = { readonly code: "AppDataMalformed" };

/**
 * Reads `encodeRedemption`, and refuses what it would have written otherwise. So does the contract: two
 * readers who differ in a byte would differ in a payment.
 */
export function decodeRedemption(
  appData: Hex,
  assetCount: number,
): Result<RedeemedVouchers, RedemptionUnreadable> {
  const voucherWords = VOUCHER_WORDS + assetCount;
  const sizeBytes = WORD * (HEAD_WORDS + 2 * voucherWords);
  if (hexSizeBytes(appData) !== sizeBytes) return reject({ code: "AppDataMalformed" });
  const left = decodeVoucher(appData, HEAD_WORDS, assetCount);
  const right = decodeVoucher(appData, HEAD_WORDS + voucherWords, assetCount);
  // Writing it again compares every word that is not part of a voucher, such as where the amounts begin.
  const isCanonical = encodeRedemption({ left, right }, assetCount) === appData;
  return isCanonical ? accept({ left, right }) : reject({ code: "AppDataMalformed" });
}

/** Reads a voucher where one should be, whatever is there. */
function decodeVoucher(appData: Hex, at: number, assetCount: number): ReceiptedVoucher | undefined {
  const counter = wordAt(appData, at);
  if (counter === 0n || counter > BigInt(COUNTER_MAX)) return undefined;
  const amounts = Array.from({ length: assetCount }, (_, index) =>
    wordAt(appData, at + VOUCHER_WORDS + index),
  );
  const signature = decodeSignature(appData, at + 2);
  return {
    counter: Number(counter),
    amounts,
    signature,
    receipt: decodeSignature(appData, at + 5),
  };
}

function decodeSignature(appData: Hex, at: number): Signature {
  const [v, r, s] = [0, 1, 2].map((index) => wordText(appData, at + index));
  return `0x${r}${s}${v?.slice(62)}` as Signature;
}

function wordAt(appData: Hex, index: number): bigint {
  return BigInt(`0x${wordText(appData, index)}`);
}

function wordText(appData: Hex, index: number): string {
  return appData.slice(2 + 64 * index, 2 + 64 * (index + 1));
}
