/** Runs this very program once more, in a process of its own. */
import { playingEnvironment } from "../compiler-settings.ts";
import type { Shell } from "./shell.ts";

/** What the process left behind. */
export type OwnProcessEnd = {
  readonly output: string;
  /** What it had to complain about, without the word before it. */
  readonly complaint: string;
  readonly exitCode: number;
};

/** Runs a command of this program to its end. The process ends with this one. */
export async function runOwnProcess(
  inputs: readonly string[],
  shell: Shell,
): Promise<OwnProcessEnd> {
  const child = Bun.spawn([process.execPath, "--no-install", Bun.main, ...inputs], {
    env: playingEnvironment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const takeBack = shell.onEnd(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
  const [output, complaint, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  takeBack();
  return { output, complaint: complaint.trim().replace(/^error: /, ""), exitCode };
}
