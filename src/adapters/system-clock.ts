/** The `Clock` door for real: the machine's time and timers. */
import type { Clock } from "../ports/clock.ts";

/** One for the whole program. A timer keeps the program alive until it ran or was cancelled. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
