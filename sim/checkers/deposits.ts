/** What was put into channels, by the adjudicator's logs, and by one party's own. */

import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { MinedBlock } from "../witness.ts";
import type { Amounts } from "./due.ts";

/** What the adjudicator was given for each channel, by anybody. */
export class OnChainDeposits {
  readonly amounts: Map<ChannelId, Map<Address, bigint>> = new Map();
  readonly #held = new Map<string, bigint>();

  /** Nothing was paid out yet where something is put in; a wei behind a payout counts as much as was held. */
  read({ logs }: MinedBlock): void {
    for (const log of logs) {
      if (log.type !== "Deposited") continue;
      const key = `${log.channelId} ${log.asset}`;
      const more = log.holdings - (this.#held.get(key) ?? 0n);
      if (more <= 0n) continue;
      this.#held.set(key, log.holdings);
      const known = this.amounts.get(log.channelId) ?? new Map<Address, bigint>();
      known.set(log.asset, (known.get(log.asset) ?? 0n) + more);
      this.amounts.set(log.channelId, known);
    }
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
