/** What every disk of ordered keys must do alike. */
import { expect } from "bun:test";
import fc from "fast-check";
import type { KeyRange, KeyValue, KeyValueWrite } from "../src/ports/key-value.ts";
import { property, unit } from "./kind.ts";

/** The write of one number under another. */
export const put = (key: number, value: number): KeyValueWrite => ({
  type: "Put",
  key: Uint8Array.of(key),
  value: Uint8Array.of(value),
});

const remove = (key: number): KeyValueWrite => ({ type: "Delete", key: Uint8Array.of(key) });

/** The entries of a range, of all keys below 255 if not said, each as `key=value`. */
export async function collect(
  disk: KeyValue,
  range: Partial<KeyRange> = {},
): Promise<readonly string[]> {
  const found: string[] = [];
  const all = { from: new Uint8Array(), to: Uint8Array.of(255), ...range };
  for await (const [key, value] of disk.range(all)) found.push(`${key}=${value}`);
  return found;
}

/** Half a minute for hundreds of synced writes: a second, or much longer on a busy machine. */
const BUSY_MS_MAX = 30_000;

/** Gives a test a disk that is empty, and cleans up after it. */
export type UseDisk = (run: (disk: KeyValue) => Promise<void>) => Promise<void>;

/** Declares the tests, each with a disk of its own. */
export function testKeyValue(use: UseDisk): void {
  testEntries(use);
  testRanges(use);
  testReaders(use);
}

function testEntries(use: UseDisk): void {
  unit("gets what was put last, and nothing that was deleted or never there", () =>
    use(async (disk) => {
      await disk.batch([put(1, 10), put(2, 20), put(1, 11)]);
      await disk.batch([remove(2), remove(3)]);

      expect(await disk.get(Uint8Array.of(1))).toEqual(Uint8Array.of(11));
      expect(await disk.get(Uint8Array.of(2))).toBeUndefined();
      expect(await collect(disk)).toEqual(["1=11"]);
    }),
  );

  unit("keeps values of no bytes, and of a million", () =>
    use(async (disk) => {
      const large = new Uint8Array(1_000_000).map((_, index) => index % 251);
      const entries: KeyValueWrite[] = [1, 2, 3].map((at) => ({
        type: "Put",
        key: Uint8Array.of(at),
        value: at === 2 ? new Uint8Array() : large,
      }));
      await disk.batch(entries);

      expect(await disk.get(Uint8Array.of(2))).toEqual(new Uint8Array());
      expect(await disk.get(Uint8Array.of(3))).toEqual(large);
      expect((await collect(disk)).map(({ length }) => length > 9)).toEqual([true, false, true]);
    }),
  );

  unit("stops the program that uses it after closing it", () =>
    use(async (disk) => {
      await disk.close();
      await disk.close();

      await expect(disk.batch([])).rejects.toThrow("closed");
      await expect(disk.get(new Uint8Array())).rejects.toThrow("closed");
      await expect(collect(disk)).rejects.toThrow("closed");
    }),
  );

  property(
    "holds what a map holds, in order",
    () =>
      use((disk) =>
        fc.assert(
          fc.asyncProperty(anyBatches, async (batches) => {
            await clear(disk);
            const map = new Map<number, number>();
            for (const writes of batches) {
              await disk.batch(writes);
              for (const write of writes) applyTo(map, write);
            }
            const expected = [...map].sort(([left], [right]) => left - right);
            expect(await collect(disk)).toEqual(expected.map(([key, value]) => `${key}=${value}`));
          }),
          { numRuns: 30 },
        ),
      ),
    BUSY_MS_MAX,
  );
}

function testRanges(use: UseDisk): void {
  unit("gives ranges with their start, without their end, in either order, up to a limit", () =>
    use(async (disk) => {
      await disk.batch([put(3, 30), put(1, 10), put(4, 40), put(2, 20)]);
      const range = { from: Uint8Array.of(2), to: Uint8Array.of(4) };

      expect(await collect(disk, range)).toEqual(["2=20", "3=30"]);
      expect(await collect(disk, { ...range, reverse: true })).toEqual(["3=30", "2=20"]);
      expect(await collect(disk, { reverse: true, limit: 1 })).toEqual(["4=40"]);
      expect(await collect(disk, { limit: 0 })).toEqual([]);
      expect(await collect(disk, { from: Uint8Array.of(4), to: Uint8Array.of(2) })).toEqual([]);
      expect(await collect(disk, { from: Uint8Array.of(2), to: Uint8Array.of(2) })).toEqual([]);
    }),
  );

  unit("orders keys by byte, a prefix before what continues it", () =>
    use(async (disk) => {
      const keys = [[2], [1, 0], [1], [200], [1, 255], []].map((key) => Uint8Array.from(key));
      await disk.batch(keys.map((key) => ({ type: "Put", key, value: Uint8Array.of(0) })));

      expect(await collect(disk)).toEqual(["=0", "1=0", "1,0=0", "1,255=0", "2=0", "200=0"]);
    }),
  );

  unit("gives long ranges whole, however many chunks they take", () =>
    use(async (disk) => {
      const keys = Array.from({ length: 1_000 }, (_, index) =>
        Uint8Array.of(index >> 8, index & 255),
      );
      await disk.batch(keys.map((key) => ({ type: "Put", key, value: key })));
      const names = keys.map((key) => `${key}=${key}`);

      expect(await collect(disk)).toEqual(names);
      expect(await collect(disk, { reverse: true, limit: 700 })).toEqual(
        names.toReversed().slice(0, 700),
      );
    }),
  );
}

function testReaders(use: UseDisk): void {
  unit("reads a range as it was when reading started", () =>
    use(async (disk) => {
      await disk.batch([put(1, 10), put(2, 20)]);
      const found: number[] = [];

      for await (const [key] of disk.range({ from: Uint8Array.of(0), to: Uint8Array.of(9) })) {
        await disk.batch([remove(2), put(3, 30), put(0, 0)]);
        found.push(...key);
      }

      expect(found).toEqual([1, 2]);
    }),
  );

  unit("lets a reader stop in the middle, and others read and write after it", () =>
    use(async (disk) => {
      await disk.batch([put(1, 10), put(2, 20)]);

      for await (const _ of disk.range({ from: Uint8Array.of(0), to: Uint8Array.of(9) })) break;
      await disk.batch([put(3, 30)]);

      expect(await collect(disk)).toEqual(["1=10", "2=20", "3=30"]);
    }),
  );
}

/** Empties a disk between cases: opening a new one for each takes milliseconds. */
async function clear(disk: KeyValue): Promise<void> {
  const range = disk.range({ from: new Uint8Array(), to: Uint8Array.of(255) });
  const keys = (await Array.fromAsync(range)).map(([key]) => key);
  await disk.batch(keys.map((key) => ({ type: "Delete", key })));
}

const anyWrite: fc.Arbitrary<KeyValueWrite> = fc.oneof(
  fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 255 })).map(([key, value]) => put(key, value)),
  fc.nat({ max: 20 }).map(remove),
);

const anyBatches: fc.Arbitrary<KeyValueWrite[][]> = fc.array(fc.array(anyWrite));

function applyTo(map: Map<number, number>, write: KeyValueWrite): void {
  const key = write.key[0] ?? 0;
  if (write.type === "Put") map.set(key, write.value[0] ?? 0);
  else map.delete(key);
}
