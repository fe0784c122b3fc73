/** The log: appends that are all or nothing, reading, opening, disks that fail. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { concurrency, crash, invariant, property, unit } from "../../test/kind.ts";
import { replaceRecords, storedRecords } from "../../test/log-tampering.ts";
import {
  added,
  addedRange,
  openSample,
  SAMPLE_LOG_ID,
  type SampleEvent,
  sampleCodec,
} from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import type { EventRecord } from "../events/record.ts";
import { assertDefined } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import { CHECKPOINT_RECORDS } from "./durable-log.ts";
import { EventStore } from "./event-store.ts";
import { HEADER_KEY } from "./keys.ts";
import type { LogDisk } from "./log-disk.ts";

const collect = async (
  records: AsyncIterable<EventRecord<SampleEvent>>,
): Promise<EventRecord<SampleEvent>[]> => {
  const found: EventRecord<SampleEvent>[] = [];
  for await (const record of records) found.push(record);
  return found;
};
const offsets = (records: readonly EventRecord<SampleEvent>[]): number[] =>
  records.map(({ offset }) => offset);
const upTo = (length: number): number[] => Array.from({ length }, (_, offset) => offset);

/** The error that a promise is rejected with. */
const errorOf = async (promise: Promise<unknown>): Promise<NodeError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NodeError)) throw new Error("expected a NodeError");
  return error;
};

/** Where the number of records stands in a frame. */
const FRAME_COUNT_AT = 12;

/** A disk that fails the write number `failing` (from 0) to its journal, before or after it was applied. */
const failingDisk = (failing: number, applied: boolean): LogDisk => {
  const { journal, ...disk } = createMemoryDisk();
  let count = 0;
  const write = async (position: number, bytes: Uint8Array): Promise<void> => {
    const fails = count === failing;
    count += 1;
    if (!fails || applied) await journal.write(position, bytes);
    if (fails) throw new NodeError("DiskFull", "the disk is full");
  };
  return { ...disk, journal: { ...journal, write } };
};

describe("append", () => {
  unit("gives each event its offset, the time and a hash, and makes it the head", async () => {
    const store = await openSample();

    const records = await store.append([added(1), added(2)], 0, 1000);

    expect(records).toMatchObject([
      { offset: 0, timeMs: 1000, event: added(1) },
      { offset: 1, timeMs: 1000, event: added(2) },
    ]);
    expect(store.length).toBe(2);
    expect(store.head).toEqual({ length: 2, hash: records[1]?.hash as never });
    expect(await collect(store.readFrom(0))).toEqual([...records]);
  });

  unit("refuses another expected length, and leaves the log as it was", async () => {
    const store = await openSample();
    await store.append([added(0)], 0, 1);
    const { head } = store;

    for (const expectedLength of [0, 2]) {
      const error = await errorOf(store.append([added(1)], expectedLength, 1));
      expect(error.code).toBe("ExpectedLengthMismatch");
      expect(error.data).toEqual({ length: 1, expectedLength });
    }

    expect(store.head).toEqual(head);
    expect(await store.append([added(1)], 1, 1)).toMatchObject([{ offset: 1 }]);
  });

  unit("writes nothing for no events, and still checks the expected length", async () => {
    const store = await openSample();

    expect(await store.append([], 0, 5)).toEqual([]);
    expect((await errorOf(store.append([], 1, 5))).code).toBe("ExpectedLengthMismatch");
    expect(store.length).toBe(0);
  });

  invariant("holds the time when the clock steps back, over a restart too", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append([added(0)], 0, 2000);
    await store.append([added(1)], 1, 1000);
    const again = await openSample(disk);
    await again.append([added(2)], 2, 1999);
    await again.append([added(3)], 3, 2001);

    const records = await collect(again.readFrom(0));
    expect(records.map(({ timeMs }) => timeMs)).toEqual([2000, 2000, 2000, 2001]);
  });

  unit(
    "refuses an append with an event that cannot be written, and goes on with the next",
    async () => {
      const store = await openSample();
      const bad = { ...added(1), count: -1 };
      const refused = store.append([added(0), bad], 0, 1);
      const accepted = store.append([added(0)], 0, 1);

      await expect(refused).rejects.toThrow("between 0 and 2^53 - 1");
      expect(await accepted).toMatchObject([{ offset: 0 }]);
    },
  );

  crash("leaves no event of a batch that the disk failed, before or after writing it", async () => {
    for (const applied of [false, true]) {
      const disk = failingDisk(1, applied);
      const store = await openSample(disk);
      await store.append([added(0)], 0, 1);
      const { head } = store;

      const error = await errorOf(store.append(addedRange(1, 3), 1, 1));

      expect(error.code).toBe("DiskFull");
      expect(store.head).toEqual(head);
      // What the failed batch may have left behind is gone once the next append is durable.
      await store.append([added(9)], 1, 1);
      const again = await openSample(disk);
      expect(again.head).toEqual(store.head);
      expect((await collect(again.readFrom(0))).map(({ event }) => event)).toEqual([
        added(0),
        added(9),
      ]);
    }
  });

  crash("opens to all or nothing of a batch when the node ends after a failed write", async () => {
    for (const applied of [false, true]) {
      const disk = failingDisk(1, applied);
      const store = await openSample(disk);
      await store.append([added(0)], 0, 1);
      await errorOf(store.append(addedRange(1, 3), 1, 1));

      expect((await openSample(disk)).length).toBe(applied ? 4 : 1);
    }
  });

  concurrency(
    "serves producers in the order in which they asked, one batch for all that wait",
    async () => {
      const { disk, frames, store } = await countedLog();

      const results = await Promise.all([
        store.append(addedRange(0, 2), 0, 1),
        store.append(addedRange(2, 1), 2, 1),
        store.append([], 3, 1),
        store.append(addedRange(3, 3), 3, 1),
      ]);

      expect(results.map((records) => offsets(records))).toEqual([[0, 1], [2], [], [3, 4, 5]]);
      expect(frames).toEqual([6]);
      expect((await openSample(disk)).head).toEqual(store.head);
    },
  );

  concurrency("writes those together who heard together, round after round", async () => {
    const { frames, store } = await countedLog();
    let next = 0;
    const produce = async (): Promise<void> => {
      while (next < 12) {
        next += 1;
        await store.append([added(next)], next - 1, 1);
      }
    };

    await Promise.all([produce(), produce(), produce(), produce()]);

    expect(frames).toEqual([4, 4, 4]);
  });

  concurrency(
    "lets exactly one of several producers with the same expected length win",
    async () => {
      const store = await openSample();

      const results = await Promise.allSettled(
        upTo(10).map((producer) => store.append(addedRange(10 * producer, 2), 0, 1)),
      );

      expect(results.map(({ status }) => status === "fulfilled")).toEqual(
        upTo(10).map((n) => n === 0),
      );
      expect(await collect(store.readFrom(0))).toMatchObject([
        { event: added(0) },
        { event: added(1) },
      ]);
    },
  );
});

describe("readRange", () => {
  unit("gives the records from its start to before its end, however far it asks", async () => {
    const store = await openSample();
    await store.append(addedRange(0, 5), 0, 1);

    expect(offsets(await collect(store.readRange(0, 5)))).toEqual([0, 1, 2, 3, 4]);
    expect(offsets(await collect(store.readRange(1, 3)))).toEqual([1, 2]);
    expect(offsets(await collect(store.readRange(3, 99)))).toEqual([3, 4]);
    expect(offsets(await collect(store.readRange(2, 2)))).toEqual([]);
    expect(offsets(await collect(store.readFrom(5)))).toEqual([]);
    expect(offsets(await collect(store.readFrom(4)))).toEqual([4]);
    await expect(collect(store.readRange(3, 2))).rejects.toThrow("does not end before");
    await expect(collect(store.readRange(-1, 2))).rejects.toThrow("does not end before");
  });

  concurrency("ends where the log ended when it began, while others append", async () => {
    const store = await openSample();
    await store.append(addedRange(0, 3), 0, 1);
    const found: number[] = [];

    for await (const { offset } of store.readFrom(0)) {
      found.push(offset);
      await store.append([added(offset)], store.length, 1);
    }

    expect(found).toEqual([0, 1, 2]);
    expect(store.length).toBe(6);
  });

  unit("stops at a record that was damaged or lost after the log was opened", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append(addedRange(0, 300), 0, 1);
    const stored = await storedRecords(disk);
    const changed = assertDefined(stored[2], "a record").map((byte, at) =>
      at === 40 ? byte ^ 1 : byte,
    );
    await replaceRecords(disk, stored.with(2, changed));

    const damaged = await errorOf(collect(store.readFrom(1)));
    expect(damaged.code).toBe("LogDamaged");
    expect(damaged.data).toEqual({ code: "HashMismatch", offset: 2 });
    expect(offsets(await collect(store.readRange(3, 300)))).toEqual(upTo(300).slice(3));

    await replaceRecords(disk, stored.slice(0, 200));
    expect((await errorOf(collect(store.readFrom(3)))).data).toEqual({
      code: "RecordMissing",
      offset: 200,
    });
    expect((await errorOf(collect(store.readFrom(202)))).data).toEqual({
      code: "RecordMissing",
      offset: 202,
    });
    await replaceRecords(disk, []);
    expect((await errorOf(collect(store.readFrom(0)))).data).toEqual({
      code: "RecordMissing",
      offset: 0,
    });
  });
});

describe("hashAt", () => {
  unit("gives the hash that the log had at each length, in segments and behind them", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    const hashes = [store.head.hash];
    for (let length = 0; length < CHECKPOINT_RECORDS + 200; length += 100) {
      const records = await store.append(addedRange(length, 100), length, 1);
      hashes.push(...records.map(({ hash }) => hash));
    }

    for (const log of [store, await openSample(disk)]) {
      for (const [length, hash] of hashes.entries()) {
        expect([length, await log.hashAt(length)]).toEqual([length, hash]);
      }
    }
  });

  unit("has none for a length that the log never had", async () => {
    const store = await openSample();
    await store.append([added(0)], 0, 1);

    expect(await store.hashAt(2)).toBeUndefined();
    expect(await store.hashAt(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });
});

describe("open", () => {
  unit("gives the same head and records again, and goes on from there", async () => {
    const disk = createMemoryDisk();
    const first = await openSample(disk);
    const records = [...(await first.append(addedRange(0, 3), 0, 1))];

    const second = await openSample(disk);
    records.push(...(await second.append([added(3)], 3, 1)));

    expect(await collect((await openSample(disk)).readFrom(0))).toEqual(records);
  });

  unit(
    "refuses the log of another id, a damaged header, and records without a header",
    async () => {
      const disk = createMemoryDisk();
      await (await openSample(disk)).append(addedRange(0, 3), 0, 1);
      const header = (await disk.keyValue.get(HEADER_KEY)) ?? new Uint8Array();
      const put = (value: Uint8Array): Promise<void> =>
        disk.keyValue.batch([{ type: "Put", key: HEADER_KEY, value }]);
      const other = { disk, codec: sampleCodec, logId: new Uint8Array(16) };

      expect((await errorOf(EventStore.open(other))).message).toContain("another log");
      await put(header.subarray(1));
      expect((await errorOf(openSample(disk))).message).toContain("header");
      for (const [formatVersion, code] of [
        [1, "NotALog"],
        [3, "LogTooNew"],
      ] as const) {
        await put(header.map((byte, at) => (at === 1 ? formatVersion : byte)));
        expect(await errorOf(openSample(disk))).toMatchObject({ code, data: { formatVersion } });
      }
      await put(header.map((byte, at) => (at === header.length - 1 ? 99 : byte)));
      const renamed = { ...other, logId: SAMPLE_LOG_ID.map((byte, at) => (at === 15 ? 99 : byte)) };
      expect(await errorOf(EventStore.open(renamed))).toMatchObject({ code: "NotALog" });
      const headless = { ...renamed, disk: { keyValue: disk.keyValue, journal: disk.journal } };
      expect((await EventStore.open(headless)).length).toBe(0);
    },
  );
});

describe("the log as a whole", () => {
  property("reads back what was appended, in any batches, over any restarts", async () => {
    const anyBatch = fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 3000 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { maxLength: 20 }), async (batches) => {
        const disk = createMemoryDisk();
        let store = await openSample(disk);
        const written: EventRecord<SampleEvent>[] = [];
        for (const [count, timeMs, restarts] of batches) {
          written.push(
            ...(await store.append(addedRange(written.length, count), written.length, timeMs)),
          );
          if (restarts) store = await openSample(disk);
        }
        const found = await collect(store.readFrom(0));

        expect(found).toEqual(written);
        expect(found.every(({ timeMs }, at) => timeMs >= (found[at - 1]?.timeMs ?? 0))).toBe(true);
      }),
    );
  });
});

type CountedLog = {
  readonly disk: LogDisk;
  readonly store: EventStore<SampleEvent>;
  /** How many records each frame of the journal has. */
  readonly frames: readonly number[];
};

async function countedLog(): Promise<CountedLog> {
  const disk = createMemoryDisk();
  const frames: number[] = [];
  const write = async (position: number, bytes: Uint8Array): Promise<void> => {
    frames.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(FRAME_COUNT_AT));
    await disk.journal.write(position, bytes);
  };
  const store = await openSample({ ...disk, journal: { ...disk.journal, write } });
  return { disk, store, frames };
}
