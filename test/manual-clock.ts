/** A clock that stands still until a test lets time pass. */
import { Timeline } from "../sim/timeline.ts";
import type { Clock } from "../src/ports/clock.ts";

/** A clock, and the way to let time pass on it. */
export type ManualClock = Clock & {
  /** Runs everything that is to happen in the next `durationMs` milliseconds, in order. */
  readonly pass: (durationMs: number) => void;
  /** True while nothing is to happen: no timer was left behind. */
  readonly isStill: () => boolean;
};

/** Begins in 2027. */
const START_MS = Date.UTC(2027, 0, 1);

/** A clock of its own for one test. */
export function manualClock(): ManualClock {
  const timeline = new Timeline(START_MS);
  return {
    nowMs: () => timeline.nowMs,
    after: (delayMs, run) => timeline.after(delayMs, run),
    pass: (durationMs) => {
      let hasCome = false;
      timeline.after(durationMs, () => {
        hasCome = true;
      });
      while (!hasCome) timeline.step();
    },
    isStill: () => timeline.nextMs === undefined,
  };
}
