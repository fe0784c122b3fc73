/** Which payouts come to a sum: for those that a stranger made by a contract whose call does not tell. */
import { outcomeAfterPayout } from "./adjudication.ts";
import type { Outcome } from "./outcome.ts";

/** Allocations among which a payout is searched for: 10, so that 1,023 sets of them are tried at most. */
const SEARCHED_MAX = 10;

/** What a log tells of a payout. */
export type PaidSum = {
  readonly assetIndex: number;
  readonly initialHoldings: bigint;
  readonly finalHoldings: bigint;
};

/** Places of allocations, and the outcome once they are paid. */
export type PossiblePayout = { readonly indices: readonly number[]; readonly after: Outcome };

/**
 * Every set of places whose payout takes so much out of what is held. None where nothing comes to the sum, or there
 * are more than `SEARCHED_MAX` allocations.
 */
export function possiblePayouts(outcome: Outcome, log: PaidSum): readonly PossiblePayout[] {
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
