/** `channels node status`: who a running node is, and how it is. */
import type { Command } from "commander";
import { textTable } from "../../primitives/text-table.ts";
import type { NodeView } from "../api/api-types.ts";
import { shortenIds } from "../short-ids.ts";
import { type CommandShell, EXIT } from "./command-shell.ts";
import { type ConnectionOptions, withConnection, withNode } from "./node-connection.ts";

/** Adds the command. */
export function addNodeStatusCommand(node: Command, shell: CommandShell): void {
  withConnection(
    node.command("status").description("show who a running node is, and how it is"),
  ).action((options: ConnectionOptions) =>
    withNode(options, shell, async (client) => {
      const status = await client.call("node_info", {});
      shell.out(options.json ? JSON.stringify(status, undefined, 2) : statusText(status, shell));
      if (!status.live) shell.finish(EXIT.outsideFailed);
    }),
  );
}

function statusText(status: NodeView, { columns, paint }: CommandShell): string {
  const ids = columns === undefined ? "Whole" : "Short";
  const { log } = status;
  const rows = [
    ["node", status.address],
    ["state", stateOf(status)],
    ["chain", status.chainId],
    ["version", status.version],
    ["reached at", status.places.length === 0 ? "nowhere" : status.places.join("  ")],
    ["log", `${log.length} events, head ${log.length}:${shortenIds(log.hash, ids)}`],
    ["channels", `${status.channels}`],
    ["objectives", `${status.openObjectives} open`],
    ["peers", `${status.peers} known, ${status.connectedPeers} connected`],
  ];
  return textTable(
    rows.map(([name = "", value = ""]) => [paint.bold(name.padEnd(10)), value]),
    ["left", "left"],
  ).join("\n");
}

function stateOf({ live, notReady, ready }: NodeView): string {
  if (!live) return "stopped by a fault; look at its log, and start it again";
  return ready ? "ready" : `not ready: ${notReady.join(", ")}`;
}
