/** Reading the log back: from the disk, checked or not, and folded into the state of the node. */
import { evolveNode } from "../src/engine/evolve-node.ts";
import { createNodeState } from "../src/engine/node-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { firstHash, type RecordHash } from "../src/events/record.ts";
import { assert } from "../src/primitives/assert.ts";
import type { EventStore, ReadOptions } from "../src/store/event-store.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { type DiskLog, openDiskLog } from "./disk-log.ts";
import { filledLog } from "./filled-log.ts";
import { recordedEvents } from "./recorded-log.ts";
import { bestOf } from "./stopwatch.ts";

/** Lengths of the logs, so that growth is seen; the last one only when all is measured. */
const LENGTHS = [1_000, 10_000, 100_000] as const;
const FULL_LENGTH = 1_000_000;

/** Runs of each measurement over the longest log. */
const FULL_RUNS = 2;

/** Events of the reconstruction that users speak of. */
const FEW = 1_000;

/** Events that are decoded alone, or folded alone. */
const DECODED = 40_000;

export const benchmark: Benchmark = {
  name: "reconstruct",
  question: "How fast is a log read from the disk, checked, and folded into the state of its node?",
  run: async ({ full }) => {
    const decoding = DECODED / (await decodeAlone());
    const figures: Figure[] = [
      { what: "decode alone, from memory, chain checked", value: decoding, unit: "events/s" },
      { what: "fold alone, from memory", value: DECODED / (await foldAlone()), unit: "events/s" },
    ];
    for (const length of full ? [...LENGTHS, FULL_LENGTH] : LENGTHS) {
      const folder = await filledLog(length);
      figures.push(...(await measureLog(folder, length, decoding)));
    }
    return { figures };
  },
};

async function measureLog(
  folder: string,
  length: number,
  decoding: number,
): Promise<readonly Figure[]> {
  // A run over a million events takes seconds, and compiles the code at its beginning.
  const best = (run: () => Promise<unknown>): Promise<number> =>
    length === FULL_LENGTH ? bestOf(run, FULL_RUNS) : bestOf(run);
  const opening = await best(async () => (await openDiskLog(folder)).disk.close());
  const { disk, store } = await openDiskLog(folder);
  assert(store.length === length, "the log holds what was recorded");
  const checked = await best(() => readAll(store, {}));
  const unchecked = await best(() => readAll(store, { check: "None" }));
  const folding = await best(() => foldNode({ disk, store }, length));
  const foldingFew = await bestOf(() => foldNode({ disk, store }, FEW));
  await disk.close();
  const rate = (what: string, seconds: number): Figure => ({
    what: `${what}, ${length.toLocaleString("en-US")} events`,
    value: length / seconds,
    unit: "events/s",
    yardstick: "decode alone",
    ratio: length / seconds / decoding,
  });
  // Where a ratio is given, goals are held against it: the absolute goal is a figure of its own.
  const { ratio: _, yardstick: __, ...absolute } = rate("read from disk, chain checked", checked);
  return [
    rate("open, chain checked", opening),
    { ...absolute, goal: 1_000_000 },
    rate("read from disk, chain checked", checked),
    rate("read from disk, chain not checked", unchecked),
    rate("state of the node from disk, chain checked", folding),
    ...(length === FEW
      ? [
          {
            what: "state of the node after 1,000 events, from disk",
            value: foldingFew * 1000,
            unit: "ms",
            better: "lower",
            floor: 100,
            goal: 1,
          } as const,
        ]
      : []),
  ];
}

async function readAll(store: EventStore<NodeEvent>, options: ReadOptions): Promise<void> {
  let found = 0;
  for await (const records of store.readBatches(0, store.length, options)) found += records.length;
  assert(found === store.length, "all of the log is read");
}

async function foldNode({ store }: DiskLog, upTo: number): Promise<void> {
  const state = createNodeState();
  for await (const records of store.readBatches(0, upTo)) {
    for (const { event } of records) evolveNode(state, event);
  }
  assert(state.channels.size > 0, "the log is of a node with channels");
}

/** Seconds for what is left when nothing is read, checked or decoded. */
async function foldAlone(): Promise<number> {
  const events = recordedEvents(DECODED);
  return bestOf(async () => {
    const state = createNodeState();
    for (const event of events) evolveNode(state, event);
  });
}

/** Seconds. */
async function decodeAlone(): Promise<number> {
  let previousHash = firstHash(BENCH_LOG_ID);
  const stored = recordedEvents(DECODED).map((event, offset) => {
    const encoded = nodeCodec.encode({ previousHash, offset, timeMs: offset }, event);
    const found: readonly [RecordHash, Uint8Array] = [previousHash, encoded.stored];
    previousHash = encoded.record.hash;
    return found;
  });
  return bestOf(async () => {
    for (const [offset, [before, bytes]] of stored.entries()) {
      assert(nodeCodec.decode(before, offset, bytes).ok, "the log is in order");
    }
  });
}
