/** The machine's own clock and timers, kept from before `banned-globals.ts` replaced them. */

const { spawnSync } = Bun;

/**
 * What the harness around a simulation may use: the world loop to yield, the budget of a campaign,
 * the wall time of a report. Nothing that a node computes may depend on it.
 */
export const realWorld: {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: () => number;
  /** Milliseconds since the process began, with a fraction. Never steps back. */
  readonly performanceNow: () => number;
  readonly setImmediate: typeof setImmediate;
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  /** Runs a program to its end and gives its standard output. */
  readonly runProgram: (command: readonly string[]) => string;
} = {
  nowMs: Date.now,
  performanceNow: performance.now.bind(performance),
  setImmediate,
  setTimeout,
  clearTimeout,
  runProgram: (command) => spawnSync([...command]).stdout.toString(),
};
