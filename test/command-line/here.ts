/** The commands in the process of the test, where what is asked of them is only what they say. */
import { type ProgramShell, runProgram } from "../../bin/program.ts";
import type { Ended } from "./program.ts";

const asIs = (text: string): string => text;

/** Runs a command from another folder and with more in the environment, both as before when it has ended. */
export async function runHere(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Ended> {
  const before = process.cwd();
  const said = { stdout: "", stderr: "" };
  process.chdir(cwd);
  Object.assign(process.env, env);
  try {
    const exitCode = await runProgram(args, recordingShell(said));
    return { ...said, exitCode };
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    process.chdir(before);
  }
}

/** A shell without colour, whose two streams are texts. */
function recordingShell(said: { stdout: string; stderr: string }): ProgramShell {
  const shell = { exitCode: 0 };
  return Object.assign(shell, {
    out: (text: string): void => {
      said.stdout += `${text}\n`;
    },
    err: (text: string): void => {
      said.stderr += `${text}\n`;
    },
    progress: (): void => {},
    drained: async (): Promise<boolean> => true,
    columns: undefined,
    paint: { bold: asIs, dim: asIs, green: asIs, red: asIs, yellow: asIs },
    lines: async function* (): AsyncGenerator<string> {},
    name: "channels",
    onEnd: () => () => {},
    finish: (exitCode: number): void => {
      shell.exitCode = exitCode;
    },
  });
}
