/** How often a function runs in a second, where several are compared on a machine that others use too. */
import { realWorld } from "../sim/real-world.ts";

/** Long enough that the clock's own cost and resolution vanish, in milliseconds. */
const ROUND_MS = 100;

/** Each function is measured this often, in turns, so that a busy moment hits all alike. */
const ROUNDS = 5;

/** The best rate of each function: what disturbs a run only ever makes it slower. */
export function ratesPerSecond<Name extends string>(
  functions: Readonly<Record<Name, () => unknown>>,
): Record<Name, number> {
  const names = Object.keys(functions) as Name[];
  const best = Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
  // The first round warms up: its rate counts only if nothing later is faster.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) best[name] = Math.max(best[name], rateOf(functions[name]));
  }
  return best;
}

/** Doubles the runs until they fill the round, so that the clock is read seldom. */
function rateOf(run: () => unknown): number {
  for (let runs = 1; ; runs *= 2) {
    const startMs = realWorld.performanceNow();
    for (let done = 0; done < runs; done += 1) run();
    const tookMs = realWorld.performanceNow() - startMs;
    if (tookMs >= ROUND_MS) return (runs / tookMs) * 1_000;
  }
}
