/** What a node has of its log when it has started: the open store, and the state that follows from it. */
import type { TrackedNodeState } from "../src/engine/node-state.ts";
import { openNodeStore } from "../src/engine/node-store.ts";
import { loadNodeState, openNodeSnapshots } from "../src/engine/start-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventStore } from "../src/store/event-store.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import { openDisk } from "./disk-log.ts";

/** A node without its doors to the network and the chain. */
export type OpenedNode = {
  readonly store: EventStore<NodeEvent>;
  readonly state: TrackedNodeState;
  readonly close: () => Promise<void>;
};

/** Opens the log in `folder` as a node does: from its newest snapshot, where it has one. */
export async function openNode(folder: string): Promise<OpenedNode> {
  const disk = await openDisk(folder);
  const store = await openNodeStore(disk, BENCH_LOG_ID);
  const snapshots = await openNodeSnapshots(disk.keyValue, store);
  const { state } = await loadNodeState(store, snapshots);
  return { store, state, close: disk.close };
}
