/** Appending to the log in memory: what one event costs before any disk does. */
import { createMemoryDisk } from "../src/adapters/memory-disk.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { EventStore } from "../src/store/event-store.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { recordedEvents } from "./recorded-log.ts";
import { bestOf } from "./stopwatch.ts";

/** Events of one measurement: half a second or less, large against one garbage collection. */
const EVENTS = 40_000;

/** Events of one append: a single one, what a step of a protocol writes together, and a full segment. */
const BATCHES = [1, 8, 256] as const;

/** The batch that the goal is about: a node seldom appends a single event. */
const USUAL_BATCH = 8;

export const benchmark: Benchmark = {
  name: "event-append",
  question: "What does it cost to append an event to the log in memory?",
  run: async () => {
    const events = recordedEvents(EVENTS);
    const hashing = await bestOf(async () => hashAlone(events));
    const figures: Figure[] = [];
    for (const batch of BATCHES) {
      const seconds = await bestOf(() => append(events, batch));
      figures.push(
        {
          what: `append, in memory, ${batch} at a time`,
          value: (seconds * 1e6) / EVENTS,
          unit: "us/event",
          better: "lower",
          floor: 1000,
          ...(batch === USUAL_BATCH ? { goal: 2 } : {}),
        },
        {
          what: `append, in memory, ${batch} at a time, against hashing alone`,
          value: (seconds * 1e6) / EVENTS,
          unit: "us/event",
          better: "lower",
          yardstick: "SHA-256 of as many bytes",
          ratio: seconds / hashing,
        },
      );
    }
    return { figures };
  },
};

async function append(events: readonly NodeEvent[], batch: number): Promise<void> {
  const store = await EventStore.open({
    disk: createMemoryDisk(),
    codec: nodeCodec,
    logId: BENCH_LOG_ID,
  });
  for (let at = 0; at < events.length; at += batch) {
    await store.append(events.slice(at, at + batch), at, at);
  }
}

/** Bytes of a stored event on average, which `event-codec` measures. */
const MEAN_SIZE_BYTES = 230;

function hashAlone(events: readonly NodeEvent[]): void {
  const bytes = new Uint8Array(MEAN_SIZE_BYTES);
  for (const _ of events) sha256(bytes);
}
