/** `channels log`: what a person or a program wants to know of a node's log. */
import type { Command } from "commander";
import type { CommandShell } from "./command-shell.ts";
import { addLogArchiveCommand } from "./log-archive-command.ts";
import { addLogAtCommand } from "./log-at-command.ts";
import { addLogDiffCommand } from "./log-diff-command.ts";
import { addLogExportCommand } from "./log-export-command.ts";
import { addLogShowCommand } from "./log-show-command.ts";
import { addLogVerifyCommand } from "./log-verify-command.ts";

/** Adds `log` and what is below it. */
export function addLogCommands(program: Command, shell: CommandShell): void {
  const log = program.command("log").description("read, check and archive the log of a node");
  addLogShowCommand(log, shell);
  addLogAtCommand(log, shell);
  addLogDiffCommand(log, shell);
  addLogVerifyCommand(log, shell);
  addLogExportCommand(log, shell);
  addLogArchiveCommand(log, shell);
}
