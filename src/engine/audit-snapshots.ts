/** Checks all snapshots of a log against a replay of it. */
import type { KeyValue } from "../ports/key-value.ts";
import { SnapshotManager } from "../store/snapshot.ts";
import { ComparingStore, type SnapshotProblem } from "../store/snapshot-audit.ts";
import { readHeaders } from "../store/snapshot-disk.ts";
import { shapeOf, tableList } from "../store/snapshot-table.ts";
import { evolveNode } from "./evolve-node.ts";
import { nodeTables } from "./node-schema.ts";
import { createTrackedState, type NodeState } from "./node-state.ts";
import { takeCapture } from "./snapshot-writer.ts";
import type { StartLog } from "./start-state.ts";

/** What came of it. */
export type SnapshotAudit = {
  /** Snapshots that were compared with a replay; none where a header alone told what is wrong. */
  readonly audited: number;
  readonly problems: readonly SnapshotProblem[];
};

/**
 * Folds the log once more, takes every snapshot anew where one was taken, and tells which of them say
 * something else. Changes nothing. Holds the entities of the newest snapshot in memory.
 */
export async function auditSnapshots(log: StartLog, keyValue: KeyValue): Promise<SnapshotAudit> {
  const shape = shapeOf(tableList(nodeTables));
  const lengths: number[] = [];
  for await (const { header, length } of readHeaders(keyValue)) {
    if (header === undefined) return refused("Undecodable", length);
    if (header.shape !== shape) return refused("OtherShape", length);
    if (length > log.length) return refused("OtherLog", length);
    lengths.push(length);
  }
  const store = new ComparingStore(keyValue);
  await replay(log, store, lengths);
  if (lengths.length > 0) await store.finish();
  return { audited: lengths.length, problems: store.problems };
}

function refused(code: SnapshotProblem["code"], length: number): SnapshotAudit {
  return { audited: 0, problems: [{ code, length }] };
}

async function replay(
  log: StartLog,
  keyValue: KeyValue,
  lengths: readonly number[],
): Promise<void> {
  const snapshots = await SnapshotManager.open<NodeState>({
    keyValue,
    tables: nodeTables,
    hashAt: async () => undefined,
  });
  const state = createTrackedState();
  const due = [...lengths];
  for await (const records of log.readBatches(0, due.at(-1) ?? 0)) {
    for (const { event, hash, offset } of records) {
      evolveNode(state, event);
      const length = offset + 1;
      if (due[0] !== length) continue;
      due.shift();
      await snapshots.write(takeCapture({ snapshots, state }, { length, hash }));
    }
  }
}
