/** `channels fuzz`: random runs with faults and adversaries, until a budget is used up. A failure writes a capsule. */
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { jsonOf } from "../../src/primitives/json.ts";
import { Campaign, type FailureBucket, type Tally } from "../campaign/campaign.ts";
import { type Budget, REPEAT_FRACTION } from "../campaign/settings.ts";
import { realWorld } from "../real-world.ts";
import type { ChainTier } from "../simulated-chain.ts";
import { darkIn, readMarksFile, writeMarksFile } from "./fuzz-marks.ts";
import { sharedPlayers } from "./fuzz-queue.ts";
import {
  againText,
  campaignJson,
  campaignLines,
  capsulePath,
  hasHeld,
  progressText,
} from "./fuzz-report.ts";
import { writeFile } from "./kept-run.ts";
import { parseCount, parseSeed, parseTier, SEED_MAX } from "./run-options.ts";
import { EXIT, failure, type Shell } from "./shell.ts";
import { type ShrunkFailure, shrinkFound } from "./shrink-found.ts";

/** Minutes of a campaign whose user names no budget. */
const MINUTES = 1;

/** Milliseconds between two looks at the progress. */
const PROGRESS_INTERVAL_MS = 200;

type FuzzOptions = {
  readonly seeds?: number;
  readonly minutes?: number;
  readonly from: number;
  readonly chain: ChainTier;
  readonly workers: number;
  readonly queue?: string | true;
  readonly signatures: "real" | "fast";
  readonly out: string;
  readonly expectMarks?: string | true;
  readonly writeMarks?: string;
  readonly repeat: boolean;
  readonly shrink: boolean;
  readonly json: boolean;
};

/** Adds the command. */
export function addFuzzCommand(program: Command, shell: Shell): void {
  program
    .command("fuzz")
    .description("run random scenarios with faults and adversaries; a failure writes a capsule")
    .addOption(new Option("--seeds <number>", "how many seeds to play").argParser(parseCount))
    .addOption(
      new Option("--minutes <number>", `how long to play; ${MINUTES} when neither is given`)
        .argParser(parseMinutes)
        .conflicts("seeds"),
    )
    .addOption(
      new Option("--from <seed>", `the first seed, 0 to ${SEED_MAX}`)
        .default(1)
        .argParser(parseSeed),
    )
    .addOption(
      new Option("--chain <tier>", "evm, model or anvil").default("evm").argParser(parseTier),
    )
    .addOption(
      new Option("--workers <number>", "processes that play")
        .default(availableParallelism(), "one for each core")
        .argParser(parseCount),
    )
    .addOption(
      new Option("--signatures <kind>", "fast skips the mathematics between nodes")
        .default("real")
        .choices(["real", "fast"]),
    )
    .option("--queue [url]", "share the seeds through PostgreSQL; without a URL, one of our own")
    .option("--out <dir>", "where capsules are written", "capsules")
    .option("--expect-marks [file]", "fail when a mark goes dark that as many seeds should meet")
    .option("--write-marks <file>", "write which marks such a run meets, for --expect-marks")
    .option("--no-repeat", "never play a seed again with real signatures on Anvil")
    .option("--no-shrink", "leave failures as they are; `channels shrink` makes them small later")
    .option("--json", "print one JSON document and nothing else", false)
    .action((options: FuzzOptions) => fuzz(options, shell));
}

async function fuzz({ queue, ...options }: FuzzOptions, shell: Shell): Promise<void> {
  const { chain, from, json, signatures, workers } = options;
  const budget = budgetOf(options);
  const expected = readMarksFile(options.expectMarks);
  const players = queue === undefined ? {} : await sharedPlayers(queue, options.out, budget);
  let shownMs = 0;
  const campaign = new Campaign({
    ...players,
    settings: { chain, signatures, repeatFraction: options.repeat ? REPEAT_FRACTION : 0 },
    budget,
    from,
    workers,
    onNewBucket: (bucket) => keep(bucket, options, shell),
    onProgress: (tally) => {
      const nowMs = realWorld.performanceNow();
      if (nowMs - shownMs < PROGRESS_INTERVAL_MS) return;
      shownMs = nowMs;
      shell.progress(progressText(tally));
    },
  });
  const shrunk = new Map<string, ShrunkFailure>();
  // Until the last seed is played, whatever ends it interrupts it.
  let isInterrupted = true;
  let isEnded = false;
  const report = () => {
    return { ...options, budget, isInterrupted, shrunk, dark: darkIn(expected, campaign.tally) };
  };
  const show = (): void => {
    if (json) shell.out(jsonOf(campaignJson(campaign.tally, report()), 2));
    else shell.out(campaignLines(campaign.tally, report(), shell).join("\n"));
  };
  // Whoever ends it early is shown what was found until then.
  const takeBack = shell.onEnd(async () => {
    isEnded = true;
    await campaign.stop();
    show();
  });
  const problem = await campaign.run();
  // Those who play stop for both reasons, and what was found is shown once.
  if (isEnded) return;
  isInterrupted = problem !== undefined;
  await campaign.stop();
  if (options.shrink) await shrinkAll(campaign.tally, options, shell, shrunk);
  takeBack();
  show();
  writeMarksFile(options.writeMarks, campaign.tally);
  if (problem !== undefined) {
    throw failure(problem.isOutside ? EXIT.outsideFailed : EXIT.checkFailed, problem.message);
  }
  shell.finish(hasHeld(campaign.tally, report()) ? EXIT.held : EXIT.checkFailed);
}

/** Writes each kind of failure as a scenario that is as small as a minute makes it. */
async function shrinkAll(
  { buckets }: Tally,
  { out }: FuzzOptions,
  shell: Shell,
  shrunk: Map<string, ShrunkFailure>,
): Promise<void> {
  for (const bucket of buckets.values()) {
    const path = capsulePath(out, bucket);
    if (path === undefined) continue;
    shell.progress(`shrinking ${bucket.oracle} of seed ${bucket.seed} ...`);
    const small = await shrinkFound(path, out, shell);
    if (small !== undefined) shrunk.set(bucket.bucket, small);
  }
}

/** Written at once: what was found is not lost, however the campaign ends. */
function keep(bucket: FailureBucket, options: FuzzOptions, shell: Shell): void {
  const { out } = options;
  const path = capsulePath(out, bucket);
  const what = `${bucket.oracle} failed with seed ${bucket.seed}`;
  if (path === undefined) {
    shell.err(`${what}; to play it again: ${againText(options, bucket.seed, shell.name)}`);
    return;
  }
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw failure(EXIT.outsideFailed, `cannot make the folder ${out}: ${String(error)}`);
  }
  writeFile(path, bucket.capsule);
  shell.err(`${what}; kept as ${path}`);
}

function budgetOf({ minutes, seeds }: FuzzOptions): Budget {
  if (seeds !== undefined) return { type: "Seeds", seeds };
  return { type: "Minutes", minutes: minutes ?? MINUTES };
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && minutes > 0) return minutes;
  throw new InvalidArgumentError("Give a number of minutes above 0, such as 2 or 0.5.");
}
