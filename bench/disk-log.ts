/** A log as a real node has it: RocksDB, a journal and a head file in one folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFileHead } from "../src/adapters/file-head.ts";
import { openFileJournal } from "../src/adapters/file-journal.ts";
import { openRocksDb } from "../src/adapters/rocksdb.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import type { HeadFile, Journal } from "../src/ports/journal.ts";
import type { KeyValue } from "../src/ports/key-value.ts";
import { EventStore } from "../src/store/event-store.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { RecordedBatch } from "./recording-story.ts";

/** The parts of a disk, and the way to close them all. */
export type Disk = {
  readonly keyValue: KeyValue;
  readonly journal: Journal;
  readonly head: HeadFile;
  readonly close: () => Promise<void>;
};

/** A log that is open on a real disk. */
export type DiskLog = { readonly store: EventStore<NodeEvent>; readonly disk: Disk };

/** The layout on disk, by whose name the commands of the node know a log. */
const FORMAT = "channels log 2\n";

/** Opens the disk in `folder`, or creates it. `strict` syncs the head file with every batch. */
export async function openDisk(
  folder: string,
  { strict = false }: { readonly strict?: boolean } = {},
): Promise<Disk> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "format"), FORMAT);
  const keyValue = await openRocksDb(join(folder, "store"));
  const journal = await openFileJournal(join(folder, "journal"));
  const head = await openFileHead(join(folder, "head"), { sync: strict });
  const close = async (): Promise<void> => {
    await journal.close();
    await head.close();
    await keyValue.close();
  };
  return { keyValue, journal, head, close };
}

/** Opens the log in `folder`, or creates it. */
export async function openDiskLog(folder: string, options?: { strict: boolean }): Promise<DiskLog> {
  const disk = await openDisk(folder, options);
  return { disk, store: await openStore(disk) };
}

/** The event store over a disk. */
export function openStore(disk: Disk): Promise<EventStore<NodeEvent>> {
  return EventStore.open({ disk, codec: nodeCodec, logId: BENCH_LOG_ID });
}

/** Appends that wait for the disk together while a log is filled: enough that syncs do not count. */
const WAITING = 1_000;

/** Appends the batches of a recording to a store, each by itself as its node did. */
export async function fillStore(
  store: EventStore<NodeEvent>,
  batches: Iterable<RecordedBatch>,
): Promise<void> {
  let expectedLength = store.length;
  let waiting: Promise<unknown>[] = [];
  for (const { events, timeMs } of batches) {
    waiting.push(store.append(events, expectedLength, timeMs));
    expectedLength += events.length;
    if (waiting.length < WAITING) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  await Promise.all(waiting);
}
