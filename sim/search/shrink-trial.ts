/** How a search for a smaller plan asks: it offers a candidate, and hears what a run of it came to. */
import type { Plan } from "./plan.ts";

/** What a candidate's run came to, as seen by the oracle that is held fixed. */
export type Verdict =
  /** The oracle found something of the same bucket, so many virtual milliseconds from the start. */
  | { readonly type: "Same"; readonly atMs: number }
  /** It found something of another bucket. */
  | { readonly type: "Alike"; readonly atMs: number }
  /** It found nothing before others did. */
  | { readonly type: "Other" };

/** Which verdicts are good enough: `Bucket` wants the same bucket, `Oracle` the same oracle. */
export type Hold = "Bucket" | "Oracle";

/** A plan to be run, which is the best one from then on if its verdict is good enough. */
export type Candidate = { readonly plan: Plan; readonly hold: Hold };

/** Offers candidates and returns the smallest plan that it has found. Pure: it decides by verdicts alone. */
export type Search<Value = Plan> = Generator<Candidate, Value, Verdict>;

/** Asks about candidates, and remembers when the last one that was good enough failed. */
export type Trial = {
  /** True when the candidate still fails. One that is the plan itself is no candidate. */
  readonly fails: (plan: Plan, candidate: Plan) => Search<boolean>;
  /** Virtual milliseconds at which the best plan fails. */
  readonly failsAtMs: () => number;
};

/** Begins with a plan that fails at `atMs`. */
export function createTrial(hold: Hold, atMs: number): Trial {
  let failsAtMs = atMs;
  return {
    *fails(plan, candidate) {
      if (candidate === plan) return false;
      const verdict = yield { plan: candidate, hold };
      if (!isGoodEnough(verdict, hold)) return false;
      failsAtMs = verdict.atMs;
      return true;
    },
    failsAtMs: () => failsAtMs,
  };
}

/** True for the verdict on a plan that still fails as wanted. */
export function isGoodEnough(
  verdict: Verdict,
  hold: Hold,
): verdict is Verdict & { readonly atMs: number } {
  return verdict.type === "Same" || (verdict.type === "Alike" && hold === "Oracle");
}

/** Takes the first of the candidates that still fails; the plan itself when none does. */
export function* takeFirst(trial: Trial, plan: Plan, candidates: Iterable<Plan>): Search {
  for (const candidate of candidates) {
    if (yield* trial.fails(plan, candidate)) return candidate;
  }
  return plan;
}

/** Makes each change that still fails, one behind the other. A change that changes nothing returns the plan itself. */
export function* takeAll(
  trial: Trial,
  plan: Plan,
  changes: readonly ((plan: Plan) => Plan)[],
): Search {
  let best = plan;
  for (const change of changes) {
    const candidate = change(best);
    if (yield* trial.fails(best, candidate)) best = candidate;
  }
  return best;
}

/** Wishes, faults and moves: what a reader has to follow. */
export function stepsOf({ faults, moves, wishes }: Plan): number {
  return wishes.length + faults.length + moves.length;
}
