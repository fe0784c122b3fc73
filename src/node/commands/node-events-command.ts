/** `channels node events`: what has happened in a running node, and what happens. */
import type { Command } from "commander";
import type { NodeEvent } from "../../events/event.ts";
import type { EventFilter, EventView } from "../api/api-types.ts";
import type { NodeClient } from "../client/node-client.ts";
import { cutLine, describeEvent, describeTime } from "../event-text.ts";
import type { CommandShell } from "./command-shell.ts";
import { type ConnectionOptions, readNumber, withConnection, withNode } from "./node-connection.ts";
import { channelNamed, namesOf, peerNamed } from "./node-names.ts";

type EventsOptions = ConnectionOptions & {
  readonly follow: boolean;
  readonly from?: number;
  readonly limit?: number;
  readonly channel?: string;
  readonly objective?: string;
  readonly peer?: string;
};

/** Events that are shown where nobody says where to begin. */
const LAST_SHOWN = 20;

/** Adds the command. */
export function addNodeEventsCommand(node: Command, shell: CommandShell): void {
  withConnection(node.command("events").description("show the events of a running node"))
    .option("--follow", "go on with those that come; with --json a line for each", false)
    .option(
      "--from <offset>",
      `the first event; the last ${LAST_SHOWN}, or as --limit says, where absent`,
      readNumber,
    )
    .option("--limit <number>", "at most so many events", readNumber)
    .option("--channel <id>", "only events of this channel; its first digits will do")
    .option("--objective <id>", "only events of this objective")
    .option("--peer <peer>", "only messages to and from this peer")
    .action((options: EventsOptions) =>
      withNode(options, shell, async (client) => {
        const filter = await filterOf(client, options);
        if (options.follow) return follow(client, filter, options, shell);
        await showPages(client, filter, options, shell);
      }),
    );
}

async function filterOf(
  client: NodeClient,
  { channel, objective, peer }: EventsOptions,
): Promise<EventFilter> {
  return {
    ...(objective === undefined ? {} : { objectiveId: objective }),
    ...(channel === undefined
      ? {}
      : { channelId: (await channelNamed(client, channel)).channelId }),
    ...(peer === undefined ? {} : { peer: peerNamed(await namesOf(client), peer) }),
  };
}

async function showPages(
  client: NodeClient,
  filter: EventFilter,
  { from, json, limit = Number.MAX_SAFE_INTEGER }: EventsOptions,
  shell: CommandShell,
): Promise<void> {
  const isAll = Object.keys(filter).length > 0;
  const shown: EventView[] = [];
  let next = from ?? (isAll ? 0 : await lastOffset(client, limit));
  let length = Number.MAX_SAFE_INTEGER;
  let count = 0;
  while (next < length && count < limit) {
    const asked = Math.min(1_000, limit - count);
    const page = await client.call("events_list", { ...filter, from: next, limit: asked });
    if (json) shown.push(...page.events);
    else for (const event of page.events) shell.out(lineOf(event, shell));
    if (!(await shell.drained())) return;
    count += page.events.length;
    next = page.next;
    length = page.length;
  }
  if (json) shell.out(JSON.stringify({ events: shown, next }, undefined, 2));
}

async function lastOffset(client: NodeClient, limit: number): Promise<number> {
  const { log } = await client.call("node_info", {});
  return Math.max(0, log.length - (limit === Number.MAX_SAFE_INTEGER ? LAST_SHOWN : limit));
}

async function follow(
  client: NodeClient,
  filter: EventFilter,
  { from, json, limit = Number.MAX_SAFE_INTEGER }: EventsOptions,
  shell: CommandShell,
): Promise<void> {
  // A stream waits for a node to come back; one that is not there at all is told of at once.
  await client.call("node_info", {});
  let count = 0;
  const ending = new AbortController();
  const done = shell.onEnd(async () => ending.abort());
  const onLost = (why: string): void => shell.progress(`${why}; connecting again ...`);
  for await (const event of client.events({ ...filter, from, signal: ending.signal, onLost })) {
    shell.out(json ? JSON.stringify(event) : lineOf(event, shell));
    count += 1;
    if (count >= limit || !(await shell.drained())) break;
  }
  done();
}

function lineOf({ fields, offset, timeMs, type }: EventView, shell: CommandShell): string {
  const ids = shell.columns === undefined ? "Whole" : "Short";
  // What came over the wire has text for big integers, which is shown alike.
  const text = describeEvent({ type, ...fields } as unknown as NodeEvent, ids);
  return cutLine(`${offset}  ${describeTime(timeMs)}  ${type}  ${text}`, shell.columns);
}
