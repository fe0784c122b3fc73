/**
 * The log over the deaths of its writer and the failures of its disk: an exact prefix, nothing lost, nothing
 * back. `CHANNELS_LIVES=5000 bun test src/store/recovery.test.ts` plays more of them.
 */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { createFaultyDisk, type Fault, LANDINGS } from "../../test/faulty-disk.ts";
import { crash } from "../../test/kind.ts";
import { openSample, type SampleEvent, sampleCodec } from "../../test/sample-log.ts";
import { createMemoryDisk, type MemoryDisk } from "../adapters/memory-disk.ts";
import { CHECKPOINT_RECORDS } from "./durable-log.ts";
import type { EventStore } from "./event-store.ts";
import { SEGMENT_RECORDS } from "./segment.ts";
import { verifyDisk } from "./verify.ts";

/** One life of a writer: how many events each of its appends holds, which go out together, and what fails. */
type Life = { readonly groups: readonly (readonly number[])[]; readonly faults: readonly Fault[] };

/** What appends were tried, what became of them. */
type History = {
  /** The numbers of all events that were acknowledged. */
  readonly acknowledged: number[];
  /** Appends since the last that was acknowledged: one of them, or some that went out together, may be there. */
  refused: (readonly number[])[];
  next: number;
};

const anyFault: fc.Arbitrary<Fault> = fc.record({
  at: fc.nat({ max: 40 }),
  landing: fc.constantFrom(...LANDINGS),
  isDeath: fc.boolean(),
});

/** Logs that are played, of up to five lives each. */
const RUNS = Number(process.env["CHANNELS_LIVES"] ?? 40);

/** Small appends stay in the journal, some fill it, and some go straight into segments. */
const anyCount: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 3, arbitrary: fc.integer({ min: 60, max: 140 }) },
  { weight: 1, arbitrary: fc.integer({ min: SEGMENT_RECORDS, max: 700 }) },
);

/** Records that are in the journal before the first life: some appends fewer than a checkpoint takes. */
const anyStart: fc.Arbitrary<number> = fc.integer({
  min: CHECKPOINT_RECORDS - 500,
  max: CHECKPOINT_RECORDS - 1,
});

/** The most that are appended at once and do not go straight into segments. */
const JOURNAL_BATCH: number = SEGMENT_RECORDS - 1;

const anyLife: fc.Arbitrary<Life> = fc.record({
  groups: fc.array(fc.array(anyCount, { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
  faults: fc.array(anyFault, { maxLength: 3 }),
});

const anyLives = fc.array(anyLife, { minLength: 1, maxLength: 5 });

const event = (count: number): SampleEvent => ({
  type: "Added",
  owner: `owner ${count % 7}`,
  count,
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a log whose writer dies and whose disk fails", () => {
  crash(
    "opens to all that was acknowledged, in order, and at most one whole write more, with its end proven",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyStart, anyLives, async (start, lives) => {
          const memory = createMemoryDisk();
          const history: History = { acknowledged: [], refused: [], next: 0 };
          await fill(memory, start, history);
          for (const life of lives) {
            await live(createFaultyDisk(memory, life.faults), life, history);
            await check(await openSample(memory), history);
            const report = await verifyDisk({ disk: memory, codec: sampleCodec });
            expect(report).toMatchObject({
              verdict: { code: "Anchored" },
              end: { type: "Proven" },
            });
          }
        }),
        { numRuns: RUNS },
      );
    },
    600_000,
  );
});

/** Appends so many events that their journal is nearly full. */
async function fill(disk: MemoryDisk, count: number, history: History): Promise<void> {
  const store = await openSample(disk);
  while (history.next < count) {
    const { length } = store;
    const size = Math.min(JOURNAL_BATCH, count - length);
    const numbers = Array.from({ length: size }, () => history.next++);
    await tryAppend(store, numbers, length, history);
  }
}

/** Appends until the life is over, or the writer dead. */
async function live(
  { disk, isDead }: ReturnType<typeof createFaultyDisk>,
  { groups }: Life,
  history: History,
): Promise<void> {
  const opening = openSample(disk).catch(() => undefined);
  const store = await Promise.race([opening, untilDead(isDead)]);
  if (store === undefined) return;
  for (const counts of groups) {
    let { length } = store;
    const appends = counts.map((count) => {
      const numbers = Array.from({ length: count }, () => history.next++);
      const expected = length;
      length += count;
      return tryAppend(store, numbers, expected, history);
    });
    await Promise.race([Promise.all(appends), untilDead(isDead)]);
    if (isDead()) return;
  }
}

async function tryAppend(
  store: EventStore<SampleEvent>,
  numbers: readonly number[],
  expectedLength: number,
  history: History,
): Promise<void> {
  history.refused.push(numbers);
  try {
    await store.append(numbers.map(event), expectedLength, 1);
    history.acknowledged.push(...numbers);
    history.refused = history.refused.filter((other) => (other[0] ?? 0) > (numbers[0] ?? 0));
  } catch {
    // It stays among those that were refused: nobody may ever see it behind one that is acknowledged later.
  }
}

/** Resolves soon after the death of the writer, when nothing that was under way moves any more. */
async function untilDead(isDead: () => boolean): Promise<undefined> {
  while (!isDead()) await settle();
  return undefined;
}

async function check(store: EventStore<SampleEvent>, history: History): Promise<void> {
  const found: number[] = [];
  for await (const { event: each } of store.readFrom(0)) {
    found.push(each.type === "Added" ? each.count : -1);
  }
  const { acknowledged, refused } = history;
  expect(found.slice(0, acknowledged.length)).toEqual(acknowledged);
  const more = found.slice(acknowledged.length);
  if (more.length === 0) return;
  // Whole appends, one after the other as they were asked for.
  const first = refused.findIndex((numbers) => numbers[0] === more[0]);
  expect(first).toBeGreaterThanOrEqual(0);
  const ends = refused
    .slice(first)
    .map((_, index) => refused.slice(first, first + index + 1).flat());
  expect(ends.map((numbers) => numbers.join())).toContain(more.join());
  // From now on they count as acknowledged: whoever opened the log has seen them.
  history.acknowledged.push(...more);
  history.refused = [];
}
