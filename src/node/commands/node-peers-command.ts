/** `channels node peers`: the address book of a running node, and who is connected. */
import type { Command } from "commander";
import { parseAddress } from "../../crypto/address.ts";
import { textTable } from "../../primitives/text-table.ts";
import type { PeerView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { shortenIds } from "../short-ids.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { type ConnectionOptions, withConnection, withNode } from "./node-connection.ts";
import { namesOf, peerNamed } from "./node-names.ts";

type PeersOptions = ConnectionOptions & {
  readonly add?: string;
  readonly remove?: string;
  readonly at?: string;
};

/** Adds the command. */
export function addNodePeersCommand(node: Command, shell: CommandShell): void {
  withConnection(node.command("peers").description("list the peers of a running node"))
    .option("--add <address>", "write a peer into the address book first; it stays")
    .option("--remove <peer>", "take back what was added of a peer first")
    .option("--at <place>", "the place to add or to remove, as tcp://host:port")
    .action((options: PeersOptions) =>
      withNode(options, shell, async (client) => {
        await changeBook(client, options);
        const { peers } = await client.call("peers_list", {});
        shell.out(options.json ? JSON.stringify({ peers }, undefined, 2) : peersText(peers, shell));
      }),
    );
}

async function changeBook(client: NodeClient, options: PeersOptions): Promise<void> {
  const { add, at: place, remove } = options;
  if (add !== undefined && remove !== undefined)
    throw wrongUsage("--add and --remove are two commands: name one");
  if (add === undefined && remove === undefined) {
    if (place !== undefined) throw wrongUsage("--at is the place of --add or --remove: name both");
  } else if (remove !== undefined) {
    const address = peerNamed(await namesOf(client), remove);
    await client.call("peers_remove", { address, place });
  } else {
    const address = parseAddress(add);
    if (!address.ok) throw wrongUsage(`${add} is no address: it has 0x and 40 digits`);
    await client.call("peers_add", { address: address.value, place });
  }
}

function peersText(peers: readonly PeerView[], { columns, paint }: CommandShell): string {
  if (peers.length === 0) return "the node knows nobody";
  const ids = columns === undefined ? "Whole" : "Short";
  const rows = peers.map(({ address, connection, name, places, refusals }) => [
    name ?? "-",
    shortenIds(address, ids),
    connection === null ? paint.dim("away") : paint.green("connected"),
    connection?.roundTripMs === undefined || connection.roundTripMs === null
      ? "-"
      : `${Math.round(connection.roundTripMs)} ms`,
    refusals === 0 ? "-" : `${refusals} refused`,
    connection?.place ?? places[0] ?? "no place to dial",
  ]);
  return textTable(rows, ["left", "left", "left", "right", "right", "left"]).join("\n");
}
