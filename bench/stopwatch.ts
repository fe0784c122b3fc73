/** How long something takes, on a machine that does other things as well. */
import { realWorld } from "../sim/real-world.ts";

/** Runs of one measurement. The first ones compile the code; the best is the least disturbed. */
const RUNS = 7;

/** Seconds of the fastest of several runs. */
export async function bestOf(run: () => Promise<unknown>, runs: number = RUNS): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < runs; count += 1) {
    const startedMs = realWorld.performanceNow();
    await run();
    best = Math.min(best, realWorld.performanceNow() - startedMs);
  }
  return best / 1000;
}

/** Seconds of one run. */
export async function stopwatch(run: () => Promise<void>): Promise<number> {
  const startedMs = realWorld.performanceNow();
  await run();
  return (realWorld.performanceNow() - startedMs) / 1_000;
}
