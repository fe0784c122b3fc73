/** Looking into the past of a node: how long until its state at any offset of its log is there. */
import { realWorld } from "../sim/real-world.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { diffNode, nodeAt, reconstructChannel } from "../src/engine/reconstruction.ts";
import { loadNodeState, openNodeSnapshots } from "../src/engine/start-state.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { type Chance, createChance } from "./chance.ts";
import { openDiskLog } from "./disk-log.ts";
import { filledLog } from "./filled-log.ts";
import { quantile } from "./slices.ts";

const LENGTHS = [10_000, 100_000] as const;
const FULL_LENGTH = 1_000_000;

/** Looks of each kind: the hundredth part is a handful, so that p99 is more than one bad moment. */
const LOOKS = 600;

/** Looks before measuring, so that the code is compiled. */
const WARM_UP = 100;

/** Events between the two moments that are compared. */
const APART = 100;

export const benchmark: Benchmark = {
  name: "time-travel",
  question: "How long does it take to see a node as it was at any offset of its log?",
  run: async ({ full }) => {
    const figures: Figure[] = [];
    for (const length of full ? [...LENGTHS, FULL_LENGTH] : LENGTHS) {
      figures.push(...(await measureLog(await filledLog(length, { snapshots: true }), length)));
    }
    return { figures };
  },
};

async function measureLog(folder: string, length: number): Promise<readonly Figure[]> {
  const { disk, store } = await openDiskLog(folder);
  const snapshots = await openNodeSnapshots(disk.keyValue, store);
  const { state } = await loadNodeState(store, snapshots);
  const channels = [...state.channels.keys()];
  const chance = createChance(length);
  const looks = {
    "the node": async () => {
      await nodeAt(store, anyOffset(chance, length), snapshots);
    },
    "one of its channels": async () => {
      const upTo = anyOffset(chance, length);
      await reconstructChannel(store, anyChannel(chance, channels), upTo, snapshots);
    },
    [`what changed within ${APART} events`]: async () => {
      const from = chance.below(length - APART);
      const changed = await diffNode(store, from, from + APART, snapshots);
      assert(changed.length > 0, "events change something");
    },
  };
  const figures: Figure[] = [];
  for (const [what, look] of Object.entries(looks)) {
    figures.push(
      ...figuresOf(`${what}, in ${length.toLocaleString("en-US")} events`, await time(look)),
    );
  }
  await disk.close();
  return figures;
}

function figuresOf(what: string, timesMs: readonly number[]): readonly Figure[] {
  return [
    { what: `${what}, median`, value: quantile(timesMs, 0.5), unit: "ms", better: "lower" },
    { what: `${what}, p99`, value: quantile(timesMs, 0.99), unit: "ms", better: "lower", goal: 5 },
  ];
}

async function time(look: () => Promise<void>): Promise<readonly number[]> {
  const timesMs: number[] = [];
  for (let count = 0; count < WARM_UP + LOOKS; count += 1) {
    const startedMs = realWorld.performanceNow();
    await look();
    if (count >= WARM_UP) timesMs.push(realWorld.performanceNow() - startedMs);
  }
  return timesMs;
}

function anyOffset(chance: Chance, length: number): number {
  return 1 + chance.below(length);
}

function anyChannel(chance: Chance, channels: readonly ChannelId[]): ChannelId {
  return assertDefined(channels[chance.below(channels.length)], "a channel");
}
