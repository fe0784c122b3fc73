/** The commands that ask a running node: `channels node status`, `open`, `pay` and the rest. */
import type { Command } from "commander";
import type { CommandShell } from "./command-shell.ts";
import { addNodeChannelsCommand } from "./node-channels-command.ts";
import { addNodeCloseCommands } from "./node-close-commands.ts";
import { addNodeEventsCommand } from "./node-events-command.ts";
import { addNodeGameCommands } from "./node-game-command.ts";
import { addNodeOpenCommand } from "./node-open-command.ts";
import { addNodePayCommand } from "./node-pay-command.ts";
import { addNodePeersCommand } from "./node-peers-command.ts";
import { addNodeProxyCommand } from "./node-proxy-command.ts";
import { addNodeQueryCommand } from "./node-query-command.ts";
import { addNodeStatusCommand } from "./node-status-command.ts";
import { addNodeTokenCommand } from "./node-token-command.ts";

/** Adds them below `node`. */
export function addNodeClientCommands(node: Command, shell: CommandShell): void {
  addNodeStatusCommand(node, shell);
  addNodePeersCommand(node, shell);
  addNodeOpenCommand(node, shell);
  addNodePayCommand(node, shell);
  addNodeCloseCommands(node, shell);
  addNodeChannelsCommand(node, shell);
  addNodeGameCommands(node, shell);
  addNodeQueryCommand(node, shell);
  addNodeEventsCommand(node, shell);
  addNodeTokenCommand(node, shell);
  addNodeProxyCommand(node, shell);
}
