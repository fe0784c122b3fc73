/** A terminal that remembers, for commands that run inside this process; and the commands for logs on it. */
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

/** A terminal of a command, and what has come to it. */
export type FakeShell = {
  readonly shell: CommandShell;
  readonly told: () => Omit<Told, "error">;
};

/**
 * Makes a terminal that remembers. `columns` makes standard output a terminal of that width; without a reader it is a
 * pipe whose other end is closed.
 */
export function fakeShell(columns?: number, hasReader = true): FakeShell {
  const out: string[] = [];
  const err: string[] = [];
  let exitCode: number = EXIT.held;
  const plain = (text: string): string => text;
  return {
    shell: {
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
    },
    told: () => ({ out: out.join("\n"), err: err.join("\n"), exitCode }),
  };
}

/** Runs `channels log ...`, on a terminal as `fakeShell` makes it. */
export async function tellLog(
  args: readonly string[],
  columns?: number,
  hasReader = true,
): Promise<Told> {
  const { shell, told } = fakeShell(columns, hasReader);
  const program = new Command("channels").exitOverride();
  program.configureOutput({ writeOut: shell.out, writeErr: shell.err });
  addLogCommands(program, shell);
  let error: unknown;
  try {
    await program.parseAsync(["log", ...args], { from: "user" });
  } catch (caught) {
    error = caught;
  }
  return { ...told(), error };
}
