/** A run that grows and is cut, against the runs that are packed at once. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { added, sampleCodec } from "../../test/sample-log.ts";
import { fromHex } from "../primitives/hex.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import { text } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { type Catalogue, eventEntry } from "./catalogue-entry.ts";
import {
  appendToRun,
  countOfRun,
  createGrowingRun,
  dropFromRun,
  type GrowingRun,
  runBetween,
  runFrom,
  sizeOfRun,
  truncateRun,
} from "./growing-run.ts";
import { createRecordCodec, firstHash, HASH_SIZE_BYTES } from "./record.ts";
import { packRun } from "./record-run.ts";

const BEFORE = fromHex(firstHash(new Uint8Array(16)));

/** A stored record of some size, with a hash that nobody checks here. */
const storedOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: HASH_SIZE_BYTES + 1 + ((seed * 37) % 4_000) }, (_, at) => seed + at);

type Step = { readonly type: "Append" | "Drop" | "Truncate"; readonly count: number };

const anyStep: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom("Append", "Append", "Drop", "Truncate"),
  count: fc.nat({ max: 30 }),
});

describe("a growing run", () => {
  property("is at every moment and in every part what packing its records at once gives", () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        (steps, some, other) => {
          const { before, records, run } = take(steps);
          const bounds = [some % (records.length + 1), other % (records.length + 1)];
          const [from = 0, to = 0] = bounds.toSorted((left, right) => left - right);
          const hash = records[from - 1]?.subarray(0, HASH_SIZE_BYTES) ?? before;

          expect(countOfRun(run)).toBe(records.length);
          expect(runFrom(run, from)).toEqual(packRun(hash, records.slice(from)));
          expect(runBetween(run, from, to)).toEqual(packRun(hash, records.slice(from, to)));
          expect(runFrom(run, 0).length).toBe(sizeOfRun(run) + runFrom(run, records.length).length);
        },
      ),
    );
  });

  property("takes events as the codec encodes them one by one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 20 }), (counts) => {
        const run = createGrowingRun(BEFORE);
        const stored: Uint8Array[] = [];
        let previousHash = firstHash(new Uint8Array(16));
        for (const [offset, count] of counts.entries()) {
          const { record: alone, stored: bytes } = sampleCodec.encode(
            { previousHash, offset, timeMs: 7 },
            added(count),
          );
          expect(sampleCodec.encodeTo(run, { offset, timeMs: 7 }, added(count))).toEqual(alone);
          previousHash = alone.hash;
          stored.push(bytes);
        }
        expect(runFrom(run, 0)).toEqual(packRun(BEFORE, stored));
      }),
    );
  });

  unit("is as it was when an event cannot be encoded", () => {
    const run = createGrowingRun(BEFORE);
    sampleCodec.encodeTo(run, { offset: 0, timeMs: 7 }, added(1));
    const before = runFrom(run, 0).slice();

    expect(() => sampleCodec.encodeTo(run, { offset: 1, timeMs: 7 }, added(-1))).toThrow("between");
    expect(runFrom(run, 0)).toEqual(before);
    expect(() => truncateRun(run, 2)).toThrow("cut where it has a record");
    expect(() => runFrom(run, 2)).toThrow("read where it has a record");
  });

  unit("takes an event of the largest size wherever it stands, and none above it", () => {
    const codec = createRecordCodec(notes, () => []);
    const run = createGrowingRun(BEFORE);
    const place = { offset: 1, timeMs: 7 };
    const { hash } = codec.encodeTo(run, { offset: 0, timeMs: 7 }, note(1_000));
    const before = runFrom(run, 0).slice();
    const around = codec.encode({ previousHash: hash, ...place }, note(2 ** 20)).stored.length;
    const sizeMax = ENCODED_SIZE_BYTES_MAX - (around - 2 ** 20);

    // More often than arrays may be nested: what was begun and not ended is forgotten.
    for (let count = 0; count < 50; count += 1) {
      expect(() => codec.encodeTo(run, place, note(sizeMax + 1))).toThrow("too large");
    }
    expect(runFrom(run, 0)).toEqual(before);
    const { stored } = codec.encode({ previousHash: hash, ...place }, note(sizeMax));
    expect(stored.length).toBe(ENCODED_SIZE_BYTES_MAX);
    codec.encodeTo(run, place, note(sizeMax));
    expect(runFrom(run, 1)).toEqual(packRun(fromHex(hash), [stored]));
  });
});

type Note = { readonly type: "Noted"; readonly text: string };

const notes: Catalogue<Note> = { Noted: eventEntry(1, 1, record({ text: text(2 ** 25) })) };

const note = (sizeBytes: number): Note => ({ type: "Noted", text: "x".repeat(sizeBytes) });

/** A run and the records that it should hold, behind the one with hash `before`. */
type Sample = { readonly run: GrowingRun; before: Uint8Array; records: readonly Uint8Array[] };

function take(steps: readonly Step[]): Sample {
  const sample: Sample = { run: createGrowingRun(BEFORE), before: BEFORE, records: [] };
  for (const [index, { count, type }] of steps.entries()) {
    if (type === "Append") append(sample, index, count);
    else cut(sample, type, Math.min(count, sample.records.length));
  }
  return sample;
}

function append(sample: Sample, seed: number, count: number): void {
  for (let at = 0; at < count; at += 1) {
    const stored = storedOf(seed + at);
    const hash = stored.subarray(0, HASH_SIZE_BYTES);
    appendToRun(sample.run, stored, HASH_SIZE_BYTES, stored.length, hash);
    sample.records = [...sample.records, stored];
  }
}

function cut(sample: Sample, type: "Drop" | "Truncate", count: number): void {
  const { records, run } = sample;
  if (type === "Truncate") {
    truncateRun(run, count);
    sample.records = records.slice(0, count);
  } else {
    dropFromRun(run, count);
    sample.before = records[count - 1]?.subarray(0, HASH_SIZE_BYTES) ?? sample.before;
    sample.records = records.slice(count);
  }
}
