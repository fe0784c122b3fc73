/** The index by tag: its entries, and what is read by it, against a look at every record. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../test/kind.ts";
import { replaceRecords, storedRecords } from "../../test/log-tampering.ts";
import { addedRange, openSample, type SampleEvent } from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import type { Tag } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { EventStore } from "./event-store.ts";
import { segmentKey, tagHash, tagKey } from "./keys.ts";
import { SEGMENT_RECORDS } from "./segment.ts";
import { decodePositions, encodePositions } from "./tag-index.ts";

const offsetsOf = async (
  store: EventStore<SampleEvent>,
  tag: Tag,
  from?: number,
  to?: number,
): Promise<readonly number[]> =>
  (await Array.fromAsync(store.readTagged(tag, from, to))).map(({ offset }) => offset);

describe("keys", () => {
  golden("sort as the numbers in them, and are what they always were", () => {
    expect(segmentKey(0x01_0203_0405).toHex()).toBe("020000000102030405");
    expect(tagHash("channel:0xab").toHex()).toBe("6b7fe6f630f3e9c1");
    expect(tagKey(tagHash("channel:0xab"), 258).toHex()).toBe("046b7fe6f630f3e9c10000000000000102");
  });
});

describe("positions", () => {
  golden("are bytes while they are few, and bits from 32 on", () => {
    expect(encodePositions([0, 7, 255]).toHex()).toBe("0007ff");
    const many = Array.from({ length: 32 }, (_, index) => 8 * index);
    expect(encodePositions(many).toHex()).toBe("01".repeat(32));
  });

  property("are read back as they were written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 255 }), { maxLength: 256 }), (some) => {
        const positions = some.toSorted((left, right) => left - right);
        expect(decodePositions(encodePositions(positions))).toEqual(positions);
      }),
    );
  });
});

describe("readTagged", () => {
  property(
    "gives what a look at every record gives, in any batches, over any restarts",
    async () => {
      const anyBatch = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.boolean(), fc.nat({ max: 6 }));
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
    expect(read).toEqual([segmentKey(2).toHex()]);
  });

  unit("leaves out a record that is marked and does not bear the tag", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append(addedRange(0, SEGMENT_RECORDS), 0, 1);
    const key = tagKey(tagHash("owner:eve"), 0);
    await disk.keyValue.batch([{ type: "Put", key, value: Uint8Array.of(0, 5) }]);

    expect(await offsetsOf(store, "owner:eve")).toEqual([]);
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
});
