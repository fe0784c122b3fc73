/** The commands of `channels`, joined from those of the simulator and of the node, and what they end with. */
import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import { EXIT, type Shell } from "../sim/commands/shell.ts";
import type { CommandShell } from "../src/node/commands/command-shell.ts";
import { NodeError, type NodeErrorCode } from "../src/primitives/node-error.ts";
import { groupsFor } from "./command-groups.ts";

/** What the commands need, and the code with which the last one finished. */
export type ProgramShell = Shell & CommandShell & { readonly exitCode: number };

/** Runs the command that the arguments name. Gives the exit code; what went wrong is told, never thrown. */
export async function runProgram(args: readonly string[], shell: ProgramShell): Promise<number> {
  try {
    const program = createProgram(shell);
    for (const { add } of groupsFor(args)) await add(program, shell);
    await program.parseAsync(args, { from: "user" });
    return shell.exitCode;
  } catch (error) {
    return report(error, shell);
  }
}

function createProgram(shell: ProgramShell): Command {
  const program = new Command("channels");
  program
    .description(
      "Event-sourced state channels: run a node, run scenarios, and look at what happened",
    )
    .version(version)
    .showHelpAfterError("(add --help for the options)")
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => shell.out(text.trimEnd()),
      writeErr: (text) => shell.err(text.trimEnd()),
    })
    .exitOverride();
  return program;
}

/** Errors that are no failure of the world around: of a log that is damaged, or that this program cannot read. */
const EXIT_OF_ERROR: Readonly<Partial<Record<NodeErrorCode, number>>> = {
  LogDamaged: EXIT.checkFailed,
  NotALog: EXIT.wrongUsage,
  LogTooNew: EXIT.wrongUsage,
  ArchiveMissing: EXIT.wrongUsage,
  WrongChain: EXIT.wrongUsage,
};

/** Says what went wrong and gives the exit code for it. */
function report(error: unknown, shell: ProgramShell): number {
  if (error instanceof CommanderError) {
    if (error.code === "channels.failure") shell.err(`error: ${error.message}`);
    // Commander has said the rest itself, and calls every mistake 1.
    else if (error.exitCode !== 0) return EXIT.wrongUsage;
    return error.exitCode;
  }
  if (error instanceof NodeError) {
    shell.err(`error: ${error.message}`);
    return EXIT_OF_ERROR[error.code] ?? EXIT.outsideFailed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  shell.err(`error: channels itself has a fault, please report it:\n${text}`);
  return EXIT.checkFailed;
}
