/** The disk in memory: order, ranges, snapshots, against a plain map. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import type { KeyRange, KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { createMemoryKeyValue } from "./memory-key-value.ts";

const put = (key: number, value: number): KeyValueWrite => ({
  type: "Put",
  key: Uint8Array.of(key),
  value: Uint8Array.of(value),
});
const remove = (key: number): KeyValueWrite => ({ type: "Delete", key: Uint8Array.of(key) });

const collect = async (disk: KeyValue, range: Partial<KeyRange> = {}): Promise<string[]> => {
  const found: string[] = [];
  const all = { from: new Uint8Array(), to: Uint8Array.of(255), ...range };
  for await (const [key, value] of disk.range(all)) found.push(`${key}=${value}`);
  return found;
};

describe("createMemoryKeyValue", () => {
  unit("gets what was put last, and nothing that was deleted or never there", async () => {
    const disk = createMemoryKeyValue();
    await disk.batch([put(1, 10), put(2, 20), put(1, 11)]);
    await disk.batch([remove(2), remove(3)]);

    expect(await disk.get(Uint8Array.of(1))).toEqual(Uint8Array.of(11));
    expect(await disk.get(Uint8Array.of(2))).toBeUndefined();
    expect(await collect(disk)).toEqual(["1=11"]);
  });

  unit(
    "gives ranges with their start, without their end, in either order, up to a limit",
    async () => {
      const disk = createMemoryKeyValue();
      await disk.batch([put(3, 30), put(1, 10), put(4, 40), put(2, 20)]);
      const range = { from: Uint8Array.of(2), to: Uint8Array.of(4) };

      expect(await collect(disk, range)).toEqual(["2=20", "3=30"]);
      expect(await collect(disk, { ...range, reverse: true })).toEqual(["3=30", "2=20"]);
      expect(await collect(disk, { reverse: true, limit: 1 })).toEqual(["4=40"]);
      expect(await collect(disk, { from: Uint8Array.of(4), to: Uint8Array.of(2) })).toEqual([]);
    },
  );

  unit("orders keys by byte, a prefix before what continues it", async () => {
    const disk = createMemoryKeyValue();
    const keys = [[2], [1, 0], [1], [200], [1, 255], []].map((key) => Uint8Array.from(key));
    await disk.batch(keys.map((key) => ({ type: "Put", key, value: Uint8Array.of(0) })));

    expect(await collect(disk)).toEqual(["=0", "1=0", "1,0=0", "1,255=0", "2=0", "200=0"]);
  });

  unit("reads a range as it was when reading started", async () => {
    const disk = createMemoryKeyValue();
    await disk.batch([put(1, 10), put(2, 20)]);
    const found: number[] = [];

    for await (const [key] of disk.range({ from: Uint8Array.of(0), to: Uint8Array.of(9) })) {
      await disk.batch([remove(2), put(3, 30), put(0, 0)]);
      found.push(...key);
    }

    expect(found).toEqual([1, 2]);
  });

  unit("goes back to a snapshot, whatever was written since", async () => {
    const disk = createMemoryKeyValue();
    await disk.batch([put(1, 10)]);
    const snapshot = disk.snapshot();
    await disk.batch([put(1, 11), put(2, 20)]);

    disk.restore(snapshot);
    await disk.batch([put(3, 30)]);
    disk.restore(snapshot);

    expect(await collect(disk)).toEqual(["1=10"]);
  });

  unit("stops the program that uses it after closing it", async () => {
    const disk = createMemoryKeyValue();
    await disk.close();

    await expect(disk.batch([])).rejects.toThrow("closed");
    await expect(disk.get(new Uint8Array())).rejects.toThrow("closed");
    expect(() => disk.snapshot()).toThrow("closed");
  });

  property("holds what a map holds, in order", async () => {
    const anyWrite = fc.oneof(
      fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 255 })).map(([key, value]) => put(key, value)),
      fc.nat({ max: 20 }).map(remove),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(anyWrite)), async (batches) => {
        const disk = createMemoryKeyValue();
        const map = new Map<number, number>();
        for (const writes of batches) {
          await disk.batch(writes);
          for (const write of writes) {
            const key = write.key[0] ?? 0;
            if (write.type === "Put") map.set(key, write.value[0] ?? 0);
            else map.delete(key);
          }
        }
        const expected = [...map].sort(([left], [right]) => left - right);
        expect(await collect(disk)).toEqual(expected.map(([key, value]) => `${key}=${value}`));
      }),
    );
  });
});
