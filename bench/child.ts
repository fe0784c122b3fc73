/** Programs that run in a process of their own, so that its start and its memory can be seen. */
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "..");

/**
 * Runs a program of this folder to its end, and gives the numbers that it printed as JSON, with the
 * milliseconds from the call to the first of them.
 */
export async function runChild(
  file: string,
  ...inputs: readonly string[]
): Promise<{ readonly numbers: Readonly<Record<string, number>>; readonly tookMs: number }> {
  const startedMs = performance.now();
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/${file}`, ...inputs], {
    cwd: ROOT,
    stdin: "ignore",
    stderr: "inherit",
  });
  let tookMs = Number.NaN;
  let printed = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (printed === "") tookMs = performance.now() - startedMs;
    printed += chunk;
  }
  if ((await child.exited) !== 0) throw new Error(`${file} ended with ${child.exitCode}`);
  return { numbers: JSON.parse(printed) as Record<string, number>, tookMs };
}
