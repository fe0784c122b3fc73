/** Which allocations a payout has paid, where the call that made it does not tell. */
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import { outcomeAfterPayout } from "../channel/adjudication.ts";
import type { Channel } from "../channel/channel.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";

/** Allocations among which a payout is searched for: 10, so that 1,023 sets of them are tried at most. */
const SEARCHED_MAX = 10;

/**
 * The places of the paid allocations, empty for all. A stranger may have called through another contract: then
 * the amount tells, unless two different payouts come to the same sum. Undefined where nothing tells.
 */
export function paidIndices(
  { adjudication }: Channel,
  log: AdjudicatorEvent & { readonly type: "AllocationUpdated" },
): readonly number[] | undefined {
  if (log.indices !== undefined) return log.indices;
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return undefined;
  return searched(adjudication.outcome, log);
}

type Payout = AdjudicatorEvent & { readonly type: "AllocationUpdated" };

function searched(outcome: Outcome, log: Payout): readonly number[] | undefined {
  const { assetIndex, finalHoldings, initialHoldings } = log;
  const count = outcome[assetIndex]?.allocations.length ?? 0;
  if (count === 0 || count > SEARCHED_MAX) return undefined;
  const found = subsets(count).filter((indices) => {
    const after = outcomeAfterPayout(outcome, { assetIndex, initialHoldings, indices });
    return (
      sumOf(outcome, assetIndex) - sumOf(after, assetIndex) === initialHoldings - finalHoldings
    );
  });
  const [first, ...others] = found.map((indices) => ({
    indices,
    after: outcomeAfterPayout(outcome, { assetIndex, initialHoldings, indices }),
  }));
  if (first === undefined) return undefined;
  return others.every(({ after }) => isSameOutcome(after, first.after)) ? first.indices : undefined;
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
