/** Programs that run in a process of their own, so that its start and its memory can be seen. */
import { join, resolve } from "node:path";
import { realWorld } from "../sim/real-world.ts";

const ROOT = resolve(import.meta.dir, "..");

/** What a program printed as JSON, and the milliseconds from its start until it began to print. */
export type Printed<Answer> = { readonly answer: Answer; readonly tookMs: number };

/** Runs a program of the repository to its end. Throws when it does not end well, or prints no JSON. */
export function runChild<Answer>(
  file: string,
  ...inputs: readonly string[]
): Promise<Printed<Answer>> {
  return runChildIn({}, file, ...inputs);
}

/** The same, with more variables in its environment. */
export async function runChildIn<Answer>(
  environment: Readonly<Record<string, string | undefined>>,
  file: string,
  ...inputs: readonly string[]
): Promise<Printed<Answer>> {
  const startedMs = realWorld.performanceNow();
  const child = Bun.spawn([process.execPath, "--no-install", join(ROOT, file), ...inputs], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdin: "ignore",
    stderr: "inherit",
  });
  let tookMs = Number.NaN;
  let printed = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (printed === "") tookMs = realWorld.performanceNow() - startedMs;
    printed += chunk;
  }
  if ((await child.exited) !== 0) throw new Error(`${file} ended with ${child.exitCode}`);
  return { answer: JSON.parse(printed) as Answer, tookMs };
}
