/** Beside the event store that a TypeScript developer would pick today: emmett, with its SQLite store. */
import { join } from "node:path";
import { getSQLiteEventStore, sqliteConnection } from "@event-driven-io/emmett-sqlite";
import type { NodeEvent } from "../src/events/event.ts";
import { assert } from "../src/primitives/assert.ts";
import type { EventStore } from "../src/store/event-store.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { openDiskLog } from "./disk-log.ts";
import { recordedEvents } from "./recorded-log.ts";
import { withScratch } from "./scratch.ts";
import { median, speedAgainst, takeTurns } from "./slices.ts";

/** Appends of one slice for each number of events in an append: each slice takes tenths of a second. */
const APPENDS: ReadonlyMap<number, number> = new Map([
  [1, 100],
  [8, 100],
  [256, 8],
]);

const ROUNDS = 7;

/** Events that are read back: fewer than the appends above have left there. */
const READ_EVENTS = 10_000;

const STREAM = "node-alice";

export const benchmark: Benchmark = {
  name: "emmett",
  question: "How does the log compare to emmett with its SQLite store, both durable, on one disk?",
  run: () =>
    withScratch(async (folder) => {
      const log = await openDiskLog(join(folder, "log"));
      const emmett = await openEmmett(join(folder, "emmett.sqlite"));
      const events = recordedEvents(READ_EVENTS);
      const figures: Figure[] = [];
      for (const [size, appends] of APPENDS) {
        const batch = (round: number, index: number): readonly NodeEvent[] =>
          batchAt(events, (round * appends + index) * size, size);
        const slices = await takeTurns(
          {
            emmett: (round) => times(appends, (index) => emmett.append(batch(round, index))),
            log: (round) => times(appends, (index) => append(log.store, batch(round, index))),
          },
          ROUNDS,
        );
        figures.push(...compare(`append, durable, ${size} at a time`, slices, appends * size));
      }
      const reads = await takeTurns(
        { emmett: () => emmett.read(READ_EVENTS), log: () => read(log.store, READ_EVENTS) },
        ROUNDS,
      );
      figures.push(...compare("read back", reads, READ_EVENTS));
      emmett.close();
      await log.disk.close();
      return { figures };
    }),
};

function compare(
  what: string,
  slices: Readonly<Record<"emmett" | "log", readonly number[]>>,
  events: number,
): readonly Figure[] {
  const value = (seconds: readonly number[]): number => (median(seconds) / events) * 1e6;
  return [
    {
      what,
      value: value(slices.log),
      unit: "us/event",
      yardstick: "emmett, the same events",
      ratio: speedAgainst(slices.log, slices.emmett),
    },
    { what: `${what}, by emmett`, value: value(slices.emmett), unit: "us/event" },
  ];
}

type Emmett = {
  readonly append: (events: readonly NodeEvent[]) => Promise<void>;
  readonly read: (count: number) => Promise<void>;
  readonly close: () => void;
};

/** As fast as it goes: one connection, where emmett by default opens one for each call. */
async function openEmmett(fileName: string): Promise<Emmett> {
  const connection = sqliteConnection({ fileName });
  // The write-ahead log that emmett asks for, synced at each commit: what our log is held against.
  await connection.command("PRAGMA synchronous = FULL");
  const store = getSQLiteEventStore({
    fileName,
    connectionOptions: { singleton: true, connection },
  });
  await store.schema.migrate();
  let version = 0n;
  return {
    append: async (events) => {
      const messages = events.map((event) => ({ type: event.type, data: event }));
      const expectedStreamVersion = version;
      const appended = await store.appendToStream(STREAM, messages, { expectedStreamVersion });
      version = appended.nextExpectedStreamVersion;
    },
    read: async (count) => {
      const { events } = await store.readStream(STREAM, { from: 1n, to: BigInt(count) });
      assert(events.length === count, "emmett gives as many events as asked for");
    },
    close: () => connection.close(),
  };
}

async function append(store: EventStore<NodeEvent>, events: readonly NodeEvent[]): Promise<void> {
  await store.append(events, store.length, 0);
}

async function read(store: EventStore<NodeEvent>, count: number): Promise<void> {
  let found = 0;
  for await (const _ of store.readRange(0, count)) found += 1;
  assert(found === count, "the log gives as many events as asked for");
}

async function times(count: number, run: (index: number) => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index += 1) await run(index);
}

/** Events from anywhere in the recording, which starts again at its end. */
function batchAt(events: readonly NodeEvent[], at: number, size: number): readonly NodeEvent[] {
  const start = at % (events.length - size);
  return events.slice(start, start + size);
}
