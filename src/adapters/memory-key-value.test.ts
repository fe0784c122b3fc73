/** The disk in memory: what every disk does, and going back. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { collect, put, testKeyValue } from "../../test/ports-key-value.ts";
import { createMemoryKeyValue } from "./memory-key-value.ts";

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
});
