/** Makes the numbers of a plan small and round: times and delays, amounts, and the settings of faults and moves. */
import type { Plan } from "./plan.ts";
import { setAll } from "./shrink-conditions.ts";
import { type Search, stepsOf, type Trial, takeAll, takeFirst } from "./shrink-trial.ts";
import type { AssetAmounts, Wish } from "./wish.ts";

/** With more steps than this nobody reads the numbers, and there are too many to try. */
const STEPS_MAX = 40;

/** What is tried in place of a time, in milliseconds: none, or the whole hours, minutes and seconds in it. */
const ROUND_MS: readonly number[] = [3_600_000, 600_000, 60_000, 10_000, 1_000, 100];

/** What is tried in place of an amount before it is halved. */
const SMALL_AMOUNTS: readonly bigint[] = [0n, 1n, 2n, 10n, 100n];

/** Halvings of one number: a 64th of what it was is small enough. */
const HALVINGS_MAX = 6;

/** Makes small what it can. */
export function* lowerNumbers(trial: Trial, plan: Plan): Search {
  if (stepsOf(plan) > STEPS_MAX) return plan;
  let best = yield* takeAll(trial, plan, [withoutTimes, inOrder, withTinyAmounts]);
  for (const index of best.wishes.keys()) best = yield* lowerWish(trial, best, index);
  for (const index of best.faults.keys()) best = yield* lowerItem(trial, best, "faults", index);
  for (const index of best.moves.keys()) {
    best = yield* lowerItem(trial, best, "moves", index);
    best = yield* lowerSettings(trial, best, index);
  }
  return best;
}

function withoutTimes(plan: Plan): Plan {
  return setAll(plan, { wishes: plan.wishes.map((wish) => ({ ...wish, atMs: 0 })) });
}

/** At most a minute from one wish to the next: as if a person had asked for them. */
function inOrder(plan: Plan): Plan {
  const wishes = plan.wishes.map((wish, index) => {
    return { ...wish, atMs: Math.min(wish.atMs, index * 60_000) };
  });
  return setAll(plan, { wishes });
}

/** Ten for each who puts something in, and payments of one. */
function withTinyAmounts(plan: Plan): Plan {
  const wishes = plan.wishes.map((wish): Wish => {
    if ("amounts" in wish) return { ...wish, amounts: wish.amounts.map(tinyDeposits) };
    return "amount" in wish && wish.amount > 1n ? { ...wish, amount: 1n } : wish;
  });
  return setAll(plan, { wishes });
}

function tinyDeposits({ amounts, asset }: AssetAmounts): AssetAmounts {
  return { asset, amounts: amounts.map((amount) => (amount > 10n ? 10n : amount)) };
}

function* lowerWish(trial: Trial, plan: Plan, index: number): Search {
  let best = yield* lowerItem(trial, plan, "wishes", index);
  for (const [place, amount] of amountsOf(best.wishes[index]).entries()) {
    const set = (one: Plan, value: bigint): Plan => withWish(one, index, place, value);
    best = yield* lowerAmount(trial, best, amount, set);
  }
  return best;
}

type SetAmount = (plan: Plan, value: bigint) => Plan;

function* lowerAmount(trial: Trial, plan: Plan, amount: bigint, set: SetAmount): Search {
  const small = SMALL_AMOUNTS.filter((one) => one < amount);
  const best = yield* takeFirst(
    trial,
    plan,
    small.map((one) => set(plan, one)),
  );
  const least = small.at(-1);
  if (best !== plan || least === undefined) return best;
  return yield* halveAmount(trial, plan, [least, amount], set);
}

/** Between an amount that is too small and one that fails. */
function* halveAmount(
  trial: Trial,
  plan: Plan,
  [tooSmall, failing]: readonly [bigint, bigint],
  set: SetAmount,
): Search {
  let best = plan;
  let [low, high] = [tooSmall, failing];
  for (let halving = 0; halving < HALVINGS_MAX && high - low > 1n; halving += 1) {
    const middle = (low + high) / 2n;
    const candidate = set(best, middle);
    if (yield* trial.fails(best, candidate)) [best, high] = [candidate, middle];
    else low = middle;
  }
  return best;
}

/** The amounts of a wish, in the order of the fields. */
function amountsOf(wish: Wish | undefined): readonly bigint[] {
  if (wish === undefined) return [];
  if ("amount" in wish) return [wish.amount];
  return "amounts" in wish ? wish.amounts.flatMap(({ amounts }) => amounts) : [];
}

function withWish(plan: Plan, index: number, place: number, value: bigint): Plan {
  const wishes = plan.wishes.map((wish, other): Wish => {
    if (other !== index) return wish;
    if ("amount" in wish) return { ...wish, amount: value };
    return "amounts" in wish ? { ...wish, amounts: replaced(wish.amounts, place, value) } : wish;
  });
  return { ...plan, wishes };
}

function replaced(
  all: readonly AssetAmounts[],
  place: number,
  value: bigint,
): readonly AssetAmounts[] {
  let before = 0;
  return all.map(({ amounts, asset }) => {
    const own = place - before;
    before += amounts.length;
    return { asset, amounts: amounts.map((amount, index) => (index === own ? value : amount)) };
  });
}

/** Lowers every number that stands in a wish, a fault or a move itself, but its id and what it refers to. */
function* lowerItem(
  trial: Trial,
  plan: Plan,
  part: "wishes" | "faults" | "moves",
  index: number,
): Search {
  let best = plan;
  for (const [field, value] of Object.entries(plan[part][index] ?? {})) {
    if (typeof value !== "number" || field === "id" || field === "channel") continue;
    const candidates = roundedOf(field, value).map((lower) => {
      const items = best[part].map((item, other) =>
        other === index ? { ...item, [field]: lower } : item,
      );
      return { ...best, [part]: items };
    });
    best = yield* takeFirst(trial, best, candidates);
  }
  return best;
}

/** What a number may be instead, the plainest first. */
function roundedOf(field: string, value: number): readonly number[] {
  // All frames, or the oldest byte, is plainer than a part of them.
  if (field === "fraction") return value === 1 ? [] : [1];
  const rounded = /Ms$/.test(field)
    ? [0, ...ROUND_MS.map((unit) => value - (value % unit))]
    : [0, 1, 2, 5, 10].filter((one) => one < value);
  return [...new Set(rounded)].filter((one) => one !== value);
}

function* lowerSettings(trial: Trial, plan: Plan, index: number): Search {
  let best = plan;
  for (const [name, value] of Object.entries(plan.moves[index]?.settings ?? {})) {
    const candidates = roundedOf(name, value).map((lower) => {
      const moves = best.moves.map((move, other) => {
        return other === index ? { ...move, settings: { ...move.settings, [name]: lower } } : move;
      });
      return { ...best, moves };
    });
    best = yield* takeFirst(trial, best, candidates);
  }
  return best;
}
