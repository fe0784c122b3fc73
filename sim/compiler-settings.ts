/** How the compiler of a process that plays many runs is set: for much code of which little is ever hot. */

/** Taken now: a simulation may forbid the globals while it runs. */
const { spawnSync } = Bun;

/**
 * Loops and calls after which JavaScriptCore compiles a function for the last time: 1,000,000 instead of 64,000. Its last
 * compiler takes threads of its own. With a worker on each core they took the first 150 runs a third of the
 * processor's time, and runs became no faster by it, not even after 1,200 of them. Loops that are really hot pass it.
 */
const LAST_TIER_AFTER = 1_000_000;

const SETTING = "BUN_JSC_thresholdForFTLOptimizeAfterWarmUp";

let isKnown: boolean | undefined;

/** The environment for such a process: this one's, and the setting, unless the user has one or this Bun knows none. */
export function playingEnvironment(): Readonly<Record<string, string | undefined>> {
  const environment = { [SETTING]: `${LAST_TIER_AFTER}`, ...process.env };
  isKnown ??= isTaken(environment);
  return isKnown ? environment : process.env;
}

/** Bun ends at once, before it has read a program, where a setting of the compiler is gone. */
function isTaken(env: Readonly<Record<string, string | undefined>>): boolean {
  const { exitCode } = spawnSync([process.execPath, "--no-install", "--eval", "0"], {
    env,
    stdout: "ignore",
    stderr: "ignore",
  });
  return exitCode === 0;
}
