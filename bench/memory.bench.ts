/** The memory of a node for its log: of the open store and of the state that follows from its events. */
import { join } from "node:path";
import type { Benchmark, Figure } from "./benchmark.ts";
import { runChild } from "./child.ts";
import { filledLog } from "./filled-log.ts";
import { withScratch } from "./scratch.ts";
import { median } from "./slices.ts";

const LENGTHS = [1_000, 10_000, 100_000] as const;
const FULL_LENGTH = 1_000_000;

/** The log that the floor and the goal are about. */
const USUAL_LENGTH = 10_000;

/** Processes of each kind: the size of one depends on when its collector ran. */
const PROCESSES = 3;

export const benchmark: Benchmark = {
  name: "memory",
  question: "How much memory does a process take that holds a log open, and the state of its node?",
  run: async ({ full }) => {
    const nothing = await residentMb();
    const empty = await withScratch((folder) => residentMb(join(folder, "log")));
    const figures: Figure[] = [
      { what: "a process that does nothing", value: nothing, unit: "MB" },
      {
        what: "a node with an empty log, above a process that does nothing",
        value: empty - nothing,
        unit: "MB",
        better: "lower",
      },
    ];
    for (const length of full ? [...LENGTHS, FULL_LENGTH] : LENGTHS) {
      for (const snapshots of [false, true]) {
        const filled = await residentMb(await filledLog(length, { snapshots }));
        const events = `${length.toLocaleString("en-US")} events`;
        figures.push({
          what: `${events}, ${snapshots ? "with" : "without"} snapshots, above an empty log`,
          value: filled - empty,
          unit: "MB",
          better: "lower",
          ...(length === USUAL_LENGTH ? { floor: 50, goal: 10 } : {}),
        });
      }
    }
    return { figures };
  },
};

async function residentMb(...inputs: readonly string[]): Promise<number> {
  const found: number[] = [];
  for (let count = 0; count < PROCESSES; count += 1) {
    const { answer } = await runChild<{ rssBytes: number }>("bench/memory-child.ts", ...inputs);
    found.push(answer.rssBytes / 1e6);
  }
  return median(found);
}
