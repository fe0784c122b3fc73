/** Reading the log back: decoding, checking the chain, and folding. */
import { createMemoryKeyValue, type MemoryKeyValue } from "../src/adapters/memory-key-value.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { firstHash } from "../src/events/record.ts";
import { assert } from "../src/primitives/assert.ts";
import { EventStore } from "../src/store/event-store.ts";
import { readStored } from "../src/store/log-disk.ts";
import { reconstruct } from "../src/store/reconstructor.ts";
import type { Benchmark } from "./benchmark.ts";
import { BENCH_LOG_ID, nodeCodec, recordedEvents } from "./recorded-log.ts";
import { bestOf } from "./stopwatch.ts";

/** Events of one measurement: large against one garbage collection. */
const EVENTS = 40_000;

/** Events of the reconstruction that DESIGN and users speak of. */
const FEW = 1000;

export const benchmark: Benchmark = {
  name: "event-decode",
  question: "What does it cost to read an event, and to reconstruct a state from the log?",
  run: async () => {
    const keyValue = createMemoryKeyValue();
    const store = await open(keyValue);
    await store.append(recordedEvents(EVENTS), 0, 1);
    const stored = await storedRecords(keyValue);
    const decoding = await bestOf(async () => decodeAll(stored));
    const hashing = await bestOf(async () => stored.map((bytes) => sha256(bytes)));
    const folding = await bestOf(() => count(store, EVENTS));
    const foldingFew = await bestOf(() => count(store, FEW));
    const opening = await bestOf(() => open(keyValue));
    const perEventUs = (seconds: number): number => (seconds * 1e6) / EVENTS;
    return {
      figures: [
        {
          what: "decode and check an event",
          value: perEventUs(decoding),
          unit: "us/event",
          better: "lower",
          yardstick: "SHA-256 of as many bytes",
          ratio: decoding / hashing,
        },
        {
          what: "read, check and fold an event, from memory",
          value: perEventUs(folding),
          unit: "us/event",
          better: "lower",
          goal: 1,
        },
        {
          what: `reconstruct ${FEW} events`,
          value: foldingFew * 1000,
          unit: "ms",
          better: "lower",
          floor: 100,
          goal: 1,
        },
        {
          what: "open a log, every record checked",
          value: EVENTS / opening,
          unit: "events/s",
        },
      ],
    };
  },
};

const open = (keyValue: MemoryKeyValue): Promise<EventStore<NodeEvent>> =>
  EventStore.open({ keyValue, codec: nodeCodec, logId: BENCH_LOG_ID });

const count = (store: EventStore<NodeEvent>, upTo: number): Promise<number> =>
  reconstruct({ store, initial: 0, evolve: (state) => state + 1, upTo });

async function storedRecords(keyValue: MemoryKeyValue): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const { stored } of readStored(keyValue, 0)) found.push(stored);
  return found;
}

function decodeAll(stored: readonly Uint8Array[]): void {
  let previousHash = firstHash(BENCH_LOG_ID);
  for (const [offset, bytes] of stored.entries()) {
    const decoded = nodeCodec.decode(previousHash, offset, bytes);
    assert(decoded.ok, "the log is in order");
    previousHash = decoded.value.hash;
  }
}
