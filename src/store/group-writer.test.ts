/** Appends that wait together, a clock that steps back, and what goes on beside the writer. */
import { describe, expect } from "bun:test";
import { concurrency, invariant, unit } from "../../test/kind.ts";
import {
  addedRange,
  openSample,
  SAMPLE_LOG_ID,
  type SampleEvent,
  sampleCodec,
} from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import { type Catalogue, eventEntry } from "../events/catalogue-entry.ts";
import { createRecordCodec } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import { text } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { CHECKPOINT_RECORDS } from "./durable-log.ts";
import { EventStore } from "./event-store.ts";
import { SEGMENT_RECORDS } from "./segment.ts";

describe("a clock that steps back", () => {
  const heldAt = (askedMs: number, heldMs: number): SampleEvent => ({
    type: "Added",
    owner: "clock",
    count: heldMs - askedMs,
  });
  const openHeld = (disk = createMemoryDisk()) =>
    EventStore.open({ disk, codec: sampleCodec, logId: SAMPLE_LOG_ID, heldClock: heldAt });
  const timesOf = async (store: EventStore<SampleEvent>) =>
    (await Array.fromAsync(store.readFrom(0))).map(({ event, timeMs }) => [event.owner, timeMs]);

  unit(
    "is told of in front of the first append, once until it is back, and again next time",
    async () => {
      const store = await openHeld();
      const append = (timeMs: number) =>
        store.append([{ type: "Cleared", owner: "alice" }], store.length, timeMs);
      await append(10_000);
      expect(await append(8_000)).toMatchObject([{ event: heldAt(8_000, 10_000) }, { offset: 2 }]);
      await append(8_500);
      await append(10_000);
      await append(7_000);

      expect(await timesOf(store)).toEqual([
        ["alice", 10_000],
        ["clock", 10_000],
        ["alice", 10_000],
        ["alice", 10_000],
        ["alice", 10_000],
        ["clock", 10_000],
        ["alice", 10_000],
      ]);
    },
  );

  unit(
    "is not told of for a second or less, for no events, or in an append that was refused",
    async () => {
      const store = await openHeld();
      await store.append([{ type: "Cleared", owner: "alice" }], 0, 10_000);
      await store.append([{ type: "Cleared", owner: "alice" }], 1, 9_000);
      await store.append([], 2, 0);
      await expect(store.append([{ type: "Cleared", owner: "alice" }], 9, 0)).rejects.toThrow(
        "expects 9",
      );
      expect(store.length).toBe(2);
      await store.append([{ type: "Cleared", owner: "bob" }], 2, 0);

      expect((await timesOf(store)).map(([owner]) => owner)).toEqual([
        "alice",
        "alice",
        "clock",
        "bob",
      ]);
    },
  );
});

describe("a group", () => {
  type Note = { readonly type: "Noted"; readonly text: string };
  const notes: Catalogue<Note> = { Noted: eventEntry(1, 1, record({ text: text(2 ** 24) })) };
  const codec = createRecordCodec(notes, () => []);
  const note = (sizeBytes: number): Note => ({ type: "Noted", text: "x".repeat(sizeBytes) });

  concurrency("is bounded: a burst is written in pieces of some MiB, in order", async () => {
    const { journal, keyValue } = createMemoryDisk();
    const sizes: number[] = [];
    const batch: typeof keyValue.batch = async (writes) => {
      sizes.push(
        writes.reduce((sum, write) => sum + (write.type === "Put" ? write.value.length : 0), 0),
      );
      await keyValue.batch(writes);
    };
    const disk = { journal, keyValue: { ...keyValue, batch } };
    const store = await EventStore.open({ disk, codec, logId: SAMPLE_LOG_ID });
    sizes.length = 0;
    const appends = Array.from({ length: 20 }, (_, at) => store.append([note(2 ** 20)], at, 1));
    const offsets = (await Promise.all(appends)).flat().map(({ offset }) => offset);

    expect(offsets).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(Math.max(...sizes)).toBeLessThan(21 * 2 ** 20);
    expect(sizes).toHaveLength(5);
    expect((await EventStore.open({ disk, codec, logId: SAMPLE_LOG_ID })).head).toEqual(store.head);
  });

  invariant(
    "refuses the append with an event that is too large, and writes the others",
    async () => {
      const store = await EventStore.open({
        disk: createMemoryDisk(),
        codec,
        logId: SAMPLE_LOG_ID,
      });
      const first = store.append([note(1)], 0, 1);
      const tooLarge = store.append([note(1), note(2 ** 24)], 1, 1);
      const second = store.append([note(2)], 1, 1);

      const error: unknown = await tooLarge.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(NodeError);
      expect(error).toMatchObject({ code: "EventTooLarge", data: { sizeBytesMax: 2 ** 24 } });
      expect((await Promise.all([first, second])).flat().map(({ offset }) => offset)).toEqual([
        0, 1,
      ]);
    },
  );
});

describe("readers beside a writer", () => {
  concurrency(
    "see every record once and in order while segments are closed under them",
    async () => {
      const store = await openSample();
      const writing = (async () => {
        for (let count = 0; count < 700; count += 1) {
          await store.append(addedRange(store.length, 1 + (count % 17)), store.length, 1);
        }
      })();
      const readAll = async (from: number): Promise<void> => {
        for (let pass = 0; pass < 20; pass += 1) {
          const { length } = store;
          const start = Math.min(from, length);
          const offsets: number[] = [];
          for await (const { offset } of store.readFrom(start)) {
            offsets.push(offset);
            if (offset % 97 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          expect(offsets).toEqual(Array.from({ length: length - start }, (_, at) => start + at));
        }
      };
      await Promise.all([writing, readAll(0), readAll(100), readAll(SEGMENT_RECORDS)]);

      expect(store.length).toBeGreaterThan(3 * CHECKPOINT_RECORDS);
    },
  );

  concurrency("lets a checkpoint that was asked for wait for the writes before it", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    const appends = [store.append(addedRange(0, 3), 0, 1), store.append(addedRange(3, 2), 3, 1)];
    await Promise.all([...appends, store.checkpoint(), store.append(addedRange(5, 1), 5, 1)]);

    expect((await openSample(disk)).head).toEqual(store.head);
    expect(store.length).toBe(6);
  });
});
