/** Writing snapshots beside the work of a node: when, what, and after a disk that failed. */
import { describe, expect } from "bun:test";
import { concurrency, unit } from "../../test/kind.ts";
import { foldedState, logOf, stateText, toldEvents } from "../../test/told-log.ts";
import { createMemoryKeyValue } from "../adapters/memory-key-value.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { evolveNode } from "./evolve-node.ts";
import { createTrackedState, type NodeState } from "./node-state.ts";
import { SnapshotWriter, type WrittenSnapshot } from "./snapshot-writer.ts";
import { loadNodeState, openNodeSnapshots } from "./start-state.ts";

const EVENTS = 1_000;
const told = logOf(toldEvents(EVENTS));

async function writing(keyValue: KeyValue, pause?: () => Promise<void>) {
  const written: WrittenSnapshot[] = [];
  const failures: unknown[] = [];
  const snapshots = await openNodeSnapshots(keyValue, told);
  const state = createTrackedState();
  const writer = new SnapshotWriter({
    state,
    snapshots,
    eventsPerSnapshot: 100,
    ...(pause === undefined ? {} : { pause }),
    onWritten: (one) => written.push(one),
    onFailed: (error) => failures.push(error),
  });
  /** Folds the events of one append, and says where the log ends now. */
  const append = (from: number, to: number): void => {
    for (const { event } of told.records.slice(from, to)) evolveNode(state, event);
    const hash = told.records[to - 1]?.hash;
    if (hash !== undefined) writer.boundary({ length: to, hash });
  };
  return { append, failures, snapshots, state, writer, written };
}

async function startedState(keyValue: KeyValue, length: number): Promise<NodeState> {
  const log = logOf(told.records.slice(0, length).map(({ event }) => event));
  const { settled, state } = await loadNodeState(log, await openNodeSnapshots(keyValue, log));
  await settled.bringAll();
  return state;
}

describe("SnapshotWriter", () => {
  unit("writes one whenever enough events have come", async () => {
    const { append, writer, written } = await writing(createMemoryKeyValue());
    for (let to = 30; to <= 390; to += 30) {
      append(to - 30, to);
      await writer.idle();
    }

    expect(written.map(({ length }) => length)).toEqual([120, 240, 360]);
  });

  concurrency("holds what the state was at its boundary, whatever happens meanwhile", async () => {
    const keyValue = createMemoryKeyValue();
    let goOn = () => {};
    const { append, snapshots, writer } = await writing(
      keyValue,
      () =>
        new Promise((resolve) => {
          goOn = resolve;
        }),
    );
    append(0, 500);
    append(500, 900);
    expect(snapshots.newest).toBeUndefined();
    const release = setInterval(() => goOn(), 0);
    await writer.idle();
    clearInterval(release);

    expect(snapshots.newest?.length).toBe(500);
    expect(stateText(await startedState(keyValue, 500))).toBe(stateText(foldedState(told, 500)));
    const again = setInterval(() => goOn(), 0);
    append(900, 950);
    await writer.idle();
    clearInterval(again);
    expect(snapshots.newest?.length).toBe(950);
    expect(stateText(await startedState(keyValue, 950))).toBe(stateText(foldedState(told, 950)));
  });

  unit("leaves out nothing of a snapshot that the disk refused", async () => {
    const memory = createMemoryKeyValue();
    let isFull = true;
    const keyValue: KeyValue = {
      ...memory,
      batch: (writes) => (isFull ? Promise.reject(new Error("full")) : memory.batch(writes)),
    };
    const { append, failures, writer, written } = await writing(keyValue);
    append(0, 300);
    await writer.idle();
    expect(failures).toEqual([new Error("full")]);
    expect(written).toEqual([]);

    isFull = false;
    append(300, 301);
    await writer.idle();
    expect(written.map(({ length }) => length)).toEqual([301]);
    expect(stateText(await startedState(memory, 301))).toBe(stateText(foldedState(told, 301)));
  });
});
