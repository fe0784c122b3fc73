/** `channels log at`: what a node, a channel or an objective was after so many events. */
import type { Command } from "commander";
import type { Channel } from "../../channel/channel.ts";
import { phaseOf } from "../../channel/channel.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { guaranteeCount } from "../../channel/ledger-outcome.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { NodeState } from "../../engine/node-state.ts";
import {
  reconstructChannel,
  reconstructNode,
  reconstructObjective,
} from "../../engine/reconstruction.ts";
import { openNodeSnapshots } from "../../engine/start-state.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { KeyValue } from "../../ports/key-value.ts";
import { counted } from "../../primitives/counted.ts";
import { toHex } from "../../primitives/hex.ts";
import { textTable } from "../../primitives/text-table.ts";
import type { EventStore } from "../../store/event-store.ts";
import { cutLine, describeHead, describeTime } from "../event-text.ts";
import type { WrittenOffset } from "../log-offsets.ts";
import { idOf } from "../log-subject.ts";
import { describeFunding } from "../money-text.ts";
import { withLog } from "../opened-log.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";
import { type Tree, treeLines, treeOf } from "../state-tree.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { ARCHIVES_OPTION, placeIn, readDirectory, readOffset, tagIn } from "./log-arguments.ts";

type AtOptions = {
  readonly channel?: string;
  readonly objective?: string;
  readonly json: boolean;
  readonly archives?: string;
};

/** A log, the moment that was asked for, and what leads there fast. */
type Moment = {
  readonly store: EventStore<NodeEvent>;
  readonly keyValue: KeyValue;
  readonly offset: number;
  readonly snapshots: Awaited<ReturnType<typeof openNodeSnapshots>>;
};

/** Adds the command. */
export function addLogAtCommand(log: Command, shell: CommandShell): void {
  log
    .command("at")
    .description("show what a node was after its first so many events")
    .argument("<dir>", "the directory of a log", readDirectory)
    .option(...ARCHIVES_OPTION)
    .argument(
      "<offset>",
      'a number of events: 120, -3 (three before the end), or "end"',
      readOffset,
    )
    .option("--channel <id>", "only this channel; its first digits will do")
    .option("--objective <id>", "only this objective")
    .option("--json", "print one JSON document and nothing else", false)
    .action((directory: string, offset: WrittenOffset, options: AtOptions) =>
      withLog({ directory, archives: options.archives }, shell, async (store, copy) => {
        const place = placeIn(store, offset);
        const snapshots = await openNodeSnapshots(copy.keyValue, store);
        const { keyValue } = copy;
        await showAt({ store, keyValue, offset: place, snapshots }, options, shell);
      }),
    );
}

async function showAt(moment: Moment, options: AtOptions, shell: CommandShell): Promise<void> {
  const ids: IdLength = shell.columns === undefined ? "Whole" : "Short";
  const head = await headOf(moment);
  const { channel, objective } = options;
  if (channel !== undefined && objective !== undefined) {
    throw wrongUsage("ask for a channel or for an objective, not for both");
  }
  if (channel === undefined && objective === undefined) {
    const state = await reconstructNode(moment.store, moment.offset, moment.snapshots);
    if (options.json)
      return shell.out(JSON.stringify({ ...head, state: treeOf(plain(state)) }, undefined, 2));
    const lines = stateLines(state, ids).map((line) => cutLine(line, shell.columns));
    const painted = lines.map((line) => (/^\S/.test(line) ? shell.paint.bold(line) : line));
    return shell.out([headLine(head), ...painted].join("\n"));
  }
  const [name, found] =
    channel === undefined
      ? (["objective", await objectiveAt(moment, objective ?? "")] as const)
      : (["channel", await channelAt(moment, channel)] as const);
  if (found === undefined) {
    throw wrongUsage(`the ${name} did not exist yet after ${moment.offset} events`);
  }
  if (options.json)
    return shell.out(JSON.stringify({ ...head, [name]: treeOf(found) }, undefined, 2));
  shell.out([headLine(head), ...treeLines(treeOf(found), ids)].join("\n"));
}

async function channelAt(moment: Moment, text: string) {
  const { offset, snapshots, store } = moment;
  const id = idOf(await tagIn(moment, "channel", text)) as ChannelId;
  return reconstructChannel(store, id, offset, snapshots);
}

async function objectiveAt(moment: Moment, text: string) {
  const { offset, snapshots, store } = moment;
  const id = idOf(await tagIn(moment, "objective", text)) as ObjectiveId;
  return reconstructObjective(store, id, offset, snapshots);
}

type Head = {
  readonly logId: string;
  readonly length: number;
  readonly offset: number;
  /** Of the last event before the moment; null before the first one. */
  readonly timeMs: number | null;
  readonly hash: string | null;
};

async function headOf({ offset, store }: Moment): Promise<Head> {
  const head = { logId: toHex(store.logId), length: store.length, offset };
  for await (const { hash, timeMs } of store.readRange(Math.max(offset - 1, 0), offset)) {
    return { ...head, timeMs, hash };
  }
  return { ...head, timeMs: null, hash: null };
}

function headLine({ length, offset, timeMs }: Head): string {
  const when = timeMs === null ? "nothing has happened yet" : describeTime(timeMs);
  return `after ${offset} of ${length} events, ${when}`;
}

function plain(state: NodeState): unknown {
  return { ...state, facts: state.facts.get("node") };
}

/** Titles stand at the edge, and what is below them further in. */
function stateLines(state: NodeState, ids: IdLength): readonly string[] {
  const { channels, facts, messages, objectives, peers, transactions } = state;
  const section = (title: string, rows: readonly (readonly string[])[]): readonly string[] => [
    "",
    title,
    ...(rows.length === 0 ? ["  none"] : textTable(rows, rows[0]?.map(() => "left") ?? [])),
  ];
  return [
    ...section(
      "channels",
      [...channels.values()].map((channel) => channelRow(channel, ids)),
    ),
    ...section(
      "objectives",
      [...objectives.values()].map(({ id, rejectionCode, status }) => [
        shortenIds(id, ids),
        status,
        rejectionCode ?? "",
      ]),
    ),
    ...section(
      "peers",
      [...peers].map(([peer, { ackedUpTo, head, lastReceived, lastSent }]) => [
        shortenIds(peer, ids),
        `sent ${lastSent}, of them settled ${ackedUpTo}`,
        `received ${lastReceived}`,
        head === undefined ? "its head unknown" : `its head ${describeHead(head, ids)}`,
      ]),
    ),
    ...section(
      "messages that are not settled",
      [...messages.values()].map(({ message, sequence, to }) => [
        `message ${sequence}`,
        message.type,
        `to ${shortenIds(to, ids)}`,
      ]),
    ),
    ...section(
      "transactions that are not settled",
      [...transactions.values()].map(({ call, effectId, raw }) => [
        call.type,
        raw === undefined ? "not signed yet" : "signed",
        shortenIds(effectId, ids),
      ]),
    ),
    ...section("the node", factRows(treeOf(facts.get("node")), ids)),
  ];
}

function factRows(facts: Tree, ids: IdLength): readonly (readonly string[])[] {
  return treeLines(facts, ids).map((line) => [line]);
}

function channelRow(channel: Channel, ids: IdLength): readonly string[] {
  const { id, supported, use } = channel;
  return [
    shortenIds(id, ids),
    use.type.toLowerCase(),
    phaseOf(channel),
    supported === undefined
      ? "nothing supported"
      : `turn ${supported.variablePart.turnNum} supported`,
    moneyOf(channel, ids),
  ];
}

/** What the adjudicator holds for a channel, and what that funds; or what funds it, and what was promised. */
function moneyOf({ holdings, supported, use, vouchers }: Channel, ids: IdLength): string {
  if (use.type === "Virtual") {
    const { issued, received } = vouchers;
    const paid = issued === undefined ? "" : `, paid ${issued.amounts.join(" and ")}`;
    const got = received === undefined ? "" : `, was paid ${received.amounts.join(" and ")}`;
    return `${describeFunding(use, ids)}${paid}${got}`;
  }
  const held = [...holdings].map(([asset, amount]) => `${amount} of ${shortenIds(asset, ids)}`);
  const text = held.length === 0 ? "holds nothing" : `holds ${held.join(" and ")}`;
  if (use.type === "Direct" || use.type === "MessageLog") return text;
  return `${text}, ${counted(guaranteeCount(supported?.variablePart.outcome ?? []), "guarantee")}`;
}
