/** Which allocations a payout has paid, where the call that made it does not tell. */
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import { afterExpiry, outcomeAfterPayout } from "../channel/adjudication.ts";
import type { Channel } from "../channel/channel.ts";
import { myPlaces } from "../channel/holdings.ts";
import type { Outcome } from "../channel/outcome.ts";

/** Allocations among which a payout is searched for: 10, so that 1,023 sets of them are tried at most. */
const SEARCHED_MAX = 10;

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

type Payout = AdjudicatorEvent & { readonly type: "AllocationUpdated" };

type PossiblePayout = { readonly indices: readonly number[]; readonly after: Outcome };

function possiblePayouts(outcome: Outcome, log: Payout): readonly PossiblePayout[] {
  const { assetIndex, finalHoldings, initialHoldings } = log;
  const count = outcome[assetIndex]?.allocations.length ?? 0;
  if (count === 0 || count > SEARCHED_MAX) return [];
  const before = sumOf(outcome, assetIndex);
  return subsets(count)
    .map((indices) => {
      const after = outcomeAfterPayout(outcome, { assetIndex, initialHoldings, indices });
      return { indices, after };
    })
    .filter(({ after }) => before - sumOf(after, assetIndex) === initialHoldings - finalHoldings);
}

/** Every set of places but the empty one, which stands for all. */
function subsets(count: number): readonly (readonly number[])[] {
  const places = Array.from({ length: count }, (_, place) => place);
  return Array.from({ length: 2 ** count - 1 }, (_, bits) =>
    places.filter((place) => ((bits + 1) >> place) % 2 === 1),
  );
}

function sumOf(outcome: Outcome, assetIndex: number): bigint {
  const allocations = outcome[assetIndex]?.allocations ?? [];
  return allocations.reduce((sum, { amount }) => sum + amount, 0n);
}
