/** Rows that follow the log: over restarts, deaths, another log, and a log that lost its end. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { createFaultyDisk, LANDINGS } from "../../test/faulty-disk.ts";
import { adversarial, crash, invariant, property, unit } from "../../test/kind.ts";
import { replaceRecords, storedRecords } from "../../test/log-tampering.ts";
import {
  added,
  addedRange,
  openSample,
  type SampleEvent,
  sampleCodec,
} from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import { createMemoryKeyValue } from "../adapters/memory-key-value.ts";
import type { EventRecord } from "../events/record.ts";
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { CHECKPOINT_RECORDS } from "./durable-log.ts";
import { EventStore } from "./event-store.ts";
import { Projection } from "./projection.ts";

/** A row for each count that was added, with the offset at which it was added last. */
const project = ({ event, offset }: EventRecord<SampleEvent>): readonly KeyValueWrite[] =>
  event.type === "Added"
    ? [{ type: "Put", key: Uint8Array.of(event.count % 8), value: Uint8Array.of(offset % 251) }]
    : Array.from({ length: 8 }, (_, count) => ({ type: "Delete", key: Uint8Array.of(count) }));

const ALL = { from: new Uint8Array(), to: Uint8Array.of(255) };

const open = (store: EventStore<SampleEvent>, target: KeyValue, name = "last-counts") =>
  Projection.open({ store, target, name, project });

const rowsOf = async (projection: Projection<SampleEvent>): Promise<readonly string[]> => {
  const rows: string[] = [];
  for await (const [key, value] of projection.range(ALL)) rows.push(`${key}=${value}`);
  return rows;
};

/** The rows that a projection has which is made in one go. */
const expectedRows = async (store: EventStore<SampleEvent>): Promise<readonly string[]> => {
  const projection = await open(store, createMemoryKeyValue());
  await projection.catchUp();
  return rowsOf(projection);
};

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Projection", () => {
  unit("derives rows from all there is, and from what comes", async () => {
    const store = await openSample();
    await store.append(addedRange(0, 5), 0, 1);
    const projection = await open(store, createMemoryKeyValue());
    await projection.catchUp();
    expect(await rowsOf(projection)).toEqual(["0=0", "1=1", "2=2", "3=3", "4=4"]);
    expect(await projection.get(Uint8Array.of(3))).toEqual(Uint8Array.of(3));

    const end = projection.follow((error) => expect(error).toBeUndefined());
    await store.append([{ type: "Cleared", owner: "bob" }, added(9)], 5, 1);
    await settle();
    expect(await rowsOf(projection)).toEqual(["1=6"]);
    expect(projection.head).toEqual(store.head);
    end();
    await store.append([added(2)], 7, 1);
    await settle();
    expect(projection.head.length).toBe(7);
  });

  unit("asks for no record a second time", async () => {
    const store = await openSample();
    const target = createMemoryKeyValue();
    const asked: number[] = [];
    const counting = (record: EventRecord<SampleEvent>): readonly KeyValueWrite[] => {
      asked.push(record.offset);
      return project(record);
    };
    for (const length of [3, 7, 7, 300]) {
      await store.append(addedRange(store.length, length - store.length), store.length, 1);
      const projection = await Projection.open({
        store,
        target,
        name: "counted",
        project: counting,
      });
      await Promise.all([projection.catchUp(), projection.catchUp()]);
    }

    expect(asked).toEqual(Array.from({ length: 300 }, (_, offset) => offset));
  });

  unit("keeps to its own part of the target, which may be the store of the log", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append(addedRange(0, 300), 0, 1);
    const projections = await Promise.all(
      ["counts", "count", "a"].map((name) => open(store, disk.keyValue, name)),
    );
    for (const projection of projections) await projection.catchUp();
    await projections[1]?.rebuild();
    await Projection.clear({ store, target: disk.keyValue, name: "a", project });

    expect(await rowsOf(projections[0] as Projection<SampleEvent>)).toHaveLength(8);
    expect(await rowsOf(projections[1] as Projection<SampleEvent>)).toHaveLength(8);
    expect(await rowsOf(projections[2] as Projection<SampleEvent>)).toEqual([]);
    expect((await openSample(disk)).head).toEqual(store.head);
    await expect(open(store, disk.keyValue, "\u0002")).rejects.toThrow("small letters");
  });

  adversarial(
    "refuses another log, a log that went another way, and one that lost its end",
    async () => {
      const disk = createMemoryDisk();
      const store = await openSample(disk);
      await store.append(addedRange(0, 20), 0, 1);
      const target = createMemoryKeyValue();
      await (await open(store, target)).catchUp();
      const logId = new Uint8Array(16);
      const other = await EventStore.open({ disk: createMemoryDisk(), codec: sampleCodec, logId });
      await other.append(addedRange(0, 20), 0, 1);
      const forked = await openSample();
      await forked.append(addedRange(1, 30), 0, 1);
      await replaceRecords(disk, (await storedRecords(disk)).slice(0, 19));
      const cut = await openSample(disk);

      for (const foreign of [other, forked, cut]) {
        const refused = { code: "ProjectionMismatch", data: { name: "last-counts", length: 20 } };
        await expect(open(foreign, target)).rejects.toMatchObject(refused);
      }
      await Projection.clear({ store: forked, target, name: "last-counts", project });
      const again = await open(forked, target);
      await again.catchUp();
      expect(await rowsOf(again)).toEqual(await expectedRows(forked));
    },
  );

  invariant(
    "ends and tells why when its target fails, and goes on from there when asked again",
    async () => {
      const store = await openSample();
      await store.append(addedRange(0, 3), 0, 1);
      const memory = createMemoryDisk();
      const { disk } = createFaultyDisk(memory, [{ at: 1, landing: "Nothing", isDeath: false }]);
      const projection = await open(store, disk.keyValue);
      const dropped: unknown[] = [];
      projection.follow((error) => dropped.push(error));
      await settle();
      await store.append([added(3)], 3, 1);
      await settle();
      await store.append([added(4)], 4, 1);
      await settle();

      expect(dropped).toMatchObject([{ code: "DiskFull" }]);
      expect(projection.head.length).toBe(3);
      await projection.catchUp();
      expect(await rowsOf(projection)).toEqual(await expectedRows(store));
    },
  );

  crash(
    "has the rows of its position after a death at any write, also while it is rebuilt",
    async () => {
      const store = await openSample();
      await store.append([...addedRange(0, 300), { type: "Cleared", owner: "bob" }], 0, 1);
      await store.append(addedRange(3, 600), store.length, 1);
      const expected = await expectedRows(store);
      for (const landing of LANDINGS) {
        for (let at = 0; at < 20; at += 1) {
          const memory = createMemoryDisk();
          const { disk, isDead } = createFaultyDisk(memory, [{ at, landing, isDeath: true }]);
          const work = open(store, disk.keyValue).then(async (projection) => {
            await projection.catchUp();
            await projection.rebuild();
          });
          while (!isDead() && (await Promise.race([work.then(() => true), settle()])) !== true);
          const again = await open(store, memory.keyValue);
          await again.catchUp();
          expect(await rowsOf(again)).toEqual(expected);
        }
      }
    },
  );

  crash("keeps no row of the log before when clearing it was cut short", async () => {
    const before = await openSample();
    await before.append(addedRange(0, 8), 0, 1);
    const store = await openSample();
    await store.append([added(3), added(3)], 0, 1);
    for (let at = 0; at < 3; at += 1) {
      const memory = createMemoryDisk();
      await (await open(before, memory.keyValue)).catchUp();
      const fault = { at, landing: "Nothing", isDeath: false } as const;
      const { disk } = createFaultyDisk(memory, [fault]);
      const options = { store, target: disk.keyValue, name: "last-counts", project };
      await expect(Projection.clear(options)).rejects.toThrow("full");
      // Before the first write nothing is cleared: then it is still the other log's.
      if (at === 0) continue;
      const projection = await open(store, memory.keyValue);
      await projection.catchUp();
      expect(await rowsOf(projection)).toEqual(["3=1"]);
    }
  });

  property("has the same rows however often it stops", async () => {
    // Some records come from segments: eight steps make up to two checkpoints.
    const anyStep = fc.tuple(fc.nat({ max: CHECKPOINT_RECORDS / 4 - 2 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 8 }), async (steps) => {
        const store = await openSample();
        const target = createMemoryKeyValue();
        for (const [count, clears] of steps) {
          const events = addedRange(store.length, count);
          const last: SampleEvent = { type: "Cleared", owner: "bob" };
          await store.append(clears ? [...events, last] : events, store.length, 1);
          await (await open(store, target)).catchUp();
        }
        expect(await rowsOf(await open(store, target))).toEqual(await expectedRows(store));
      }),
      { numRuns: 50 },
    );
  });
});
