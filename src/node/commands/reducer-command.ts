/** `channels reducer`: write, build, check, run and fuzz the rules of an application. */
import type { Command } from "commander";
import type { CommandShell } from "./command-shell.ts";
import { addReducerBuildCommand } from "./reducer-build-command.ts";
import { addReducerCheckCommand } from "./reducer-check-command.ts";
import { addReducerFuzzCommand } from "./reducer-fuzz-command.ts";
import { addReducerNewCommand } from "./reducer-new-command.ts";
import { addReducerRunCommand } from "./reducer-run-command.ts";

/** What these commands use of the terminal. */
export type ReducerTerminal = Pick<CommandShell, "out" | "finish" | "name">;

/** Adds `reducer` and what is below it. */
export function addReducerCommands(program: Command, shell: ReducerTerminal): void {
  const reducer = program
    .command("reducer")
    .description("write, build and try a reducer: the rules of an application");
  addReducerNewCommand(reducer, shell);
  addReducerBuildCommand(reducer, shell);
  addReducerCheckCommand(reducer, shell);
  addReducerRunCommand(reducer, shell);
  addReducerFuzzCommand(reducer, shell);
}
