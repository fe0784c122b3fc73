/** A promise to pay out of a channel, made by one signature and no new state. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import { toHex } from "../primitives/hex.ts";
import { createWordWriter, WORD, writeBytes32, writeUint256, writtenWords } from "./abi.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Profile } from "./channel-use.ts";
import { encodePaymentPromise } from "./payment-voucher.ts";
import type { ReceiptedVoucher } from "./redemption.ts";

/** A signed promise: all that one participant ever promised the other in a channel, this voucher included. */
export type Voucher = {
  /** Counts the vouchers of one direction up from 1. go-nitro has no counter; it is kept all the same. */
  readonly counter: number;
  /** One for each asset of the channel's outcome, in its order and its smallest unit. */
  readonly amounts: readonly bigint[];
  readonly signature: Signature;
};

/** The newest voucher of each direction, as one end has them; each undefined before there is one. */
export type ChannelVouchers = {
  readonly issued: Voucher | undefined;
  readonly received: Voucher | undefined;
  /** The newest of mine with a receipt: what I can prove, without the other end, that I have paid. */
  readonly issuedReceipted: ReceiptedVoucher | undefined;
  /** The newest of the other end's that I gave a receipt for. */
  readonly receivedReceipted: ReceiptedVoucher | undefined;
};

/** A channel in which nobody has promised anything. */
export const NO_VOUCHERS: ChannelVouchers = {
  issued: undefined,
  received: undefined,
  issuedReceipted: undefined,
  receivedReceipted: undefined,
};

/** Facts about vouchers. */
export type VoucherEvent =
  | ({
      /** I promised. Durable before the signature leaves the node. */
      readonly type: "VoucherIssued";
      readonly channelId: ChannelId;
      /** The participant who is paid. */
      readonly to: number;
      /** A voucher of hers that I receipted for this one: it pays out of what she paid. */
      readonly counted: ReceiptedVoucher | undefined;
    } & Voucher)
  | ({
      /** I was promised more than before; the signature was checked before this was stored. */
      readonly type: "VoucherReceived";
      readonly channelId: ChannelId;
      /** The participant who pays. */
      readonly by: number;
      /** A voucher of mine that she receipted, newer than any before. */
      readonly counted: ReceiptedVoucher | undefined;
    } & Voucher);

/** Folds one fact about vouchers. Each replaces the one before: it names all that was promised. */
export function evolveVouchers(vouchers: ChannelVouchers, event: VoucherEvent): ChannelVouchers {
  const { amounts, counted, counter, signature } = event;
  const voucher: Voucher = { counter, amounts, signature };
  return event.type === "VoucherIssued"
    ? { ...vouchers, issued: voucher, receivedReceipted: counted ?? vouchers.receivedReceipted }
    : { ...vouchers, received: voucher, issuedReceipted: counted ?? vouchers.issuedReceipted };
}

/** What the payer of a voucher signs, before it is hashed: go-nitro knows one asset, and no counter. */
export function encodePromise(
  profile: Profile,
  channelId: ChannelId,
  { amounts, counter }: Omit<Voucher, "signature">,
): Uint8Array<ArrayBuffer> {
  return profile === "go-nitro"
    ? encodeVoucher(channelId, amounts[0] ?? 0n)
    : encodePaymentPromise({ channelId, counter, amounts });
}

/** keccak-256 of `encodePromise`: what the payer signs. */
export function promiseHash(
  profile: Profile,
  channelId: ChannelId,
  promise: Omit<Voucher, "signature">,
): Hash {
  return toHex(keccak256(encodePromise(profile, channelId, promise))) as Hash;
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
