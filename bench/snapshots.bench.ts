/** Writing snapshots: what a node with many channels pays when few of them have changed. */
import { join } from "node:path";
import { openRocksDb } from "../src/adapters/rocksdb.ts";
import type { Channel } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { evolveNode } from "../src/engine/evolve-node.ts";
import { nodeTables } from "../src/engine/node-schema.ts";
import { createNodeState, createTrackedState, type NodeState } from "../src/engine/node-state.ts";
import { takeCapture } from "../src/engine/snapshot-writer.ts";
import type { RecordHash } from "../src/events/record.ts";
import type { KeyValue } from "../src/ports/key-value.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { SnapshotManager } from "../src/store/snapshot.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { createChance } from "./chance.ts";
import { recordedEvents } from "./recorded-log.ts";
import { withScratch } from "./scratch.ts";
import { median, takeTurns } from "./slices.ts";

const CHANNELS = 10_000;

/** Channels that change between two snapshots. */
const CHANGES = [10, 100, 1_000] as const;

const ROUNDS = 9;

/** Events whose state the channels are taken from. */
const EVENTS = 5_000;

export const benchmark: Benchmark = {
  name: "snapshots",
  question:
    "What does a snapshot of a node with 10,000 channels cost when few of them have changed?",
  run: () =>
    withScratch(async (folder) => {
      const { keyValue, written } = counting(await openRocksDb(join(folder, "store")));
      const channels = manyChannels();
      const write = await startWriting(keyValue);
      await write(channels);
      const all = written();
      const figures: Figure[] = [
        { what: "the first snapshot, all channels new", value: all / 1e6, unit: "MB written" },
      ];
      for (const count of CHANGES) {
        const before = written();
        const slices = await takeTurns({ write: () => write(anyOf(channels, count)) }, ROUNDS);
        const bytes = (written() - before) / (ROUNDS + 1);
        figures.push(...figuresOf(count, bytes, (all / CHANNELS) * count, median(slices.write)));
      }
      await keyValue.close();
      return { figures };
    }),
};

function figuresOf(
  count: number,
  bytes: number,
  shareBytes: number,
  seconds: number,
): readonly Figure[] {
  const what = `a snapshot, ${count} channels changed`;
  const yardstick = "their share of the first snapshot";
  const ratio = bytes / shareBytes;
  return [
    { what, value: bytes / 1e6, unit: "MB written", better: "lower", yardstick, ratio },
    { what: `${what}, time`, value: seconds * 1000, unit: "ms", better: "lower" },
  ];
}

/** Gives the function that changes channels and writes the next snapshot. */
async function startWriting(
  keyValue: KeyValue,
): Promise<(changed: readonly Channel[]) => Promise<void>> {
  const hashAt = (): Promise<undefined> => Promise.resolve(undefined);
  const snapshots = await SnapshotManager.open({ keyValue, tables: nodeTables, hashAt });
  const state = createTrackedState();
  let length = 0;
  return async (changed) => {
    length += 1;
    // Only what differs is written: the turn says which snapshot it was changed for.
    for (const channel of changed) {
      state.channels.set(channel.id, { ...channel, mySignedTurn: length });
    }
    await snapshots.write(takeCapture({ snapshots, state }, { length, hash: HASH }));
  };
}

const chance = createChance(1);

function anyOf(channels: readonly Channel[], count: number): readonly Channel[] {
  return Array.from({ length: count }, () =>
    assertDefined(channels[chance.below(channels.length)], "a channel"),
  );
}

/** Nobody reads the log of these snapshots. */
const HASH = `0x${"5a".repeat(32)}` as RecordHash;

/** Channels of a real node, under as many ids as it takes. */
function manyChannels(): readonly Channel[] {
  const state: NodeState = recordedEvents(EVENTS).reduce(evolveNode, createNodeState());
  const models = [...state.channels.values()];
  return Array.from({ length: CHANNELS }, (_, index) => {
    const model = assertDefined(models[index % models.length], "a channel of the recording");
    const id = `0x${index.toString(16).padStart(64, "0")}` as ChannelId;
    return { ...model, id };
  });
}

/** Counts the bytes of all keys and values that are written. */
function counting(keyValue: KeyValue): {
  readonly keyValue: KeyValue;
  readonly written: () => number;
} {
  let written = 0;
  return {
    written: () => written,
    keyValue: {
      ...keyValue,
      batch: (writes) => {
        for (const write of writes) {
          written += write.key.length + (write.type === "Put" ? write.value.length : 0);
        }
        return keyValue.batch(writes);
      },
    },
  };
}
