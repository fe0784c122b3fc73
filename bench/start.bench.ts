/** From the start of a process to the moment in which its node could sign. */
import { join } from "node:path";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { runChild } from "./child.ts";
import { filledLog } from "./filled-log.ts";
import { withScratch } from "./scratch.ts";
import { median } from "./slices.ts";

const LENGTHS = [10_000, 100_000] as const;
const FULL_LENGTH = 1_000_000;

/** The log that the floor is about, and the one that the goal is about. */
const FLOOR_LENGTH = 10_000;
const GOAL_LENGTH = FULL_LENGTH;

/** Starts of each kind. The first ones bring the files into memory, as a restart finds them. */
const STARTS = 7;

/** Starts over all of the longest log: each takes seconds. */
const LONG_STARTS = 2;

export const benchmark: Benchmark = {
  name: "start",
  question: "How long does a node take from the start of its process until it could sign?",
  run: async ({ full }) => {
    const empty = await withScratch((folder) => startMs(join(folder, "log"), 0));
    const figures: Figure[] = [
      { what: "ready to sign, empty log", value: empty, unit: "ms", better: "lower" },
    ];
    for (const length of full ? [...LENGTHS, FULL_LENGTH] : LENGTHS) {
      const events = `${length.toLocaleString("en-US")} events`;
      const starts = length === FULL_LENGTH ? LONG_STARTS : STARTS;
      const without = await startMs(await filledLog(length), length, starts);
      const withSnapshots = await startMs(await filledLog(length, { snapshots: true }), length);
      figures.push(
        {
          what: `ready to sign, ${events}, no snapshot`,
          value: without,
          unit: "ms",
          better: "lower",
          ...(length === FLOOR_LENGTH ? { floor: 1000 } : {}),
        },
        {
          what: `ready to sign, ${events} and a snapshot`,
          value: withSnapshots,
          unit: "ms",
          better: "lower",
          ...(length === GOAL_LENGTH ? { goal: 300 } : {}),
        },
      );
    }
    return { figures };
  },
};

async function startMs(folder: string, length: number, starts: number = STARTS): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < starts; count += 1) {
    const { answer, tookMs } = await runChild<{ events: number }>("bench/start-child.ts", folder);
    assert(answer.events === length, "the node has read its whole log");
    times.push(tookMs);
  }
  return median(times);
}
