/** Appending to the log on a disk: against the least that a durable write costs there. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openRocksDb } from "../src/adapters/rocksdb.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { firstHash } from "../src/events/record.ts";
import type { KeyValueWrite } from "../src/ports/key-value.ts";
import type { EventStore } from "../src/store/event-store.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { type Disk, openDiskLog } from "./disk-log.ts";
import { recordedEvents } from "./recorded-log.ts";
import { withScratch } from "./scratch.ts";
import { median, speedAgainst, takeTurns } from "./slices.ts";

/** Appends of one slice, one at a time: about 30 ms, less than most moods of a disk last. */
const SINGLE_APPENDS = 200;

/** Slices of each contender. The median of as many ratios moves by a few hundredths between runs. */
const SINGLE_ROUNDS = 25;

/** Appends that wait for the disk at a time. */
const GROUPS = [256, 1024, 4096] as const;

/** Events of one slice of a group: as many for each size, so that the sizes compare. */
const GROUP_EVENTS = 8_192;

const GROUP_ROUNDS = 9;

export const benchmark: Benchmark = {
  name: "event-append-durable",
  question: "What does it cost to append an event so that it survives a power cut?",
  run: async () => {
    const events = recordedEvents(20_000);
    const single = await withScratch((folder) => appendSingly(folder, events));
    const groups: Figure[] = [];
    for (const size of GROUPS) {
      groups.push(await withScratch((folder) => appendInGroups(folder, events, size)));
    }
    return { figures: [...single, ...groups] };
  },
};

async function appendSingly(
  folder: string,
  events: readonly NodeEvent[],
): Promise<readonly Figure[]> {
  const records = storedRecords(events);
  const lazy = await openDiskLog(join(folder, "lazy"));
  const strict = await openDiskLog(join(folder, "strict"), { strict: true });
  const growing = openSync(join(folder, "growing"), "w");
  const slice = <Item>(items: readonly Item[], round: number): readonly Item[] =>
    items.slice(0, SINGLE_APPENDS * (round + 1)).slice(-SINGLE_APPENDS);
  const slices = await takeTurns(
    {
      bare: async (round) => writeBare(growing, slice(records, round)),
      lazy: (round) => appendOneByOne(lazy.store, slice(events, round)),
      strict: (round) => appendOneByOne(strict.store, slice(events, round)),
    },
    SINGLE_ROUNDS,
  );
  closeSync(growing);
  await closeAll(lazy.disk, strict.disk);
  const figure = (what: string, seconds: readonly number[]): Figure => ({
    what,
    value: (median(seconds) / SINGLE_APPENDS) * 1e6,
    unit: "us/event",
    yardstick: "write + fdatasync of the same bytes",
    ratio: speedAgainst(seconds, slices.bare),
  });
  return [
    { ...figure("append, durable, one at a time", slices.lazy), goal: 0.85 },
    figure("append, durable, one at a time, head file synced as well", slices.strict),
    {
      what: "bare write + fdatasync of a record",
      value: (median(slices.bare) / SINGLE_APPENDS) * 1e6,
      unit: "us",
      better: "lower",
    },
  ];
}

async function appendInGroups(
  folder: string,
  events: readonly NodeEvent[],
  size: number,
): Promise<Figure> {
  const records = storedRecords(events.slice(0, GROUP_EVENTS));
  const log = await openDiskLog(join(folder, "log"));
  const rocksDb = await openRocksDb(join(folder, "rocksdb"));
  const slices = await takeTurns(
    {
      rocksDb: async (round) => {
        for (let at = 0; at < GROUP_EVENTS; at += size) {
          const batch = records.slice(at, at + size);
          await rocksDb.batch(
            batch.map((record, n) => putAt(round * GROUP_EVENTS + at + n, record)),
          );
        }
      },
      log: () => appendTogether(log.store, events.slice(0, GROUP_EVENTS), size),
    },
    GROUP_ROUNDS,
  );
  await closeAll(log.disk, rocksDb);
  return {
    what: `append, durable, ${size} appends waiting at a time`,
    value: (median(slices.log) / GROUP_EVENTS) * 1e6,
    unit: "us/event",
    yardstick: "a synced batch of RocksDB, the same records",
    ratio: speedAgainst(slices.log, slices.rocksDb),
    goal: 0.75,
  };
}

/** Writes to the end of a file, as a program does that knows nothing better. */
function writeBare(file: number, records: readonly Uint8Array[]): void {
  for (const record of records) {
    writeSync(file, record);
    fdatasyncSync(file);
  }
}

async function appendOneByOne(
  store: EventStore<NodeEvent>,
  events: readonly NodeEvent[],
): Promise<void> {
  for (const event of events) await store.append([event], store.length, 0);
}

/** Producers side by side, each of which waits for its append before it makes the next one. */
async function appendTogether(
  store: EventStore<NodeEvent>,
  events: readonly NodeEvent[],
  producers: number,
): Promise<void> {
  let expectedLength = store.length;
  let next = 0;
  const produce = async (): Promise<void> => {
    for (;;) {
      const event = events[next];
      if (event === undefined) return;
      next += 1;
      expectedLength += 1;
      await store.append([event], expectedLength - 1, 0);
    }
  };
  await Promise.all(Array.from({ length: producers }, produce));
}

/** The bytes that a log stores for each event. */
function storedRecords(events: readonly NodeEvent[]): readonly Uint8Array[] {
  let previousHash = firstHash(BENCH_LOG_ID);
  return events.map((event, offset) => {
    const { record, stored } = nodeCodec.encode({ previousHash, offset, timeMs: 0 }, event);
    previousHash = record.hash;
    return stored;
  });
}

function putAt(offset: number, value: Uint8Array): KeyValueWrite {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt(offset));
  return { type: "Put", key, value };
}

async function closeAll(...open: readonly Pick<Disk, "close">[]): Promise<void> {
  for (const each of open) await each.close();
}
