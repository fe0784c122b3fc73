/** A promise to pay out of a channel, made by one signature and no new state. */
import type { Signature } from "../crypto/signature.ts";
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
