/** `channels node channels`: the channels of a running node, or one of them with all that it holds. */
import { type Command, Option } from "commander";
import { textTable } from "../../primitives/text-table.ts";
import { describeAmount } from "../amount-text.ts";
import type { ChannelView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";
import { treeLines, treeOf } from "../state-tree.ts";
import type { CommandShell } from "./command-shell.ts";
import { type ConnectionOptions, withConnection, withNode } from "./node-connection.ts";
import { allChannels, channelNamed, type Names, nameOf, namesOf, peerNamed } from "./node-names.ts";

type ChannelsOptions = ConnectionOptions & {
  readonly all: boolean;
  readonly use?: string;
  readonly peer?: string;
};

/** What channels are for, as people call it. */
const USES: Readonly<Record<ChannelView["use"], string>> = {
  Ledger: "ledger",
  Virtual: "virtual",
  Direct: "direct",
  MessageLog: "game",
};

/** Adds the command. */
export function addNodeChannelsCommand(node: Command, shell: CommandShell): void {
  withConnection(node.command("channels").description("list the channels of a running node"))
    .argument("[channel]", "show one channel whole; the first digits of its id will do")
    .option("--all", "those that are over as well", false)
    .addOption(
      new Option("--use <kind>", "only channels of this kind").choices([...Object.values(USES)]),
    )
    .option("--peer <peer>", "only channels with this peer")
    .action((text: string | undefined, options: ChannelsOptions) =>
      withNode(options, shell, async (client) => {
        if (text !== undefined) return showOne(client, text, options, shell);
        await showAll(client, options, shell);
      }),
    );
}

async function showOne(
  client: NodeClient,
  text: string,
  { json }: ChannelsOptions,
  shell: CommandShell,
): Promise<void> {
  const channel = await channelNamed(client, text);
  if (json) return shell.out(JSON.stringify(channel, undefined, 2));
  shell.out(treeLines(treeOf(channel), "Whole").join("\n"));
}

async function showAll(
  client: NodeClient,
  { all, json, peer, use }: ChannelsOptions,
  shell: CommandShell,
): Promise<void> {
  const names = await namesOf(client);
  const wanted = peer === undefined ? undefined : peerNamed(names, peer);
  const channels = (await allChannels(client))
    .filter((one) => all || !isOver(one))
    .filter((one) => use === undefined || USES[one.use] === use)
    .filter((one) => wanted === undefined || one.participants.includes(wanted));
  if (json) return shell.out(JSON.stringify({ channels }, undefined, 2));
  if (channels.length === 0) return shell.out("the node has no such channels");
  const ids: IdLength = shell.columns === undefined ? "Whole" : "Short";
  const rows = channels.map((channel) => rowOf(channel, names, ids));
  shell.out(textTable(rows, ["left", "left", "left", "left", "left"]).join("\n"));
}

/** A virtual channel is over once its end is signed: what it held is then in its ledger channels. */
function isOver({ phase, use }: ChannelView): boolean {
  return phase === "Concluded" || (use === "Virtual" && phase === "Finalized");
}

function rowOf(channel: ChannelView, names: Names, ids: IdLength): readonly string[] {
  const { channelId, funds, myIndex, participants, phase, use } = channel;
  const others = participants.filter((_, index) => index !== myIndex);
  const money = channel.balances.map(
    ({ asset, mine, theirs }) =>
      `mine ${amountText(mine, asset, ids)}, theirs ${amountText(theirs, asset, ids)}`,
  );
  const guarantees = funds.length === 0 ? [] : [`funds ${funds.length}`];
  return [
    shortenIds(channelId, ids),
    USES[use],
    phase,
    others.map((one) => nameOf(names, one, ids)).join(" > "),
    [...money, ...guarantees].join(", "),
  ];
}

const amountText = (amount: string, asset: string, ids: IdLength): string =>
  shortenIds(describeAmount(BigInt(amount), asset), ids);
