/** The vouchers of a go-nitro node. Source: go-nitro, payments/voucher_manager.go. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { voucherHash } from "../../src/channel/voucher.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { GoNitroVoucher } from "../../src/messages/go-nitro/message.ts";
import type { GoKey } from "./go-key.ts";
import { panic } from "./go-panic.ts";

type VoucherInfo = {
  readonly payer: Address;
  readonly payee: Address;
  readonly balance: bigint;
  largest: bigint;
};

export class GoVouchers {
  readonly #key: GoKey;
  readonly #channels = new Map<ChannelId, VoucherInfo>();

  constructor(key: GoKey) {
    this.#key = key;
  }

  register(channelId: ChannelId, payer: Address, payee: Address, balance: bigint): void {
    if (this.#channels.has(channelId)) panic("channel already registered");
    this.#channels.set(channelId, { payer, payee, balance, largest: 0n });
  }

  /** What was paid in all; 0 where nothing is registered. */
  paid(channelId: ChannelId): bigint {
    return this.#channels.get(channelId)?.largest ?? 0n;
  }

  pay(channelId: ChannelId, amount: bigint): GoNitroVoucher {
    const info = this.#channels.get(channelId) ?? panic("channel not registered");
    if (amount > info.balance - info.largest) panic("unable to pay amount: insufficient funds");
    if (info.payer !== this.#key.address) panic("only the payer signs vouchers");
    info.largest += amount;
    const signature = this.#key.sign(voucherHash(channelId, info.largest));
    return { channelId, amount: info.largest, signature };
  }

  /** False for the one error that a node survives: the channel is not registered. */
  receive({ amount, channelId, signature }: GoNitroVoucher): boolean {
    const info = this.#channels.get(channelId);
    if (info === undefined) return false;
    if (info.payee !== this.#key.address) panic("only the payee receives vouchers");
    if (amount > info.balance) panic("channel has insufficient funds");
    if (amount <= info.largest) return true;
    const signer = this.#key.recover(voucherHash(channelId, amount), signature);
    if (signer !== info.payer) panic("wrong signer");
    info.largest = amount;
    return true;
  }
}
