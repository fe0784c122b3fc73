/** Shrinks what a campaign has found, each failure in a process of its own, as a user would do it by hand. */
import { runOwnProcess } from "./own-process.ts";
import type { Shell } from "./shell.ts";

/** Minutes that a failure is shrunk for at the end of a campaign; `channels shrink` goes on from there. */
export const SHRINK_MINUTES = 1;

/** What is left of a failure. */
export type ShrunkFailure = {
  /** False when the time was over before the search. */
  readonly isDone: boolean;
  /** Wishes, faults and moves before and after. */
  readonly stepsBefore: number;
  readonly steps: number;
  /** The small capsule, the scenario and its test. */
  readonly files: readonly string[];
  /** What a person reads, without colours. */
  readonly report: readonly string[];
};

/** Shrinks the failure of a capsule. Gives undefined, and says why, where that does not come about. */
export async function shrinkFound(
  capsulePath: string,
  out: string,
  shell: Shell,
): Promise<ShrunkFailure | undefined> {
  const options = ["--out", out, "--minutes", String(SHRINK_MINUTES), "--json"];
  const { complaint, output } = await runOwnProcess(["shrink", capsulePath, ...options], shell);
  if (output !== "") return JSON.parse(output) as ShrunkFailure;
  shell.err(`${capsulePath} was not shrunk: ${complaint}`);
  return undefined;
}
