/** How a node begins: the newest snapshot that can be used, and the records since. */

import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { mark } from "../primitives/mark.ts";
import type { EventStore } from "../store/event-store.ts";
import {
  type LoadedEntity,
  type LogEndPoint,
  type SnapshotIgnored,
  SnapshotManager,
} from "../store/snapshot.ts";
import { headerDigest, type SnapshotHeader } from "../store/snapshot-codec.ts";
import { findNewestHeader } from "../store/snapshot-disk.ts";
import type { TrackedTable } from "../store/snapshot-table.ts";
import { evolveNode } from "./evolve-node.ts";
import { nodeTables } from "./node-schema.ts";
import { createTrackedState, type NodeState, type TrackedNodeState } from "./node-state.ts";
import { SettledObjectives } from "./settled-objectives.ts";

/** The log as far as a start reads it. */
export type StartLog = Pick<EventStore<NodeEvent>, "length" | "readBatches">;

/** A node's state at the end of its log. */
export type StartState = {
  readonly state: TrackedNodeState;
  /** What the state does not hold yet: to be asked before each decision, until it is complete. */
  readonly settled: SettledObjectives;
};

/**
 * The end of the log that the newest snapshot is of, for `EventStore.open` to check only what follows it.
 * Undefined when there is no snapshot. Nothing rests on its being right.
 */
export async function snapshotEnd(keyValue: KeyValue): Promise<LogEndPoint | undefined> {
  const found = await findNewestHeader(keyValue);
  return found?.header;
}

/** Finds the snapshots of a node's log. Those that do not belong to it are put aside, and reported. */
export function openNodeSnapshots(
  keyValue: KeyValue,
  log: StartLog,
  onIgnored?: (ignored: SnapshotIgnored) => void,
): Promise<SnapshotManager<NodeState>> {
  return SnapshotManager.open({
    keyValue,
    tables: nodeTables,
    hashAt: async (length) => {
      if (length === 0 || length > log.length) return undefined;
      for await (const [record] of log.readBatches(length - 1, length)) return record?.hash;
      return undefined;
    },
    ...(onIgnored === undefined ? {} : { onIgnored }),
  });
}

/** The state at the end of `log`. Without snapshots all of the log is folded. */
export async function loadNodeState(
  log: StartLog,
  snapshots: SnapshotManager<NodeState> | undefined,
): Promise<StartState> {
  const newest = snapshots?.newest;
  const state = createTrackedState();
  const loaded = await snapshots?.load(false);
  for (const entity of loaded ?? []) restore(state, entity);
  const settled = new SettledObjectives(state, snapshots);
  const from = loaded === undefined ? 0 : (newest?.length ?? 0);
  if (from > 0) mark("restart/from-a-snapshot");
  for await (const records of log.readBatches(from, log.length)) {
    const events = records.map(({ event }) => event);
    if (from > 0 && events.some((event) => isOther(event, newest))) {
      await snapshots?.discard("OtherDigest");
      return loadNodeState(log, snapshots);
    }
    await settled.bring(objectivesOf(events));
    for (const event of events) evolveNode(state, event);
  }
  return { state, settled };
}

/** True when the log recorded another digest for the snapshot that the state was taken from. */
function isOther(event: NodeEvent, header: SnapshotHeader | undefined): boolean {
  if (event.type !== "SnapshotCreated" || event.length !== header?.length) return false;
  return event.digest !== headerDigest(header);
}

/** The objectives that events look at, except those that begin with them. */
function objectivesOf(events: readonly NodeEvent[]): readonly ObjectiveId[] {
  const begun = new Set<ObjectiveId>();
  const named = new Set<ObjectiveId>();
  for (const event of events) {
    if (!("objectiveId" in event) || event.objectiveId === undefined) continue;
    if (event.type === "ObjectiveCreated") begun.add(event.objectiveId);
    else if (!begun.has(event.objectiveId)) named.add(event.objectiveId);
  }
  return [...named];
}

function restore(state: TrackedNodeState, { key, table, value }: LoadedEntity): void {
  const entities = state[table.name as keyof TrackedNodeState];
  (entities as unknown as TrackedTable<string, unknown>).restore(key, value);
}
