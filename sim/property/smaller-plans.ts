/** What a plan is shrunk to by a property test: each time a little less, or a plainer world. */
import { checkPlan } from "../search/check-plan.ts";
import type { Plan } from "../search/plan.ts";
import { onlyActors, onlyWishes } from "../search/shrink-parts.ts";
import type { AssetAmounts, Wish } from "../search/wish.ts";
import { peopleOf } from "../search/wish.ts";

/** Plans that are smaller than one, those that leave the most out first. Each can be run. */
export function* smallerPlans(plan: Plan): Generator<Plan> {
  const before = sizeOf(plan);
  for (const candidate of candidates(plan)) {
    // Only what gets smaller ends; and what only a part of the plan made sensible is left out.
    if (sizeOf(candidate) < before && checkPlan(candidate).length === 0) yield candidate;
  }
}

/** How much there is in a plan: never below 0, and less in each that is smaller. */
export function sizeOf(plan: Plan): number {
  return JSON.stringify(plan, (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  ).length;
}

function* candidates(plan: Plan): Generator<Plan> {
  yield* plainer(plan);
  for (const part of chunks(plan.wishes)) yield onlyWishes(plan, (wish) => !part.includes(wish));
  for (const part of chunks(plan.faults)) {
    yield { ...plan, faults: plan.faults.filter((fault) => !part.includes(fault)) };
  }
  for (const part of chunks(plan.moves)) {
    yield { ...plan, moves: plan.moves.filter((move) => !part.includes(move)) };
  }
  const named = new Set(plan.wishes.flatMap((wish) => peopleOf(wish)));
  yield onlyActors(
    plan,
    plan.cast.filter((name) => named.has(name)),
  );
  for (const wish of plan.wishes) {
    yield { ...plan, wishes: plan.wishes.map((one) => (one === wish ? cheaper(one) : one)) };
  }
  for (const wish of plan.wishes) {
    yield { ...plan, wishes: plan.wishes.map((one) => (one === wish ? { ...one, atMs: 0 } : one)) };
  }
}

/** The plan in a world that has less to it. */
function* plainer(plan: Plan): Generator<Plan> {
  const { profile } = plan.chain;
  const parts: readonly Partial<Plan>[] = [
    { network: {}, chain: profile === undefined ? {} : { profile }, faults: [], moves: [] },
    { faults: [] },
    { moves: [] },
    { network: {} },
    { chain: profile === undefined ? {} : { profile } },
    { watched: [] },
    { fees: {} },
    { eventsPerSnapshot: undefined },
  ];
  for (const part of parts) yield { ...plan, ...part };
}

/** Runs of a list, long ones first: halves, quarters, and so on to single ones. */
function* chunks<Part>(parts: readonly Part[]): Generator<readonly Part[]> {
  for (
    let size = Math.ceil(parts.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < parts.length; from += size) yield parts.slice(from, from + size);
  }
}

/** The wish with a tenth of its amounts, what is above 0 staying so. */
function cheaper(wish: Wish): Wish {
  if ("amount" in wish) return { ...wish, amount: tenth(wish.amount) };
  if (!("amounts" in wish)) return wish;
  const amounts: readonly AssetAmounts[] = wish.amounts.map((part) => {
    return { ...part, amounts: part.amounts.map((amount) => tenth(amount)) };
  });
  return { ...wish, amounts };
}

function tenth(amount: bigint): bigint {
  return amount > 0n && amount < 10n ? 1n : amount / 10n;
}
