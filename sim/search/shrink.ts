/** Runs a search for a smaller plan: asks about its candidates, and can be stopped and taken up again. */
import { sha256 } from "../../src/crypto/sha256.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import type { Plan } from "./plan.ts";
import { isGoodEnough, type Search, stepsOf, type Verdict } from "./shrink-trial.ts";

/** How far a search is. */
export type ShrinkProgress = {
  /** Wishes, faults and moves of the smallest plan so far. */
  readonly steps: number;
  /** Plans that were asked about, and those of them that had to be run now. */
  readonly tries: number;
  readonly runs: number;
};

/** How to search. */
export type ShrinkOptions = {
  /** Runs a candidate. */
  readonly judge: (plan: Plan) => Promise<Verdict>;
  /** Verdicts of the same search when it was stopped: they are taken instead of runs. */
  readonly known?: readonly Verdict[];
  /** Asked before each run; true ends the search there. */
  readonly isStopped?: () => boolean;
  /** Learns of each verdict, those that were known as well: all of them are what is needed to go on. */
  readonly onVerdict?: (verdict: Verdict) => void;
  readonly onProgress?: (progress: ShrinkProgress) => void;
};

/** What a search has found. */
export type Shrunk = ShrinkProgress & {
  /** The smallest plan so far. */
  readonly plan: Plan;
  /** False when it was stopped before it was over. */
  readonly isDone: boolean;
  /** All verdicts, to go on with. */
  readonly verdicts: readonly Verdict[];
};

/**
 * Searches from a plan that is known to fail. The same verdicts lead to the same candidates, so a search that is
 * taken up with its verdicts goes on as if it had never been stopped. A plan is run once.
 */
export async function shrink(
  start: Plan,
  search: Search,
  { isStopped, judge, known = [], onProgress, onVerdict }: ShrinkOptions,
): Promise<Shrunk> {
  const verdicts: Verdict[] = [];
  const seen = new Map<string, Verdict>();
  let plan = start;
  let runs = 0;
  const so = (isDone: boolean): Shrunk => {
    return { plan, isDone, verdicts, runs, steps: stepsOf(plan), tries: verdicts.length };
  };
  let next = search.next();
  while (next.done !== true) {
    const candidate = next.value;
    const name = nameOf(candidate.plan);
    let verdict = known[verdicts.length] ?? seen.get(name);
    if (verdict === undefined) {
      if (isStopped?.() === true) return so(false);
      verdict = await judge(candidate.plan);
      runs += 1;
    }
    seen.set(name, verdict);
    verdicts.push(verdict);
    onVerdict?.(verdict);
    if (isGoodEnough(verdict, candidate.hold)) plan = candidate.plan;
    onProgress?.({ runs, steps: stepsOf(plan), tries: verdicts.length });
    next = search.next(verdict);
  }
  plan = next.value;
  return so(true);
}

/** Equal for equal plans only. The plans themselves, hundreds of which are large, would fill the memory. */
function nameOf(plan: Plan): string {
  return toHex(sha256(new TextEncoder().encode(jsonOf(plan))));
}
