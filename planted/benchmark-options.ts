/** What `bun run planted` can be asked for. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/** One call of the benchmark. */
export type BenchmarkOptions = {
  /** Hunts for each bug, each from other seeds. */
  readonly seeds: number;
  /** Core-minutes of each hunt. */
  readonly minutes: number;
  /** Part of a bug's name; empty for all. */
  readonly bug: string;
  /** Bugs that are hunted for at once. */
  readonly jobs: number;
  /** File to which hunts are added as they end, and out of which those that are over are taken; empty for none. */
  readonly log: string;
  readonly aimed: boolean;
  readonly check: boolean;
  readonly json: boolean;
};

export const USAGE = `bun run planted: how long the search takes to find each planted bug

  --seeds N      hunts for each bug, each from other seeds (20)
  --minutes M    core-minutes of each hunt at the most (40)
  --bug NAME     only bugs with this in their names
  --jobs N       bugs that are hunted for at once (as many as there are cores)
  --log FILE     add each hunt to FILE as it ends; what is in it already is not hunted for again
                 (another FILE for other --minutes, or with --aimed)
  --aimed        draw only what the bug is known to need
  --check        instead: does each copy compile, and hold where nothing goes wrong?
  --json         print JSON instead of a table
`;

/** Reads them. Throws an `Error` that says what is wrong with an argument; undefined where help is asked for. */
export function readOptions(words: readonly string[]): BenchmarkOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seeds: { type: "string", default: "20" },
      minutes: { type: "string", default: "40" },
      bug: { type: "string", default: "" },
      jobs: { type: "string", default: `${availableParallelism()}` },
      log: { type: "string", default: "" },
      aimed: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && Number.isFinite(minutes))) throw new Error("--minutes is a number above 0");
  const [seeds, jobs] = [whole("seeds", values.seeds), whole("jobs", values.jobs)];
  const { aimed, bug, check, json, log } = values;
  return { seeds, minutes, bug, jobs, log, aimed, check, json };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} is a whole number above 0`);
  return value;
}
