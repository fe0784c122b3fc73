/** The door to time. */

/** Stops a timer. Calling it again, or after the timer ran, does nothing. */
export type CancelTimer = () => void;

/** Wall time and timers of a real node, virtual time in a simulation. */
export type Clock = {
  /** Milliseconds since 1970-01-01 UTC. May step back on a real machine. */
  readonly nowMs: () => number;
  /** Runs `run` once, `delayMs` milliseconds from now or later. */
  readonly after: (delayMs: number, run: () => void) => CancelTimer;
};
