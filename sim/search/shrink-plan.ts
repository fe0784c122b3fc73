/**
 * The smallest plan that still fails: parts are left out, the world is calmed, numbers are lowered, until nothing of it
 * helps any more. It decides by verdicts alone, so the same verdicts lead to the same plan. Source: ADR 0030.
 */
import type { ActorName } from "../actors.ts";
import type { Plan } from "./plan.ts";
import { calmWorld, plainNames, plainSeed } from "./shrink-conditions.ts";
import { lowerNumbers } from "./shrink-numbers.ts";
import { removeParts } from "./shrink-removal.ts";
import { shortenRoutes } from "./shrink-routes.ts";
import { createTrial, type Hold, type Search, stepsOf, type Trial } from "./shrink-trial.ts";

/** What is known of the failure of a plan. */
export type FailureHints = {
  /** Virtual milliseconds at which it was found. */
  readonly atMs: number;
  /** Actors whom the finding names; nobody where it names none. */
  readonly named: readonly ActorName[];
  /** False for a finding whose text is all that there is of its kind, such as an error: another text is another bug. */
  readonly mayLeaveBucket: boolean;
};

/** Rounds over all kinds of changes. Two are usual: the second finds nothing. */
const ROUNDS_MAX = 6;

/** More steps than these are worth to look for another way in which the same promise breaks. */
const STEPS_WANTED = 12;

/** Shrinks a plan that fails. Holds the bucket, and lets it go for the oracle alone where too many steps are left. */
export function* shrinkPlan(plan: Plan, hints: FailureHints): Search {
  const best = yield* shrinkHolding("Bucket", plan, hints);
  if (stepsOf(best) <= STEPS_WANTED || !hints.mayLeaveBucket) return best;
  return yield* shrinkHolding("Oracle", best, hints);
}

function* shrinkHolding(hold: Hold, plan: Plan, { atMs, named }: FailureHints): Search {
  const trial = createTrial(hold, atMs);
  let best = plan;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = best;
    best = yield* shrinkOnce(trial, best, named);
    if (best === before) break;
  }
  return best;
}

function* shrinkOnce(trial: Trial, plan: Plan, named: readonly ActorName[]): Search {
  let best = yield* removeParts(trial, plan, named);
  best = yield* calmWorld(trial, best);
  best = yield* shortenRoutes(trial, best);
  best = yield* lowerNumbers(trial, best);
  best = yield* plainNames(trial, best);
  return yield* plainSeed(trial, best);
}
