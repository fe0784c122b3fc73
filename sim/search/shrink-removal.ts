/** Leaves out parts of a plan: first what comes too late, then whole actors and channels, then single steps. */
import type { ActorName } from "../actors.ts";
import type { Plan } from "./plan.ts";
import { onlyActors, onlyWishes } from "./shrink-parts.ts";
import { type Search, type Trial, takeFirst } from "./shrink-trial.ts";
import { isOpening } from "./wish.ts";

/** Leaves out all that it can. `named` are the actors whom the finding names: likely nobody else matters. */
export function* removeParts(trial: Trial, plan: Plan, named: readonly ActorName[]): Search {
  let best = yield* removeLate(trial, plan);
  best = yield* takeFirst(trial, best, [onlyActors(best, named)]);
  best = yield* removeChunks(trial, best, ACTORS);
  best = yield* removeLate(trial, best);
  best = yield* removeChunks(trial, best, CHANNELS);
  best = yield* removeLate(trial, best);
  for (const part of [FAULTS, MOVES, WISHES, ACTORS]) {
    best = yield* removeChunks(trial, best, part);
  }
  return best;
}

/** Whatever begins behind the finding has not led to it. */
function* removeLate(trial: Trial, plan: Plan): Search {
  const untilMs = trial.failsAtMs();
  const wishes = plan.wishes.filter(({ atMs }) => atMs <= untilMs);
  const faults = plan.faults.filter(({ atMs }) => atMs <= untilMs);
  const moves = plan.moves.filter(({ fromMs }) => fromMs <= untilMs);
  const isLess =
    wishes.length < plan.wishes.length ||
    faults.length < plan.faults.length ||
    moves.length < plan.moves.length;
  if (!isLess) return plan;
  return yield* takeFirst(trial, plan, [{ ...plan, wishes, faults, moves }]);
}

/** One kind of part of a plan, that can be left out. */
type Part = {
  readonly keysOf: (plan: Plan) => readonly string[];
  /** The plan with these only, and without what makes no sense any more. */
  readonly keep: (plan: Plan, keys: ReadonlySet<string>) => Plan;
};

const ACTORS: Part = {
  keysOf: ({ cast }) => cast,
  keep: (plan, keys) => onlyActors(plan, [...keys] as ActorName[]),
};

/** The wishes that open channels: with each goes all that is asked in its channel. */
const CHANNELS: Part = {
  keysOf: ({ wishes }) => wishes.filter(isOpening).map(({ id }) => `${id}`),
  keep: (plan, keys) => onlyWishes(plan, (wish) => !isOpening(wish) || keys.has(`${wish.id}`)),
};

const WISHES: Part = {
  keysOf: ({ wishes }) => wishes.map(({ id }) => `${id}`),
  keep: (plan, keys) => onlyWishes(plan, ({ id }) => keys.has(`${id}`)),
};

const FAULTS: Part = {
  keysOf: ({ faults }) => faults.map(({ id }) => `${id}`),
  keep: (plan, keys) => ({ ...plan, faults: plan.faults.filter(({ id }) => keys.has(`${id}`)) }),
};

const MOVES: Part = {
  keysOf: ({ moves }) => moves.map(({ id }) => `${id}`),
  keep: (plan, keys) => ({ ...plan, moves: plan.moves.filter(({ id }) => keys.has(`${id}`)) }),
};

/**
 * Leaves out all at once, then halves, then quarters, down to single ones; from the end, because what comes later
 * matters less. With k parts that matter among n it takes about 2 k log n runs. Source: Zeller and Hildebrandt,
 * "Simplifying and isolating failure-inducing input", 2002, with complements only.
 */
function* removeChunks(trial: Trial, plan: Plan, { keep, keysOf }: Part): Search {
  let best = plan;
  for (let size = keysOf(best).length; size >= 1; size = nextSize(size)) {
    let end = keysOf(best).length;
    while (end > 0) {
      const keys = keysOf(best);
      const begin = Math.max(0, end - size);
      const kept = new Set([...keys.slice(0, begin), ...keys.slice(end)]);
      const candidate = keep(best, kept);
      if (yield* trial.fails(best, candidate)) best = candidate;
      end = Math.min(begin, keysOf(best).length);
    }
  }
  return best;
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}
