/** Which allocations a payout has paid, where the call that made it does not tell. */
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import { afterExpiry } from "../channel/adjudication.ts";
import type { Channel } from "../channel/channel.ts";
import { myPlaces } from "../channel/holdings.ts";
import type { Outcome } from "../channel/outcome.ts";
import { possiblePayouts } from "../channel/possible-payouts.ts";

/**
 * The places of the paid allocations, empty for all. A stranger may have called through another contract: then
 * the amount tells. Where two different payouts come to the same sum, the one counts that paid me least: asking
 * once more for what was paid is refused, and costs nothing. Undefined where nothing tells.
 */
export function paidIndices(
  channel: Channel,
  log: AdjudicatorEvent & { readonly type: "AllocationUpdated" },
): readonly number[] | undefined {
  if (log.indices !== undefined) return log.indices;
  // Who pays out shows that the challenge is over.
  const adjudication = afterExpiry(channel.adjudication);
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return undefined;
  const { outcome } = adjudication;
  const mine = (after: Outcome): bigint =>
    myPlaces(channel, outcome, log.assetIndex).reduce(
      (sum, place) => sum + (after[log.assetIndex]?.allocations[place]?.amount ?? 0n),
      0n,
    );
  const found = possiblePayouts(outcome, log).toSorted((one, other) =>
    Number(mine(other.after) - mine(one.after)),
  );
  return found[0]?.indices;
}
