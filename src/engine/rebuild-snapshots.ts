/** Writes all snapshots of a log anew: after a program with other tables, or where there never were any. */
import type { SnapshotManager } from "../store/snapshot.ts";
import { evolveNode } from "./evolve-node.ts";
import { createTrackedState, type NodeState } from "./node-state.ts";
import { EVENTS_PER_SNAPSHOT, takeCapture } from "./snapshot-writer.ts";
import type { StartLog } from "./start-state.ts";

/**
 * Deletes the snapshots, folds the log, and writes one every `eventsPerSnapshot` events. The log may grow
 * meanwhile; nobody else may write snapshots.
 */
export async function rebuildSnapshots(
  log: StartLog,
  snapshots: SnapshotManager<NodeState>,
  eventsPerSnapshot: number = EVENTS_PER_SNAPSHOT,
): Promise<void> {
  await snapshots.deleteAll();
  const state = createTrackedState();
  for await (const records of log.readBatches(0, log.length)) {
    for (const { event, hash, offset } of records) {
      evolveNode(state, event);
      const length = offset + 1;
      if (length % eventsPerSnapshot !== 0) continue;
      await snapshots.write(takeCapture({ snapshots, state }, { length, hash }));
    }
  }
}
