/** A promise to pay out of a channel, made by one signature and no new state. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import { toHex } from "../primitives/hex.ts";
import { createWordWriter, WORD, writeBytes32, writeUint256, writtenWords } from "./abi.ts";
import type { ChannelId } from "./channel-id.ts";

/** A signed promise: all that one participant ever promised the other in a channel, this voucher included. */
export type Voucher = {
  /** Counts the vouchers of one direction up from 1. go-nitro has no counter; it is kept all the same. */
  readonly counter: number;
  /** One for each asset of the channel's outcome, in its order and its smallest unit. */
  readonly amounts: readonly bigint[];
  readonly signature: Signature;
};

/** The newest voucher of each direction; undefined before the first one. */
export type ChannelVouchers = {
  readonly issued: Voucher | undefined;
  readonly received: Voucher | undefined;
};

/** A channel in which nobody has promised anything. */
export const NO_VOUCHERS: ChannelVouchers = { issued: undefined, received: undefined };

/** Facts about vouchers. */
export type VoucherEvent =
  | ({
      /** I promised. Durable before the signature leaves the node. */
      readonly type: "VoucherIssued";
      readonly channelId: ChannelId;
      /** The participant who is paid. */
      readonly to: number;
    } & Voucher)
  | ({
      /** I was promised more than before; the signature was checked before this was stored. */
      readonly type: "VoucherReceived";
      readonly channelId: ChannelId;
      /** The participant who pays. */
      readonly by: number;
    } & Voucher);

/** Folds one fact about vouchers. Each replaces the one before: it names all that was promised. */
export function evolveVouchers(vouchers: ChannelVouchers, event: VoucherEvent): ChannelVouchers {
  const { amounts, counter, signature } = event;
  const voucher: Voucher = { counter, amounts, signature };
  return event.type === "VoucherIssued"
    ? { ...vouchers, issued: voucher }
    : { ...vouchers, received: voucher };
}

/** `abi.encode(channelId, amount)`, the amount as uint256. Source: go-nitro, payments/vouchers.go. */
export function encodeVoucher(channelId: ChannelId, amount: bigint): Uint8Array<ArrayBuffer> {
  const writer = createWordWriter(2 * WORD);
  writeBytes32(writer, channelId);
  writeUint256(writer, amount);
  return writtenWords(writer);
}

/** keccak-256 of `encodeVoucher`: what the payer signs. */
export function voucherHash(channelId: ChannelId, amount: bigint): Hash {
  return toHex(keccak256(encodeVoucher(channelId, amount))) as Hash;
}
