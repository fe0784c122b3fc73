/** One event into bytes and back: what each append and each read has to pay before any store does. */
import { measure } from "mitata";
import { sha256 } from "../src/crypto/sha256.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { firstHash, type RecordHash } from "../src/events/record.ts";
import { assert } from "../src/primitives/assert.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { recordedEvents } from "./recorded-log.ts";

/** Events of one sample: enough for the mix, few enough for many samples. */
const EVENTS = 4_096;

/** A record as a log stores it, with the hash that it is chained to. */
type Stored = { readonly previousHash: RecordHash; readonly bytes: Uint8Array };

export const benchmark: Benchmark = {
  name: "event-codec",
  question: "What does it cost to turn an event into the bytes of the log, and back?",
  run: async () => {
    const events = recordedEvents(EVENTS);
    const stored = encodeAll(events);
    const hashing = await usPerEvent(() => stored.map(({ bytes }) => sha256(bytes)));
    const figure = async (what: string, run: () => unknown): Promise<Figure> => {
      const value = await usPerEvent(run);
      const yardstick = "SHA-256 of as many bytes";
      return { what, value, unit: "us/event", better: "lower", yardstick, ratio: value / hashing };
    };
    const sizeBytes = stored.reduce((sum, { bytes }) => sum + bytes.length, 0) / EVENTS;
    return {
      figures: [
        await figure("encode and chain an event", () => encodeAll(events)),
        await figure("decode an event and check its chain", () => decodeAll(stored)),
        await figure("content id of an event", () => events.map(nodeCodec.contentId)),
        { what: "size of a stored event", value: sizeBytes, unit: "bytes" },
      ],
    };
  },
};

async function usPerEvent(run: () => unknown): Promise<number> {
  const { p50 } = await measure(run);
  return p50 / EVENTS / 1000;
}

function encodeAll(events: readonly NodeEvent[]): readonly Stored[] {
  let previousHash = firstHash(BENCH_LOG_ID);
  return events.map((event, offset) => {
    const { record, stored } = nodeCodec.encode({ previousHash, offset, timeMs: offset }, event);
    const encoded = { previousHash, bytes: stored };
    previousHash = record.hash;
    return encoded;
  });
}

function decodeAll(stored: readonly Stored[]): void {
  for (const [offset, { bytes, previousHash }] of stored.entries()) {
    assert(nodeCodec.decode(previousHash, offset, bytes).ok, "the log is in order");
  }
}
