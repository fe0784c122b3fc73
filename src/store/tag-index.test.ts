/** The index by tag: its entries, and what is read by it, against a look at every record. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../test/kind.ts";
import { replaceRecords, storedRecords } from "../../test/log-tampering.ts";
import {
  addedRange,
  openSample,
  SAMPLE_LOG_ID,
  type SampleEvent,
  sampleCodec,
} from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import { type EventRecord, firstHash, type Tag } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { EventStore } from "./event-store.ts";
import { indexKey, registerKey, segmentKey, tagHash } from "./keys.ts";
import type { LogDisk } from "./log-disk.ts";
import { SEGMENT_RECORDS, segmentOf } from "./segment.ts";
import { hashesOf, positionsOf, TagIndex } from "./tag-index.ts";
import { encodeRegister, REGISTER_SEGMENTS, registerOf, segmentsIn } from "./tag-register.ts";
import { verifyDisk } from "./verify.ts";

const offsetsOf = async (
  store: EventStore<SampleEvent>,
  tag: Tag,
  from?: number,
  to?: number,
): Promise<readonly number[]> =>
  (await Array.fromAsync(store.readTagged(tag, from, to))).map(({ offset }) => offset);

const eventOf = (owner: string): SampleEvent => ({ type: "Cleared", owner });

/** The records of a full segment, whose owners take turns. */
const segmentOfOwners = (
  owners: readonly string[],
  start = 0,
): readonly EventRecord<SampleEvent>[] =>
  Array.from({ length: SEGMENT_RECORDS }, (_, index) => ({
    offset: start + index,
    timeMs: 0,
    event: eventOf(owners[index % owners.length] ?? ""),
    hash: firstHash(SAMPLE_LOG_ID),
  }));

const entryOf = (segment: number, owners: readonly string[]): Uint8Array =>
  new TagIndex(sampleCodec.tagsOf).entryOf(
    segment,
    segmentOfOwners(owners, segment * SEGMENT_RECORDS),
  );

describe("keys", () => {
  golden("sort as the numbers in them, and are what they always were", () => {
    expect(segmentKey(0x01_0203_0405).toHex()).toBe("020000000102030405");
    expect(tagHash("channel:0xab").toString(16)).toBe("6b7fe6f630f3");
    expect(indexKey(258).toHex()).toBe("0a0000000000000102");
    expect(registerKey(4).toHex()).toBe("0b0000000000000004");
  });
});

describe("an entry", () => {
  golden("is its tags, and then a mark for each record and tag", () => {
    const entry = entryOf(2, ["alice", "bob"]);

    expect(entry.subarray(0, 36).toHex()).toBe(
      "3ada42981904774f00000002d2db4d0f6a5556820da5a648000000000000010100000002",
    );
    expect(entry.length).toBe(24 + 4 * SEGMENT_RECORDS);
    expect(hashesOf(entry)).toEqual([tagHash("owner:alice"), tagHash("owner:bob")]);
  });

  property("marks the records that bear a tag, and no others", () => {
    const anyOwners = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
    fc.assert(
      fc.property(anyOwners, fc.array(anyOwners, { maxLength: 3 }), (owners, before) => {
        const index = new TagIndex(sampleCodec.tagsOf);
        for (const earlier of before) index.entryOf(0, segmentOfOwners(earlier));
        const entry = index.entryOf(0, segmentOfOwners(owners));
        for (const owner of ["a", "b", "c", "d", "e"]) {
          const expected = segmentOfOwners(owners)
            .filter(({ event }) => event.owner === owner)
            .map(({ offset }) => offset);
          expect(positionsOf(entry, tagHash(`owner:${owner}`))).toEqual(expected);
        }
      }),
    );
  });
});

describe("a register", () => {
  golden("is a row for each tag, with a bit for each segment", () => {
    const entries = Array.from({ length: REGISTER_SEGMENTS }, (_, index) =>
      entryOf(index, index % 33 === 0 ? ["alice", "bob"] : ["bob"]),
    );

    expect(encodeRegister(0, entries).toHex()).toBe(
      "044194859fb9d2f4d2db4d0f6a55000000010000000256820da5a648ffffffffffffffff",
    );
  });

  property("names the segments whose entries have a tag, and no others", () => {
    const anyOwner = fc.constantFrom("a", "b", "c");
    const anyEntries = fc.array(fc.uniqueArray(anyOwner, { minLength: 1 }), {
      minLength: REGISTER_SEGMENTS,
      maxLength: REGISTER_SEGMENTS,
    });
    fc.assert(
      fc.property(anyEntries, (owners) => {
        const register = encodeRegister(
          3,
          owners.map((some, index) => entryOf(index, some)),
        );
        for (const owner of ["a", "b", "c", "d"]) {
          const expected = owners.flatMap((some, index) =>
            some.some((one) => one === owner) ? [index] : [],
          );
          expect(segmentsIn(register, tagHash(`owner:${owner}`))).toEqual(expected);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("readTagged", () => {
  property(
    "gives what a look at every record gives, in any batches, over any restarts",
    async () => {
      const anyBatch = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean(), fc.nat({ max: 6 }));
      const anyLog = fc.array(anyBatch, { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(anyLog, fc.nat(), fc.nat(), async (batches, some, other) => {
          const disk = createMemoryDisk();
          let store = await openSample(disk);
          for (const [count, restarts, owners] of batches) {
            const events = addedRange(store.length, count).map((event, index) => ({
              ...event,
              owner: `owner ${index % (owners + 1)}`,
            }));
            await store.append(events, store.length, 1);
            if (restarts) store = await openSample(disk);
          }
          const all = await Array.fromAsync(store.readFrom(0));
          const [from = 0, to = 0] = [some % all.length, other % all.length].toSorted(
            (a, b) => a - b,
          );
          for (const owner of ["owner 0", "owner 3", "nobody"]) {
            const expected = all.slice(from, to).filter(({ event }) => event.owner === owner);
            expect(await Array.fromAsync(store.readTagged(`owner:${owner}`, from, to))).toEqual(
              expected,
            );
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  unit("reads only the segments that hold the tag", async () => {
    const disk = createMemoryDisk();
    const read: string[] = [];
    const get: KeyValue["get"] = async (key) => {
      read.push(key.toHex());
      return disk.keyValue.get(key);
    };
    const store = await openSample({ ...disk, keyValue: { ...disk.keyValue, get } });
    await store.append(addedRange(0, 2 * SEGMENT_RECORDS), 0, 1);
    await store.append([{ type: "Cleared", owner: "eve" }], store.length, 1);
    await store.append(addedRange(store.length, 2 * SEGMENT_RECORDS), store.length, 1);
    read.length = 0;

    expect(await offsetsOf(store, "owner:eve")).toEqual([2 * SEGMENT_RECORDS]);
    const entries = [0, 1, 2, 3].map((segment) => indexKey(segment));
    const keys = [registerKey(0), ...entries.slice(0, 3), segmentKey(2), ...entries.slice(3)];
    expect(read).toEqual(keys.map((key) => key.toHex()));
  });

  unit("reads the entries of those segments alone where a register is full", async () => {
    const { disk, read, store } = await longLog(2 * LONG);
    const other = LONG + 300;
    const keysFor = (offset: number): readonly string[] => {
      const segment = segmentOf(offset);
      const keys = [registerKey(registerOf(segment)), indexKey(segment), segmentKey(segment)];
      return keys.map((key) => key.toHex());
    };
    await disk.keyValue.batch([{ type: "Delete", key: indexKey(segmentOf(other)) }]);
    read.length = 0;

    expect(await offsetsOf(store, "owner:eve", 0, 2 * LONG)).toEqual([5_000]);
    expect(read).toEqual([...keysFor(5_000), registerKey(1).toHex()]);
    read.length = 0;
    expect(await offsetsOf(store, "owner:bob", other, other + 2)).toHaveLength(1);
    expect(read).toEqual([...keysFor(other)]);
  });

  adversarial(
    "stops at a marked record that was changed, and at a segment that is gone",
    async () => {
      const disk = createMemoryDisk();
      const store = await openSample(disk);
      await store.append(addedRange(0, SEGMENT_RECORDS), 0, 1);
      const records = await storedRecords(disk);
      const third = assertDefined(records[3], "a record").map((byte, at) =>
        at === 40 ? byte ^ 1 : byte,
      );
      await replaceRecords(disk, records.with(3, third));

      expect(await offsetsOf(store, "owner:bob", 4)).toHaveLength(SEGMENT_RECORDS / 2 - 2);
      await expect(offsetsOf(store, "owner:bob", 3)).rejects.toMatchObject({
        data: { code: "HashMismatch", offset: 3 },
      });
      await replaceRecords(disk, []);
      await expect(offsetsOf(store, "owner:bob", 5)).rejects.toMatchObject({
        data: { code: "RecordMissing", offset: 0 },
      });
    },
  );

  adversarial("gives the same records whatever of the index is gone or changed", async () => {
    const { disk, store } = await longLog();
    const expected = await offsetsOf(store, "owner:bob");
    const keys = [registerKey(0), indexKey(0), indexKey(segmentOf(5_000))];
    for (const key of keys) {
      const value = assertDefined(await disk.keyValue.get(key), "a value of the index");
      const other = assertDefined(await disk.keyValue.get(indexKey(7)), "another entry");
      const changed = value.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
      for (const bad of [undefined, changed, other, value.subarray(0, 30), new Uint8Array()]) {
        await disk.keyValue.batch([
          bad === undefined ? { type: "Delete", key } : { type: "Put", key, value: bad },
        ]);
        expect(await offsetsOf(store, "owner:eve")).toEqual([5_000]);
        expect(await offsetsOf(store, "owner:bob")).toEqual(expected);
        expect(await offsetsOf(store, "owner:bob", 5_001, 5_005)).toEqual([5_001, 5_003]);
      }
      await disk.keyValue.batch([{ type: "Put", key, value }]);
    }
  });
});

describe("verifyDisk", () => {
  adversarial("finds what is gone from the index, damaged, or false and sealed", async () => {
    const { disk, store } = await longLog();
    const verdict = async () => await verifyDisk({ disk, codec: sampleCodec });
    const forged = new TagIndex(sampleCodec.tagsOf).entryOf(2, segmentOfOwners(["mallory"], 512));
    const value = assertDefined(await disk.keyValue.get(registerKey(0)), "a register");
    await disk.keyValue.batch([
      { type: "Delete", key: indexKey(1) },
      { type: "Put", key: indexKey(2), value: forged },
      { type: "Put", key: registerKey(0), value: value.with(9, 0xff) },
    ]);

    expect(await offsetsOf(store, "owner:bob", 256, 768)).toHaveLength(128);
    expect(await verdict()).toMatchObject({
      verdict: { code: "Anchored" },
      index: [
        { code: "IndexMissing", offset: 256, count: 256 },
        { code: "IndexMismatch", offset: 512, count: 256 },
        { code: "IndexMismatch", offset: 0, count: 16_384 },
      ],
    });
    await disk.keyValue.batch([
      { type: "Put", key: indexKey(70), value: forged },
      { type: "Put", key: registerKey(1), value },
    ]);
    await store.rebuildIndex();
    expect((await verdict()).index).toEqual([]);
    expect(await disk.keyValue.get(indexKey(70))).toBeUndefined();
    expect(await disk.keyValue.get(registerKey(1))).toBeUndefined();
    expect(await offsetsOf(store, "owner:bob", 256, 768)).toHaveLength(256);
  });

  unit("finds nothing after the index was made anew by one who has just opened a log", async () => {
    const disk = createMemoryDisk();
    const before = await openSample(disk);
    await before.append(addedRange(0, 3 * SEGMENT_RECORDS), 0, 1);
    const store = await openSample(disk);
    await store.rebuildIndex();

    expect((await verifyDisk({ disk, codec: sampleCodec })).index).toEqual([]);
    expect(await offsetsOf(store, "owner:bob")).toHaveLength((3 * SEGMENT_RECORDS) / 2);
  });

  unit("keeps what it has of a segment that cannot be read", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append(addedRange(0, 3 * SEGMENT_RECORDS), 0, 1);
    await disk.keyValue.batch([{ type: "Put", key: segmentKey(1), value: Uint8Array.of(0x92) }]);

    await expect(store.rebuildIndex()).rejects.toMatchObject({ code: "LogDamaged" });
    expect(await disk.keyValue.get(indexKey(1))).toBeDefined();
    expect(await offsetsOf(store, "owner:eve")).toEqual([]);
  });

  unit("a damaged entry is no reason not to go on: its register stays away", async () => {
    const { disk, store } = await longLog(LONG - 300);
    await disk.keyValue.batch([{ type: "Put", key: indexKey(9), value: Uint8Array.of(1) }]);
    await store.append(addedRange(store.length, 600), store.length, 1);

    expect(await disk.keyValue.get(registerKey(0))).toBeUndefined();
    expect(await offsetsOf(store, "owner:eve")).toEqual([5_000]);
    await store.rebuildIndex();
    expect(await disk.keyValue.get(registerKey(0))).toBeDefined();
    expect((await verifyDisk({ disk, codec: sampleCodec })).index).toEqual([]);
  });
});

/** Records whose segments fill a register. */
const LONG: number = REGISTER_SEGMENTS * SEGMENT_RECORDS;

type LongLog = {
  readonly disk: LogDisk;
  readonly store: EventStore<SampleEvent>;
  /** The keys that were read, in hex. */
  readonly read: string[];
};

/** A log with one event of eve, at 5,000, and then a few more than `length` of others. */
async function longLog(length: number = LONG): Promise<LongLog> {
  const memory = createMemoryDisk();
  const read: string[] = [];
  const get: KeyValue["get"] = async (key) => {
    read.push(key.toHex());
    return memory.keyValue.get(key);
  };
  const disk = { ...memory, keyValue: { ...memory.keyValue, get } };
  const store = await openSample(disk);
  await store.append(addedRange(0, 5_000), 0, 1);
  await store.append([eventOf("eve")], 5_000, 1);
  await store.append(addedRange(5_001, length - 5_001 + 10), 5_001, 1);
  return { disk, store, read };
}
