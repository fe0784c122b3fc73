/** What was put into channels, by the adjudicator's logs, and by one party's own. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { MinedBlock, TakenBack } from "../witness.ts";
import type { Amounts } from "./due.ts";

/** One deposit, as the chain tells of it. */
export type SeenDeposit = {
  readonly block: number;
  readonly channelId: ChannelId;
  readonly asset: Address;
  readonly amount: bigint;
  /** All that the channel held then. */
  readonly holdings: bigint;
};

/** What the adjudicator was given for each channel, by anybody. */
export class OnChainDeposits {
  readonly amounts: Map<ChannelId, Map<Address, bigint>> = new Map();
  readonly #held = new Map<string, bigint>();
  #seen: SeenDeposit[] = [];

  /**
   * Reads a block, and gives what was put in with it. Nothing was paid out yet where something is put in; a wei
   * behind a payout counts as much as was held. `heldBefore` tells what a channel held before the block, where
   * it may have got that from another channel.
   */
  read(
    { logs, number }: Pick<MinedBlock, "logs" | "number">,
    heldBefore: (channelId: ChannelId, asset: Address) => bigint = () => 0n,
  ): readonly SeenDeposit[] {
    const seen: SeenDeposit[] = [];
    for (const log of logs) {
      if (log.type !== "Deposited") continue;
      const { asset, channelId, holdings } = log;
      const known = this.#held.get(`${channelId} ${asset}`) ?? 0n;
      const before = heldBefore(channelId, asset);
      const amount = holdings - (known > before ? known : before);
      if (amount <= 0n) continue;
      const deposit = { block: number, channelId, asset, amount, holdings };
      this.#add(deposit);
      seen.push(deposit);
    }
    this.#seen.push(...seen);
    return seen;
  }

  /** Forgets what stood in blocks that a reorg took back. */
  takeBack({ fork }: Pick<TakenBack, "fork">): void {
    const kept = this.#seen.filter(({ block }) => block <= fork);
    this.#seen = kept;
    this.amounts.clear();
    this.#held.clear();
    for (const deposit of kept) this.#add(deposit);
  }

  #add({ amount, asset, channelId, holdings }: SeenDeposit): void {
    this.#held.set(`${channelId} ${asset}`, holdings);
    const known = this.amounts.get(channelId) ?? new Map<Address, bigint>();
    known.set(asset, (known.get(asset) ?? 0n) + amount);
    this.amounts.set(channelId, known);
  }
}

/** What a party's own deposits have taken from her wallet. */
export function depositsBy(events: readonly NodeEvent[]): Amounts {
  const asked = new Map<string, { readonly asset: Address; readonly amount: bigint }>();
  const sums = new Map<Address, bigint>();
  for (const event of events) {
    if (event.type === "TransactionRequested" && event.call.type === "Deposit") {
      asked.set(event.effectId, event.call);
    }
    const call = event.type === "TransactionConfirmed" ? asked.get(event.effectId) : undefined;
    if (call !== undefined) sums.set(call.asset, (sums.get(call.asset) ?? 0n) + call.amount);
  }
  return sums;
}
