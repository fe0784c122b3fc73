/** A promise to pay out of a channel, made by one signature and no new state. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import { toHex } from "../primitives/hex.ts";
import { createWordWriter, WORD, writeBytes32, writeUint256, writtenWords } from "./abi.ts";
import type { ChannelId } from "./channel-id.ts";

/** Facts about vouchers. `amount` is all that was ever promised in the channel, this voucher included. */
export type VoucherEvent =
  | {
      /** I promised. Durable before the signature leaves the node. */
      readonly type: "VoucherIssued";
      readonly channelId: ChannelId;
      /** The participant who is paid. */
      readonly to: number;
      /** In the smallest unit of the channel's asset. */
      readonly amount: bigint;
      readonly signature: Signature;
    }
  | {
      /** I was promised more than before; the signature was checked before this was stored. */
      readonly type: "VoucherReceived";
      readonly channelId: ChannelId;
      /** The participant who pays. */
      readonly by: number;
      /** In the smallest unit of the channel's asset. */
      readonly amount: bigint;
      readonly signature: Signature;
    };

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
