/** Runs the commands for logs inside this process, with a terminal that remembers. */
import { Command } from "commander";
import { type CommandShell, EXIT } from "../../src/node/commands/command-shell.ts";
import { addLogCommands } from "../../src/node/commands/log-command.ts";

/** What a command wrote, and how it ended. */
export type Told = {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
  /** What it threw instead of ending. */
  readonly error: unknown;
};

/**
 * Runs `channels log ...`. `columns` makes standard output a terminal of that width; without a reader it is a
 * pipe whose other end is closed.
 */
export async function tellLog(
  args: readonly string[],
  columns?: number,
  hasReader = true,
): Promise<Told> {
  const out: string[] = [];
  const err: string[] = [];
  let exitCode: number = EXIT.held;
  const plain = (text: string): string => text;
  const shell: CommandShell = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    drained: () => Promise.resolve(hasReader),
    progress: () => {},
    columns,
    paint: { bold: plain, dim: plain, green: plain, red: plain, yellow: plain },
    name: "channels",
    onEnd: () => () => {},
    finish: (code) => {
      exitCode = code;
    },
  };
  const program = new Command("channels").exitOverride();
  program.configureOutput({ writeOut: shell.out, writeErr: shell.err });
  addLogCommands(program, shell);
  let error: unknown;
  try {
    await program.parseAsync(["log", ...args], { from: "user" });
  } catch (caught) {
    error = caught;
  }
  return { out: out.join("\n"), err: err.join("\n"), exitCode, error };
}
