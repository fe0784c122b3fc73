/** Appending to the log in memory: what one event costs before any disk does. */
import { createMemoryKeyValue } from "../src/adapters/memory-key-value.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { EventStore } from "../src/store/event-store.ts";
import type { Benchmark } from "./benchmark.ts";
import { BENCH_LOG_ID, nodeCodec, recordedEvents } from "./recorded-log.ts";
import { bestOf } from "./stopwatch.ts";

/** Events of one measurement: half a second or less, large against one garbage collection. */
const EVENTS = 40_000;

/** Events of one append: what a step of a protocol writes together. */
const BATCH = 8;

export const benchmark: Benchmark = {
  name: "event-append",
  question: "What does it cost to append an event to the log in memory?",
  run: async () => {
    const events = recordedEvents(EVENTS);
    const one = await bestOf(() => append(events, 1));
    const batched = await bestOf(() => append(events, BATCH));
    const sizes = storedSizes(events);
    const hashing = await bestOf(() => hashAlone(sizes));
    const perEventUs = (seconds: number): number => (seconds * 1e6) / EVENTS;
    return {
      figures: [
        {
          what: `append, in memory, ${BATCH} events at a time`,
          value: perEventUs(batched),
          unit: "us/event",
          better: "lower",
          floor: 1000,
          goal: 2,
        },
        {
          what: "append, in memory, one event at a time",
          value: perEventUs(one),
          unit: "us/event",
          better: "lower",
          floor: 1000,
        },
        {
          what: `append, in memory, ${BATCH} events at a time, against hashing alone`,
          value: perEventUs(batched),
          unit: "us/event",
          better: "lower",
          yardstick: "SHA-256 of as many bytes",
          ratio: batched / hashing,
        },
        { what: "size of a stored event", value: mean(sizes), unit: "bytes" },
      ],
    };
  },
};

async function append(events: readonly NodeEvent[], batch: number): Promise<void> {
  const store = await EventStore.open({
    keyValue: createMemoryKeyValue(),
    codec: nodeCodec,
    logId: BENCH_LOG_ID,
  });
  for (let at = 0; at < events.length; at += batch) {
    await store.append(events.slice(at, at + batch), at, at);
  }
}

/** Sizes as in a log, where the chained hash has the size of the hash that it replaces. */
function storedSizes(events: readonly NodeEvent[]): readonly number[] {
  const previousHash = `0x${"00".repeat(32)}` as Parameters<typeof nodeCodec.decode>[0];
  return events.map(
    (event, offset) =>
      nodeCodec.encode({ previousHash, offset, timeMs: offset }, event).stored.length,
  );
}

function mean(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

async function hashAlone(sizes: readonly number[]): Promise<void> {
  const bytes = new Uint8Array(sizes.reduce((largest, size) => Math.max(largest, size), 0));
  for (const size of sizes) sha256(bytes.subarray(0, size));
}
