/** The disk in memory: what every disk does, and going back. */
import { describe, expect } from "bun:test";
import * as fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { collect, put, testKeyValue } from "../../test/ports-key-value.ts";
import { createMemoryKeyValue } from "./memory-key-value.ts";

/** More writes than keys: most keys are written more than once. */
const largeBatch = fc.array(
  fc
    .tuple(fc.nat(60), fc.nat(255), fc.boolean())
    .map(([key, value, isPut]) =>
      isPut ? put(key, value) : ({ type: "Delete", key: Uint8Array.of(key) } as const),
    ),
  { minLength: 40, maxLength: 120 },
);

describe("createMemoryKeyValue", () => {
  testKeyValue((run) => run(createMemoryKeyValue()));

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

  unit("gives no snapshot after closing it", async () => {
    const disk = createMemoryKeyValue();
    await disk.close();

    expect(() => disk.snapshot()).toThrow("closed");
  });

  property("holds the same after one large batch as after its writes one by one", () =>
    fc.assert(
      fc.asyncProperty(largeBatch, largeBatch, async (first, second) => {
        const atOnce = createMemoryKeyValue();
        const oneByOne = createMemoryKeyValue();
        for (const writes of [first, second]) {
          await atOnce.batch(writes);
          for (const write of writes) await oneByOne.batch([write]);
        }

        expect(await collect(atOnce)).toEqual(await collect(oneByOne));
      }),
    ),
  );
});
