/** Runs the same scenario again in a process of its own, to see whether it comes out the same. */

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
  const child = Bun.spawn([process.execPath, Bun.main, ...argumentsFor(path, options)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const takeBack = shell.onEnd(async () => {
    child.kill("SIGTERM");
    await child.exited;
  });
  const [trace, complaint, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  takeBack();
  if (trace !== "") return parseTraceFile(trace, "the trace of the second process");
  const why = complaint.trim().replace(/^error: /, "");
  throw failure(
    exitCode === 0 ? EXIT.outsideFailed : exitCode,
    `the second process failed: ${why}`,
  );
}

function argumentsFor(path: string, options: RunCommandOptions): readonly string[] {
  const { chain, seed, set, signatures } = options;
  const settings = set.flatMap(({ name, value }) => ["--set", `${name}=${value}`]);
  const choices = ["--seed", String(seed), "--chain", chain, "--signatures", signatures];
  return ["run", path, ...choices, ...settings, "--print-trace"];
}
