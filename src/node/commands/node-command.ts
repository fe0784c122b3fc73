/** The commands of a real node. */
import type { Command } from "commander";
import type { CommandShell } from "./command-shell.ts";
import { addNodeClientCommands } from "./node-client-commands.ts";
import { addNodeKeyCommands } from "./node-key-command.ts";
import { addNodeStartCommand } from "./node-start-command.ts";

/** Adds `node` and what is below it. */
export function addNodeCommands(program: Command, shell: CommandShell): void {
  const node = program.command("node").description("a real node: run it, and ask it for things");
  addNodeStartCommand(node, shell);
  addNodeKeyCommands(node, shell);
  addNodeClientCommands(node, shell);
}
