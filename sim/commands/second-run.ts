/** Runs the same scenario again in a process of its own, to see whether it comes out the same. */

import { runOwnProcess } from "./own-process.ts";
import type { RunCommandOptions } from "./run-options.ts";
import type { Shell } from "./shell.ts";
import { EXIT, failure } from "./shell.ts";
import { parseTraceFile, type TraceFile } from "./trace-file.ts";

/**
 * The trace of the second run. The process ends with this one. Throws a failure with the second process's
 * own words and exit code when it brings no trace.
 */
export async function runAgain(
  path: string,
  options: RunCommandOptions,
  shell: Shell,
): Promise<TraceFile> {
  shell.progress("running it again in a second process ...");
  const { complaint, exitCode, output } = await runOwnProcess(argumentsFor(path, options), shell);
  if (output !== "") return parseTraceFile(output, "the trace of the second process");
  throw failure(
    exitCode === 0 ? EXIT.outsideFailed : exitCode,
    `the second process failed: ${complaint}`,
  );
}

function argumentsFor(path: string, options: RunCommandOptions): readonly string[] {
  const { chain, seed, set, signatures } = options;
  const settings = set.flatMap(({ name, value }) => ["--set", `${name}=${value}`]);
  const choices = ["--seed", String(seed), "--chain", chain, "--signatures", signatures];
  return ["run", path, ...choices, ...settings, "--print-trace"];
}
