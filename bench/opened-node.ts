/** What a node has of its log when it has started: the open store, and the state that follows from it. */
import type { TrackedNodeState } from "../src/engine/node-state.ts";
import { loadNodeState, openNodeSnapshots } from "../src/engine/start-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { EventStore } from "../src/store/event-store.ts";
import { findNewestHeader } from "../src/store/snapshot-disk.ts";
import { openDisk } from "./disk-log.ts";
import { BENCH_LOG_ID, nodeCodec } from "./node-codec.ts";

/** A node without its doors to the network and the chain. */
export type OpenedNode = {
  readonly store: EventStore<NodeEvent>;
  readonly state: TrackedNodeState;
  readonly close: () => Promise<void>;
};

/** Opens the log in `folder` as a node does: from its newest snapshot, where it has one. */
export async function openNode(folder: string): Promise<OpenedNode> {
  const disk = await openDisk(folder);
  const newest = await findNewestHeader(disk.keyValue);
  const store = await EventStore.open({
    disk,
    codec: nodeCodec,
    logId: BENCH_LOG_ID,
    ...(newest === undefined ? {} : { checkFrom: newest.header }),
  });
  const snapshots = await openNodeSnapshots(disk.keyValue, store);
  const { state } = await loadNodeState(store, snapshots);
  return { store, state, close: disk.close };
}
