/** One step of the check: a program that is run, timed, and judged by how it ends. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How a program ended. */
export type StepEnd = {
  /** Undefined when a signal or the time limit ended it. */
  readonly exitCode: number | undefined;
  readonly wallMs: number;
  /** All it printed, in order: standard output and standard error together. */
  readonly output: string;
};

/** What to run, and where. */
export type StepCommand = {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly folder: string;
  /** A folder that exists, for the output while the program runs. */
  readonly scratch: string;
  /** The program is killed after this time; a step that hangs has failed. */
  readonly timeMaxMs: number;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Runs a program to its end. Its output goes through a file, so that both streams keep their order. */
export async function runStep(step: StepCommand): Promise<StepEnd> {
  const startMs = performance.now();
  const outputPath = join(step.scratch, `output-${crypto.randomUUID()}`);
  const output = openSync(outputPath, "w");
  const child = Bun.spawn([...step.command], {
    cwd: step.folder,
    stdin: "ignore",
    stdout: output,
    stderr: output,
    env: { ...process.env, ...step.environment },
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), step.timeMaxMs);
  await child.exited;
  clearTimeout(limit);
  closeSync(output);
  const wallMs = performance.now() - startMs;
  return {
    exitCode: child.exitCode ?? undefined,
    wallMs,
    output: readFileSync(outputPath, "utf8"),
  };
}
