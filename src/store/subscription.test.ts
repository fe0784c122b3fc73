/** Following the log: history and future without a gap, slow and failing listeners. */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { concurrency, invariant, unit } from "../../test/kind.ts";
import { added, addedRange, openSample, type SampleEvent } from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import type { EventRecord } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import type { EventStore } from "./event-store.ts";
import { segmentKey } from "./keys.ts";
import { SEGMENT_RECORDS } from "./segment.ts";

const upTo = (length: number): number[] => Array.from({ length }, (_, offset) => offset);

/** Lets everything that is under way on the one thread come to rest. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("subscribe", () => {
  /** A store and what a listener that starts at `from` has heard. */
  const following = async (
    length: number,
    from: number,
  ): Promise<{ store: EventStore<SampleEvent>; heard: number[] }> => {
    const store = await openSample();
    await store.append(addedRange(0, length), 0, 1);
    const heard: number[] = [];
    store.subscribe(from, ({ offset }) => {
      heard.push(offset);
    });
    return { store, heard };
  };

  unit("gives history, then what is appended, from any offset on", async () => {
    for (const [from, expected] of [
      [0, [0, 1, 2, 3, 4]],
      [2, [2, 3, 4]],
      [3, [3, 4]],
      [4, [4]],
    ] as const) {
      const { store, heard } = await following(3, from);
      await settle();
      await store.append([added(3)], 3, 1);
      await store.append([added(4)], 4, 1);
      await settle();
      expect(heard).toEqual([...expected]);
    }
  });

  unit("stops at once when it is ended, in history and in what follows", async () => {
    const store = await openSample();
    await store.append(addedRange(0, 9), 0, 1);
    const heard: number[] = [];
    const end = store.subscribe(0, ({ offset }) => {
      heard.push(offset);
      if (offset === 3) end();
    });
    await settle();
    const late: number[] = [];
    const endLate = store.subscribe(9, ({ offset }) => {
      late.push(offset);
    });
    await store.append([added(9)], 9, 1);
    await settle();
    endLate();
    endLate();
    await store.append([added(10)], 10, 1);
    await settle();

    expect(heard).toEqual([0, 1, 2, 3]);
    expect(late).toEqual([9]);
  });

  unit("reads no further in history once it is ended", async () => {
    const disk = createMemoryDisk();
    await (await openSample(disk)).append(addedRange(0, 10 * SEGMENT_RECORDS), 0, 1);
    let read = 0;
    const range: KeyValue["range"] = async function* (asked) {
      for await (const entry of disk.keyValue.range(asked)) {
        read += 1;
        yield entry;
      }
    };
    const reader = await openSample({ ...disk, keyValue: { ...disk.keyValue, range } });
    read = 0;
    const end = reader.subscribe(0, ({ offset }) => {
      if (offset === SEGMENT_RECORDS + 3) end();
    });
    await settle();

    expect(read).toBe(2);
  });

  invariant("drops a listener that fails, tells why, and harms nobody else", async () => {
    const { store, heard } = await following(2, 0);
    const dropped: unknown[] = [];
    const calls: number[] = [];
    const fail = ({ offset }: EventRecord<SampleEvent>): void => {
      calls.push(offset);
      throw new Error(`broken at ${offset}`);
    };
    store.subscribe(0, fail, (error) => dropped.push(error));
    store.subscribe(
      2,
      async (record) => fail(record),
      (error) => dropped.push(error),
    );
    await settle();
    await store.append(addedRange(2, 2), 2, 1);
    await store.append(addedRange(4, 2), 4, 1);
    await settle();

    expect(dropped.map(String)).toEqual(["Error: broken at 0", "Error: broken at 2"]);
    expect(calls).toEqual([0, 2]);
    expect(heard).toEqual(upTo(6));
  });

  unit(
    "makes the error of a listener that nobody asks about an uncaught one",
    async () => {
      const program = `
      import { added, openSample } from ${JSON.stringify(join(import.meta.dir, "../../test/sample-log.ts"))};
      const store = await openSample();
      store.subscribe(0, () => { throw new Error("broken listener"); });
      await store.append([added(0)], 0, 1);
    `;
      const child = Bun.spawn([process.execPath, "-e", program], { stderr: "pipe" });

      expect(await new Response(child.stderr).text()).toContain("broken listener");
      expect(await child.exited).toBe(1);
    },
    30_000,
  );

  invariant("drops a listener when the history it asks for is damaged", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append(addedRange(0, 2 * SEGMENT_RECORDS), 0, 1);
    await store.append([added(1)], store.length, 1);
    await disk.keyValue.batch([{ type: "Delete", key: segmentKey(1) }]);
    const dropped: unknown[] = [];
    const heard: number[] = [];

    store.subscribe(
      0,
      ({ offset }) => {
        heard.push(offset);
      },
      (error) => dropped.push(error),
    );
    await settle();

    expect(heard).toEqual(upTo(SEGMENT_RECORDS));
    expect(dropped).toMatchObject([{ code: "LogDamaged", data: { offset: SEGMENT_RECORDS } }]);
  });

  concurrency("waits for a slow listener, which never holds up the writer", async () => {
    const store = await openSample();
    const heard: number[] = [];
    const releases: (() => void)[] = [];
    store.subscribe(0, ({ offset }) => {
      heard.push(offset);
      return new Promise((resolve) => releases.push(resolve));
    });
    for (const count of upTo(20)) await store.append([added(count)], count, 1);
    await settle();
    expect(heard).toEqual([0]);

    while (heard.length < 20) {
      releases.shift()?.();
      await settle();
    }

    expect(heard).toEqual(upTo(20));
  });

  concurrency(
    "drops a listener that stands still while the log grows past it, and no other",
    async () => {
      const { heard, store } = await following(50, 0);
      const dropped: unknown[] = [];
      const started: number[] = [];
      const standStill = ({ offset }: EventRecord<SampleEvent>): Promise<void> => {
        started.push(offset);
        return new Promise(() => {});
      };
      store.subscribe(0, standStill, (error) => dropped.push(error), 10);
      await settle();
      for (const count of upTo(10)) await store.append([added(count)], 50 + count, 1);
      await settle();
      expect(dropped).toEqual([]);
      await store.append([added(0)], 60, 1);
      await store.append([added(0)], 61, 1);
      await settle();

      expect(started).toEqual([0]);
      expect(dropped).toMatchObject([{ code: "SubscriberTooSlow", data: { offset: 1, lag: 11 } }]);
      expect(heard).toEqual(upTo(62));
    },
  );

  concurrency("gives a listener what it appends itself", async () => {
    const store = await openSample();
    const heard: number[] = [];
    store.subscribe(0, async ({ offset }) => {
      heard.push(offset);
      if (offset < 5) await store.append([added(offset)], store.length, 1);
    });
    await store.append([added(0)], 0, 1);
    await settle();

    expect(heard).toEqual(upTo(6));
  });

  concurrency(
    "gives no gap and no repeat in any interleaving of producers and subscribers",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStep, { maxLength: 40 }),
          fc.scheduler(),
          async (steps, scheduler) => {
            const run = await startRun(scheduler);
            for (const step of steps) await take(run, step);
            await finish(run);

            expect(run.store.length).toBe(run.asked);
            for (const { from, heard } of run.subscribers) {
              expect(heard).toEqual(upTo(run.asked).slice(from));
            }
          },
        ),
        { numRuns: 200 },
      );
    },
    30_000,
  );
});

/** One thing that somebody does with the log. */
type Step =
  | { readonly type: "Append"; readonly count: number }
  | { readonly type: "Subscribe"; readonly from: number; readonly isSlow: boolean }
  | { readonly type: "Pause" };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant("Append" as const), count: fc.nat({ max: 4 }) }),
  fc.record({
    type: fc.constant("Subscribe" as const),
    from: fc.nat({ max: 30 }),
    isSlow: fc.boolean(),
  }),
  fc.constant({ type: "Pause" as const }),
);

/** A log whose disk and slow listeners answer whenever the scheduler lets them. */
type Run = {
  readonly scheduler: fc.Scheduler;
  readonly store: EventStore<SampleEvent>;
  readonly appends: Promise<unknown>[];
  readonly subscribers: { readonly from: number; readonly heard: number[] }[];
  asked: number;
};

async function startRun(scheduler: fc.Scheduler): Promise<Run> {
  const disk = createMemoryDisk();
  const write = async (position: number, bytes: Uint8Array): Promise<void> => {
    await scheduler.schedule(Promise.resolve(), "write");
    await disk.journal.write(position, bytes);
  };
  const opening = openSample({ ...disk, journal: { ...disk.journal, write } });
  await scheduler.waitFor(opening);
  return { scheduler, store: await opening, appends: [], subscribers: [], asked: 0 };
}

async function take(run: Run, step: Step): Promise<void> {
  if (step.type === "Append") {
    run.appends.push(run.store.append(addedRange(run.asked, step.count), run.asked, 1));
    run.asked += step.count;
  } else if (step.type === "Subscribe") {
    subscribeTo(run, step);
  } else if (run.scheduler.count() > 0) {
    await run.scheduler.waitOne();
  }
}

function subscribeTo(
  { scheduler, store, subscribers }: Run,
  step: Step & { type: "Subscribe" },
): void {
  const heard: number[] = [];
  store.subscribe(step.from, ({ offset }) => {
    heard.push(offset);
    return step.isSlow ? scheduler.schedule(Promise.resolve(), "listener") : undefined;
  });
  subscribers.push({ from: step.from, heard });
}

/** Lets the scheduler release everything that waits, in any order, until nothing is left. */
async function finish({ appends, scheduler }: Run): Promise<void> {
  await scheduler.waitFor(Promise.all(appends));
  await settle();
  while (scheduler.count() > 0) {
    await scheduler.waitAll();
    await settle();
  }
}
