/** `channels node game`: games for money with a peer, played by hand. */
import type { Command } from "commander";
import type { CommandShell } from "./command-shell.ts";
import { addGameMoveCommands } from "./game-move-commands.ts";
import { addGameOpenCommand } from "./game-open-command.ts";
import { addGameShowCommand } from "./game-show-command.ts";

/** Adds the commands. */
export function addNodeGameCommands(node: Command, shell: CommandShell): void {
  const game = node.command("game").description("play games for money with a peer");
  addGameOpenCommand(game, shell);
  addGameShowCommand(game, shell);
  addGameMoveCommands(game, shell);
}
