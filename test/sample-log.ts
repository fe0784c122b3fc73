/** Small logs for tests, of events of a made-up kind. */
import { createMemoryDisk } from "../src/adapters/memory-disk.ts";
import { type Catalogue, eventEntry } from "../src/events/catalogue-entry.ts";
import { createRecordCodec, type RecordCodec } from "../src/events/record.ts";
import { text, uint } from "../src/primitives/schema.ts";
import { record } from "../src/primitives/schema-composite.ts";
import { EventStore } from "../src/store/event-store.ts";
import type { LogDisk } from "../src/store/log-disk.ts";

/** Something that is counted, for one of several owners. */
export type SampleEvent =
  | { readonly type: "Added"; readonly owner: string; readonly count: number }
  | { readonly type: "Cleared"; readonly owner: string };

const catalogue: Catalogue<SampleEvent> = {
  Added: eventEntry(1, 1, record({ owner: text(32), count: uint(1_000_000) })),
  Cleared: eventEntry(2, 1, record({ owner: text(32) })),
};

/** Turns sample events into bytes. Each is tagged with its owner. */
export const sampleCodec: RecordCodec<SampleEvent> = createRecordCodec(catalogue, ({ owner }) => [
  `owner:${owner}`,
]);

/** The id of every sample log. */
export const SAMPLE_LOG_ID: Uint8Array = Uint8Array.from({ length: 16 }, (_, index) => index);

/** Counts `count` up for alice or bob, in turns. */
export const added = (count: number): SampleEvent => ({
  type: "Added",
  owner: count % 2 === 0 ? "alice" : "bob",
  count,
});

/** `count` events, numbered from `from` on. */
export const addedRange = (from: number, count: number): readonly SampleEvent[] =>
  Array.from({ length: count }, (_, index) => added(from + index));

/** Opens the sample log of a disk. */
export const openSample = (disk: LogDisk = createMemoryDisk()): Promise<EventStore<SampleEvent>> =>
  EventStore.open({ disk, codec: sampleCodec, logId: SAMPLE_LOG_ID });
