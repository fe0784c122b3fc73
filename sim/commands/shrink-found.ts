/** Shrinks what a campaign has found, each failure in a process of its own, as a user would do it by hand. */
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
  const command = [process.execPath, "--no-install", Bun.main, "shrink", capsulePath, ...options];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const takeBack = shell.onEnd(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
  const [document, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  takeBack();
  if (document !== "") return JSON.parse(document) as ShrunkFailure;
  shell.err(`${capsulePath} was not shrunk: ${complaint.trim().replace(/^error: /, "")}`);
  return undefined;
}
