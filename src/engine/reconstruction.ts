/** What a node, an objective or a channel was at any offset of the log, and what changed between two. */
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import type { Tag } from "../events/record.ts";
import { assert } from "../primitives/assert.ts";
import type { Objective } from "../protocols/objective.ts";
import type { EventStore } from "../store/event-store.ts";
import type { SnapshotManager } from "../store/snapshot.ts";
import type { EntityName } from "../store/snapshot-keys.ts";
import { tableList } from "../store/snapshot-table.ts";
import {
  type Difference,
  differences,
  type FoldTables,
  type History,
  type PastState,
  pastState,
} from "../store/time-travel.ts";
import { evolveNode } from "./evolve-node.ts";
import { nodeTables } from "./node-schema.ts";
import { createNodeState, type NodeState, type NodeTables } from "./node-state.ts";
import type { StartLog } from "./start-state.ts";

/** A node at some moment: `get` looks one entity up, `list` reads a table. */
export type PastNode = PastState<NodeEvent, NodeState>;

/** The snapshots beside a log: with them the past is near. Without them it is the same, and takes longer. */
export type NodeSnapshots = SnapshotManager<NodeState> | undefined;

/** The log as far as it is read for one entity. */
export type TaggedLog = StartLog & Pick<EventStore<NodeEvent>, "readTagged">;

type NodeHistory = History<NodeEvent, NodeState>;

/** Of a node, by number. */
const TABLES = tableList(nodeTables);

/**
 * The node after the first `upTo` events, of which nothing is read that nobody asks for; 0 is a node to
 * which nothing has happened.
 */
export function nodeAt(log: StartLog, upTo: number, snapshots?: NodeSnapshots): Promise<PastNode> {
  return pastState(historyOf(log, snapshots), upTo);
}

/** The same, as a whole. */
export async function reconstructNode(
  log: StartLog,
  upTo: number,
  snapshots?: NodeSnapshots,
): Promise<NodeState> {
  const past = await nodeAt(log, upTo, snapshots);
  const state = createNodeState();
  for (const name of Object.keys(state) as (keyof NodeState)[]) {
    const table = state[name] as Map<string, unknown>;
    for (const [key, value] of await past.list(name)) table.set(key, value);
  }
  return state;
}

/**
 * An objective after the first `upTo` events, from the events that are about it; undefined before it was
 * created. What it shares with its channel is in the channel.
 */
export async function reconstructObjective(
  log: TaggedLog,
  objectiveId: ObjectiveId,
  upTo: number,
  snapshots?: NodeSnapshots,
): Promise<Objective | undefined> {
  const { number } = nodeTables.objectives;
  const start = await startOf({ table: number, key: objectiveId }, upTo, snapshots);
  const state = createNodeState();
  if (start.value !== undefined) state.objectives.set(objectiveId, start.value as Objective);
  await foldTagged(log, state, `objective:${objectiveId}`, start.length, upTo);
  return state.objectives.get(objectiveId);
}

/** A channel after the first `upTo` events, from the events that are about it; undefined before it existed. */
export async function reconstructChannel(
  log: TaggedLog,
  channelId: ChannelId,
  upTo: number,
  snapshots?: NodeSnapshots,
): Promise<Channel | undefined> {
  const { number } = nodeTables.channels;
  const start = await startOf({ table: number, key: channelId }, upTo, snapshots);
  const state = createNodeState();
  if (start.value !== undefined) state.channels.set(channelId, start.value as Channel);
  await foldTagged(log, state, `channel:${channelId}`, start.length, upTo);
  return state.channels.get(channelId);
}

/** The entities that the events from `from` (included) to `to` (left out) changed, before and after. */
export function diffNode(
  log: StartLog,
  from: number,
  to: number,
  snapshots?: NodeSnapshots,
): Promise<readonly Difference[]> {
  return differences(historyOf(log, snapshots), from, to);
}

/** An entity at the last snapshot up to `upTo`, and where that is. */
async function startOf(
  entity: EntityName,
  upTo: number,
  snapshots: NodeSnapshots,
): Promise<{ readonly length: number; readonly value: unknown }> {
  const start = await snapshots?.startFor(upTo);
  const found = start && (await snapshots?.entityAt(entity, start.length));
  return start === undefined || found === undefined
    ? { length: 0, value: undefined }
    : { length: start.length, value: found.value };
}

async function foldTagged(
  log: TaggedLog,
  state: NodeState,
  tag: Tag,
  from: number,
  upTo: number,
): Promise<void> {
  assert(upTo >= from && upTo <= log.length, "the log reaches to the offset that is asked for");
  for await (const { event } of log.readTagged(tag, from, upTo)) evolveNode(state, event);
}

function historyOf(log: StartLog, snapshots: NodeSnapshots): NodeHistory {
  return {
    log,
    ...(snapshots === undefined ? {} : { snapshots }),
    tables: TABLES,
    evolve: (tables: FoldTables, event: NodeEvent) => {
      evolveNode(tables as unknown as NodeTables, event);
    },
    entitiesOf,
  };
}

/** Every event names what it is about by the same few fields. */
function entitiesOf(event: NodeEvent): readonly (readonly [table: keyof NodeState, key: string])[] {
  const named: (readonly [keyof NodeState, string])[] = [["facts", "node"]];
  if ("channelId" in event) named.push(["channels", event.channelId], ["desks", event.channelId]);
  if ("objectiveId" in event && event.objectiveId !== undefined) {
    named.push(["objectives", event.objectiveId]);
  }
  if ("effectId" in event) named.push(["transactions", event.effectId]);
  if ("peer" in event) named.push(["peers", event.peer]);
  if (event.type === "MessageSent") named.push(["peers", event.to]);
  if (event.type === "MessageReceived") named.push(["peers", event.from]);
  return named;
}
