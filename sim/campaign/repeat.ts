/** What must be the same when a plan is run with real signatures on the reference chain. */
import type { PlanResult } from "../search/run-plan.ts";

/**
 * The first thing in which two runs of one plan differ, in words; undefined when they came to the same. Hashes of
 * blocks, gas and signatures are other ones on another tier; what was sent, when, and to what end is not.
 */
export function differenceOf(first: PlanResult, again: PlanResult): string | undefined {
  const facts = (run: PlanResult): Readonly<Record<string, unknown>> => ({
    violations: run.violations.map(({ oracle }) => oracle),
    assumptions: run.assumptions,
    wishes: [...run.wishes].sort(([left], [right]) => left - right),
    virtualMs: run.virtualMs,
    messages: run.messages,
    transactions: run.transactions,
  });
  const [one, other] = [facts(first), facts(again)];
  for (const name of Object.keys(one)) {
    const before = JSON.stringify(one[name]);
    const after = JSON.stringify(other[name]);
    if (before !== after) return `${name}: ${before} and then ${after}`;
  }
  return undefined;
}
