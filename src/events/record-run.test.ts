/** Runs of packed records: their bytes, reading them in part and as a whole, and every way to damage them. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../test/kind.ts";
import { fromHex } from "../primitives/hex.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import { text, uint } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { type Catalogue, eventEntry } from "./catalogue-entry.ts";
import { createRecordCodec, type EventRecord, firstHash } from "./record.ts";
import { checkRun } from "./record-chain.ts";
import { packRun, RUN_ENTRY_BYTES, unpackRun } from "./record-run.ts";

type Paid = { readonly type: "Paid"; readonly to: string; readonly amount: number };

const catalogue: Catalogue<Paid> = {
  Paid: eventEntry(7, 1, record({ to: text(20), amount: uint(1000) })),
};
const codec = createRecordCodec(catalogue, () => []);
const start = firstHash(new Uint8Array(16));
const FIRST = 5;

/** `count` records from offset 5 on, as they are stored and as they are packed. */
const sample = (
  count: number,
): {
  readonly records: readonly EventRecord<Paid>[];
  readonly stored: readonly Uint8Array[];
  readonly run: Uint8Array;
} => {
  const records: EventRecord<Paid>[] = [];
  const stored: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const place = {
      previousHash: records.at(-1)?.hash ?? start,
      offset: FIRST + index,
      timeMs: 1000,
    };
    const encoded = codec.encode(place, { type: "Paid", to: `no ${index}`, amount: index });
    records.push(encoded.record);
    stored.push(encoded.stored);
  }
  return { records, stored, run: packRun(fromHex(start), stored) };
};

const whole = { offset: FIRST, previousHash: start, check: "Chain" } as const;
const mismatch = (offset: number): unknown => ({ code: "HashMismatch", offset });

describe("packRun", () => {
  golden(
    "writes size, hash before and record, and behind the last one no size and its hash",
    () => {
      const { records, stored, run } = sample(1);
      const body = stored[0]?.subarray(32).toHex() ?? "";
      const hashOf = (hash: string): string => `c420${hash.slice(2)}`;

      expect(body.length / 2).toBe(14);
      expect(run.toHex()).toBe(
        `ce0000000e${hashOf(start)}${body}${"ce00000000"}${hashOf(records[0]?.hash ?? "")}`,
      );
      expect(packRun(fromHex(start), []).toHex()).toBe(`ce00000000${hashOf(start)}`);
    },
  );

  unit("stops the program at a hash or a record that is none", () => {
    expect(() => packRun(new Uint8Array(31), [])).toThrow("32 bytes");
    expect(() => packRun(new Uint8Array(32), [new Uint8Array(32)])).toThrow("behind its hash");
  });
});

describe("unpackRun", () => {
  unit("gives back the stored records, in bytes of their own", () => {
    const { stored, run } = sample(3);
    const unpacked = unpackRun(run);
    run.fill(0);

    expect(unpacked).toEqual({ stored: [...stored], isWhole: true });
    expect(unpackRun(packRun(fromHex(start), []))).toEqual({ stored: [], isWhole: true });
  });

  adversarial("gives the records in front of a cut, and says that the run is not whole", () => {
    const { stored, run } = sample(3);
    for (let size = 0; size < run.length; size += 1) {
      const unpacked = unpackRun(run.subarray(0, size));

      expect(unpacked.isWhole).toBe(false);
      expect(unpacked.stored).toEqual(stored.slice(0, unpacked.stored.length));
    }
    expect(unpackRun(run.subarray(0, run.length - 1)).stored.length).toBe(2);
  });
});

describe("checkRun", () => {
  unit("counts the records that are chained, and gives the hash of the last", () => {
    const { records, run } = sample(3);

    expect(checkRun(start, run)).toEqual({
      count: 3,
      hash: records[2]?.hash as never,
      isWhole: true,
    });
    expect(checkRun(start, packRun(fromHex(start), []))).toEqual({
      count: 0,
      hash: start,
      isWhole: true,
    });
  });

  adversarial("finds any flipped bit of any byte, in the record that it is in or before", () => {
    const { records, run } = sample(3);
    for (let at = 0; at < run.length; at += 1) {
      const flipped = run.map((byte, index) => (index === at ? byte ^ 0x10 : byte));
      const { count, hash, isWhole } = checkRun(start, flipped);

      expect(isWhole).toBe(false);
      expect(hash).toBe(records[count - 1]?.hash ?? start);
    }
  });

  adversarial(
    "finds a record taken out, repeated or moved, and a run that follows another record",
    () => {
      const { records, stored, run } = sample(3);
      const [a, b, c] = stored as readonly [Uint8Array, Uint8Array, Uint8Array];
      const countOf = (...changed: readonly Uint8Array[]): number =>
        checkRun(start, packRun(fromHex(start), changed)).count;

      expect([countOf(b, c), countOf(a, c), countOf(a, a, b, c), countOf(a, c, b)]).toEqual([
        0, 1, 1, 1,
      ]);
      expect(checkRun(records[0]?.hash ?? start, run)).toEqual({
        count: 0,
        hash: records[0]?.hash as never,
        isWhole: false,
      });
    },
  );
});

describe("decodeRun", () => {
  property("gives what decoding one by one gives, from any offset to any other", () => {
    const bounds = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 14 }), fc.nat({ max: 14 }));
    fc.assert(
      fc.property(bounds, fc.constantFrom("Chain", "None"), ([count, from, to], check) => {
        const { records, run } = sample(count);
        const read = codec.decodeRun(run, {
          offset: FIRST,
          from: FIRST + from,
          to: FIRST + to,
          check,
        });

        expect(read).toEqual({
          records: records.slice(from, Math.max(from, to)),
          damage: undefined,
        });
        expect(codec.decodeRun(run, whole).records).toEqual([...records]);
      }),
    );
  });

  adversarial(
    "finds any flipped bit at the record that it is in, and gives those before it",
    () => {
      const { records, run } = sample(3);
      const size = run.length / 3;
      for (let at = 0; at < run.length; at += 1) {
        const flipped = run.map((byte, index) => (index === at ? byte ^ 0x10 : byte));
        const read = codec.decodeRun(flipped, whole);

        expect(read.damage).toEqual(mismatch(FIRST + read.records.length) as never);
        expect(read.records).toEqual(records.slice(0, read.records.length));
        expect(Math.abs(read.records.length - at / size)).toBeLessThan(2);
      }
    },
  );

  adversarial("refuses a record above the size limit, as decode does", () => {
    const [first] = sample(1).stored;
    for (const [sizeBytes, count] of [
      [ENCODED_SIZE_BYTES_MAX, 2],
      [ENCODED_SIZE_BYTES_MAX + 1, 1],
    ] as const) {
      const stored = first === undefined ? [] : [first, new Uint8Array(sizeBytes)];
      const run = packRun(fromHex(start), stored);

      expect(unpackRun(run).stored).toHaveLength(count);
      expect(codec.decodeRun(run, { offset: FIRST, check: "Chain" }).damage).toEqual({
        code: "HashMismatch",
        offset: FIRST + 1,
      });
    }
  });

  adversarial("refuses a run that follows another record, and bytes behind its end", () => {
    const { run } = sample(2);
    const longer = Uint8Array.of(...run, 0);
    const elsewhere = { ...whole, previousHash: firstHash(new Uint8Array(16).fill(1)) };

    expect(codec.decodeRun(run, elsewhere).damage).toEqual(mismatch(FIRST) as never);
    expect(codec.decodeRun(longer, whole).damage).toEqual(mismatch(FIRST + 2) as never);
    expect(codec.decodeRun(longer, { ...whole, to: FIRST + 2 }).damage).toBeUndefined();
    expect(codec.decodeRun(new Uint8Array(), whole).damage).toEqual(mismatch(FIRST) as never);
  });

  adversarial("refuses a record that belongs elsewhere, though its chain is right", () => {
    const { run } = sample(2);

    expect(codec.decodeRun(run, { ...whole, offset: 6 })).toEqual({
      records: [],
      damage: { code: "OffsetMismatch", offset: 6, found: 5 },
    });
  });

  unit("says at which byte of the stored record it cannot be read", () => {
    const other = createRecordCodec<Paid>(
      { Paid: eventEntry(7, 1, record({ to: text(20), amount: uint(1) })) },
      () => [],
    );
    const { stored, run } = sample(3);

    const read = other.decodeRun(run, whole);
    expect(read.records.length).toBe(2);
    expect(read.damage).toMatchObject({ code: "Undecodable", problem: "an integer above 1" });
    expect(read.damage).toMatchObject({ byteOffset: (stored[2]?.length ?? 0) - 1 });
  });

  unit("believes the hashes when it is told that they were checked", () => {
    const { records, run } = sample(3);
    const lastByteOfFirst = RUN_ENTRY_BYTES + 13;
    const flipped = run.map((byte, index) => (index === lastByteOfFirst ? byte ^ 1 : byte));

    expect(codec.decodeRun(flipped, whole).damage).toEqual(mismatch(FIRST) as never);
    const read = codec.decodeRun(flipped, { ...whole, check: "None" });
    expect(read.damage).toBeUndefined();
    expect(read.records.map(({ event }) => event.amount)).toEqual([1, 1, 2]);
    expect(read.records.map(({ hash }) => hash)).toEqual(records.map(({ hash }) => hash));
  });
});
