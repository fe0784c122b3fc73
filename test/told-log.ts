/** The log of a busy node in memory, as a start and time travel read it, with its snapshots beside it. */
import { tellStory } from "../bench/recording-story.ts";
import { createMemoryKeyValue, type MemoryKeyValue } from "../src/adapters/memory-key-value.ts";
import { evolveNode } from "../src/engine/evolve-node.ts";
import { createNodeState, type NodeState, type NodeView } from "../src/engine/node-state.ts";
import { rebuildSnapshots } from "../src/engine/rebuild-snapshots.ts";
import type { TaggedLog } from "../src/engine/reconstruction.ts";
import { openNodeSnapshots } from "../src/engine/start-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { type EventRecord, firstHash } from "../src/events/record.ts";
import { jsonOf } from "../src/primitives/json.ts";
import type { SnapshotIgnored, SnapshotManager } from "../src/store/snapshot.ts";

/** A log that is nothing but its records. */
export type ToldLog = TaggedLog & { readonly records: readonly EventRecord<NodeEvent>[] };

/** The first `length` events of a busy node. */
export function toldEvents(length: number): readonly NodeEvent[] {
  const events: NodeEvent[] = [];
  tellStory(length, (batch) => events.push(...batch.events));
  return events;
}

/** A log of these events, chained as on a disk. */
export function logOf(events: readonly NodeEvent[]): ToldLog {
  let previousHash = firstHash(new Uint8Array(16));
  const records = events.map((event, offset) => {
    const { record } = nodeCodec.encode({ previousHash, offset, timeMs: offset }, event);
    previousHash = record.hash;
    return record;
  });
  return {
    records,
    length: records.length,
    async *readBatches(from, to) {
      yield records.slice(from, to);
    },
    async *readTagged(tag, from, to) {
      yield* records.slice(from, to).filter(({ event }) => nodeCodec.tagsOf(event).includes(tag));
    },
  };
}

/** The same log as it was when it was shorter. */
export function cutLog({ records }: ToldLog, length: number): ToldLog {
  return logOf(records.slice(0, length).map(({ event }) => event));
}

/** What the first `length` events fold to. */
export function foldedState({ records }: ToldLog, length: number): NodeState {
  const state = createNodeState();
  for (const { event } of records.slice(0, length)) evolveNode(state, event);
  return state;
}

/** A state as text, table by table in the order of its keys: equal states have equal text. */
export function stateText(state: NodeView): string {
  const tables = Object.entries(state).sort(([one], [other]) => (one < other ? -1 : 1));
  const sorted = tables.map(([name, table]) => [
    name,
    [...(table as ReadonlyMap<string, unknown>)].sort(([one], [other]) => (one < other ? -1 : 1)),
  ]);
  return jsonOf(sorted);
}

/** A disk with a snapshot every `eventsPerSnapshot` events of a log. */
export async function snapshotsOf(
  log: ToldLog,
  eventsPerSnapshot: number,
): Promise<{
  readonly keyValue: MemoryKeyValue;
  readonly snapshots: SnapshotManager<NodeState>;
  readonly ignored: readonly SnapshotIgnored[];
}> {
  const keyValue = createMemoryKeyValue();
  const ignored: SnapshotIgnored[] = [];
  const snapshots = await openNodeSnapshots(keyValue, log, (one) => ignored.push(one));
  await rebuildSnapshots(log, snapshots, eventsPerSnapshot);
  return { keyValue, snapshots, ignored };
}
