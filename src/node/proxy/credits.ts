/** What payers have paid for and not got yet, by channel. */

/** Channels whose credit is remembered: 10,000. With more, the one that was used longest ago loses it. */
const CHANNELS_MAX = 10_000;

type Credit = { readonly amount: bigint; readonly signature: string };

/** Lives as long as the proxy: a restart forgets credit, which is at most what a payer chose to pay ahead. */
export class Credits {
  readonly #byChannel = new Map<string, Credit>();

  get size(): number {
    return this.#byChannel.size;
  }

  /** Adds what a new voucher pays. From now on that voucher is the one to be shown for the credit. */
  add(channelId: string, amount: bigint, signature: string): void {
    this.#put(channelId, { amount: this.#amountOf(channelId) + amount, signature });
  }

  /** What can be used by showing this voucher: nothing with an older one, which others may have seen. */
  of(channelId: string, signature: string): bigint {
    const credit = this.#byChannel.get(channelId);
    return credit?.signature === signature ? credit.amount : 0n;
  }

  /** Takes what a request may use. */
  take(channelId: string, amount: bigint): void {
    this.giveBack(channelId, -amount);
  }

  /** Gives back what a request did not use. */
  giveBack(channelId: string, amount: bigint): void {
    const credit = this.#byChannel.get(channelId);
    if (credit !== undefined) this.#put(channelId, { ...credit, amount: credit.amount + amount });
  }

  #amountOf(channelId: string): bigint {
    return this.#byChannel.get(channelId)?.amount ?? 0n;
  }

  #put(channelId: string, credit: Credit): void {
    this.#byChannel.delete(channelId);
    this.#byChannel.set(channelId, credit);
    const [oldest] = this.#byChannel.keys();
    if (this.#byChannel.size > CHANNELS_MAX && oldest !== undefined) this.#byChannel.delete(oldest);
  }
}
