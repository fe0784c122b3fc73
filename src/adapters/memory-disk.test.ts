/** The disk in memory as a whole: going back, and doubt after a power cut. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { createMemoryDisk } from "./memory-disk.ts";

const KEY = Uint8Array.of(1);
const OLD = Uint8Array.of(10, 11);
const NEW = Uint8Array.of(20, 21, 22);

describe("createMemoryDisk", () => {
  unit("goes back to a snapshot in all its parts, as often as asked", async () => {
    const { head, journal, keyValue, restore, snapshot } = createMemoryDisk();
    const writeAll = async (value: Uint8Array): Promise<void> => {
      await keyValue.batch([{ type: "Put", key: KEY, value }]);
      await journal.write(0, value);
      await head.write(value);
    };
    await writeAll(OLD);
    const before = snapshot();

    for (const _ of [1, 2]) {
      await writeAll(NEW);
      restore(before);

      expect(await keyValue.get(KEY)).toEqual(OLD);
      expect(await journal.read()).toEqual(OLD);
      expect(await head.read()).toEqual({ value: OLD, isLatest: true });
    }
  });

  unit(
    "does not know whether its head is the latest after a doubt, until the next write",
    async () => {
      const { head } = createMemoryDisk();
      head.doubt();
      expect(await head.read()).toBeUndefined();

      await head.write(OLD);
      head.doubt();
      expect(await head.read()).toEqual({ value: OLD, isLatest: false });

      await head.write(NEW);
      expect(await head.read()).toEqual({ value: NEW, isLatest: true });
    },
  );

  unit("stops the program that uses a part after closing it", async () => {
    const { head, journal } = createMemoryDisk();
    await head.close();
    await journal.close();

    await expect(head.read()).rejects.toThrow("closed");
    await expect(head.write(NEW)).rejects.toThrow("closed");
    expect(() => head.doubt()).toThrow("closed");
    await expect(journal.read()).rejects.toThrow("closed");
    await expect(journal.write(0, NEW)).rejects.toThrow("closed");
  });
});
