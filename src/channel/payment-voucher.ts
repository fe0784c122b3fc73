/** The vouchers of our payment app: signed by who pays, and receipted by who is paid. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { assert } from "../primitives/assert.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import {
  createWordWriter,
  WORD,
  writeBytes32,
  writeNumber,
  writeUint256,
  writtenWords,
} from "./abi.ts";
import type { ChannelId } from "./channel-id.ts";
import { TURN, TURN_NUM_MAX } from "./state.ts";

/** The last voucher of one direction: the largest uint32, four billion payments. Source: PaymentApp.sol. */
export const COUNTER_MAX: number = 2 ** 32 - 1;

/**
 * The turn of every final state of a virtual channel, 2^33. It is above the turn of any redemption, so
 * that no voucher outbids a final state, and the same in every channel, so that intermediaries, who
 * never see a voucher, can check it.
 */
export const VIRTUAL_FINAL_TURN: number = 2 ** 33;

assert(
  VIRTUAL_FINAL_TURN > redemptionTurn(COUNTER_MAX, COUNTER_MAX),
  "a final state is above every redemption",
);
assert(VIRTUAL_FINAL_TURN <= TURN_NUM_MAX, "the contracts can store the turn of a final state");

/** The turn of a redemption: both counters after the postfund. A missing voucher counts 0. */
export function redemptionTurn(leftCounter: number, rightCounter: number): number {
  return TURN.postfund + leftCounter + rightCounter;
}

/** What a voucher promises. */
export type PaymentPromise = {
  readonly channelId: ChannelId;
  /** 1 to `COUNTER_MAX`. Grows with every voucher of one direction. */
  readonly counter: number;
  /** All that was paid in this direction, per asset of the channel's outcome, in its smallest unit. */
  readonly amounts: readonly bigint[];
};

/** `abi.encode(channelId, counter, amounts)`. Source: PaymentApp.sol, Voucher.signature. */
export function encodePaymentPromise(promise: PaymentPromise): Uint8Array<ArrayBuffer> {
  const { amounts, channelId, counter } = promise;
  const headSize = 3 * WORD;
  const writer = createWordWriter(headSize + WORD + amounts.length * WORD);
  writeBytes32(writer, channelId);
  writeNumber(writer, counter);
  writeNumber(writer, headSize);
  writeNumber(writer, amounts.length);
  for (const amount of amounts) writeUint256(writer, amount);
  return writtenWords(writer);
}

/** keccak-256 of `encodePaymentPromise`: what who pays signs. */
export function paymentVoucherHash(promise: PaymentPromise): Hash {
  return toHex(keccak256(encodePaymentPromise(promise))) as Hash;
}

/** What follows the hash: where the text begins, its length of 7, and `receipt` itself. */
const RECEIPT_TAIL = fromHex(
  `0x${(64).toString(16).padStart(64, "0")}${(7).toString(16).padStart(64, "0")}${"72656365697074".padEnd(64, "0")}` as Hex,
);

/**
 * `keccak256(abi.encode(voucherHash, "receipt"))`: what who is paid signs, so that the voucher counts in a
 * redemption. Never the hash of the voucher itself: both directions have one form, and the receipt would
 * be a voucher back. Source: PaymentApp.sol, Voucher.receipt.
 */
export function voucherReceiptHash(voucherHash: Hash): Hash {
  return toHex(keccak256(encodeReceipt(voucherHash))) as Hash;
}

/** `abi.encode(voucherHash, "receipt")`: what `voucherReceiptHash` is the hash of. */
export function encodeReceipt(voucherHash: Hash): Uint8Array {
  return concatBytes(fromHex(voucherHash), RECEIPT_TAIL);
}
