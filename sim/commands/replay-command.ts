/** `channels replay`: runs the plan of a capsule again, and says whether it still fails. */
import { type Command, Option } from "commander";
import { jsonOf } from "../../src/primitives/json.ts";
import { ETH } from "../assets.ts";
import { realWorld } from "../real-world.ts";
import type { RunResult } from "../run-scenario.ts";
import { bucketOf } from "../search/bucket.ts";
import { type Capsule, presentVersions, type ReadCapsule } from "../search/capsule.ts";
import { failureReportLines } from "../search/failure-report.ts";
import { definePlan } from "../search/plan-scenario.ts";
import type { ChainTier, SimulatedChain } from "../simulated-chain.ts";
import type { Violation } from "../violation.ts";
import { readCapsuleFile } from "./capsule-file.ts";
import { type FinishedRun, finishRun } from "./finished-run.ts";
import { type KeepLog, keepRun } from "./kept-run.ts";
import { parseTier } from "./run-options.ts";
import { summaryOf } from "./run-summary.ts";
import { EXIT, type Shell } from "./shell.ts";
import { startChain, untilChainDies } from "./started-chain.ts";

type ReplayOptions = {
  readonly chain?: ChainTier;
  readonly json: boolean;
  readonly keep?: string;
};

/** Milliseconds between two looks at the progress. */
const PROGRESS_INTERVAL_MS = 100;

/** Adds the command. */
export function addReplayCommand(program: Command, shell: Shell, keepLog: KeepLog): void {
  program
    .command("replay")
    .description("run the failure in a capsule again, and say whether it still fails")
    .argument("<capsule>", "a file that `channels fuzz` or `channels shrink` wrote")
    .addOption(
      new Option(
        "--chain <tier>",
        "anvil, evm or model; the one it failed on when absent",
      ).argParser(parseTier),
    )
    .option("--json", "print one JSON document and nothing else", false)
    .option("--keep <dir>", "write the trace and each node's log into this folder")
    .action((path: string, options: ReplayOptions) => replay(path, options, shell, keepLog));
}

async function replay(
  path: string,
  options: ReplayOptions,
  shell: Shell,
  keepLog: KeepLog,
): Promise<void> {
  const read = readCapsuleFile(path);
  const chain = await startChain(options.chain ?? read.capsule.chain, shell);
  const run = await untilChainDies(chain, runCapsule(path, read.capsule, chain, shell));
  shell.progress("");
  const { result } = run;
  const outcome = outcomeOf(read, result);
  const report = reportLines(path, read.capsule, result, shell);
  if (options.keep !== undefined) {
    await keepRun(options.keep, summaryOf(run, {}, [ETH, chain.token]), run, keepLog);
    shell.err(`kept in ${options.keep}: trace.json, and the log of each actor`);
  }
  if (options.json) shell.out(jsonOf({ ...outcome, ...factsOf(read.capsule, result), report }, 2));
  else shell.out([...report, ...outcomeLines(read, result, outcome, shell)].join("\n"));
  shell.finish(result.passed ? EXIT.held : EXIT.checkFailed);
}

async function runCapsule(
  path: string,
  { plan, signatures }: Capsule,
  chain: SimulatedChain,
  shell: Shell,
): Promise<FinishedRun> {
  let shownMs = 0;
  const onProgress = (virtualMs: number): void => {
    const nowMs = realWorld.performanceNow();
    if (nowMs - shownMs < PROGRESS_INTERVAL_MS) return;
    shownMs = nowMs;
    shell.progress(`replaying ${path}: ${(virtualMs / 1_000).toFixed(1)} virtual seconds`);
  };
  const story = { name: "replay", summary: "the plan of a capsule", ...plan };
  return finishRun(definePlan(story), { seed: plan.seed, chain, signatures, onProgress });
}

/** What came of a replay. */
type Outcome = {
  /** The oracle of the capsule found something; another one did; or nothing was found. */
  readonly outcome: "FailsAgain" | "FailsOtherwise" | "Holds";
  readonly isSameBucket: boolean;
  readonly isSameTrace: boolean;
  readonly isEdited: boolean;
};

function outcomeOf({ capsule, edited }: ReadCapsule, result: RunResult): Outcome {
  const found = heldViolation(capsule, result);
  const isOther = found !== undefined && found.oracle !== capsule.failure.oracle;
  return {
    outcome: found === undefined ? "Holds" : isOther ? "FailsOtherwise" : "FailsAgain",
    isSameBucket: found !== undefined && bucketOf(found) === capsule.failure.bucket,
    isSameTrace: result.traceHash === capsule.traceHash,
    isEdited: edited,
  };
}

/** What the capsule's oracle found, in its bucket before others; else what another one found first. */
function heldViolation({ failure }: Capsule, { violations }: RunResult): Violation | undefined {
  const held = violations.filter(({ oracle }) => oracle === failure.oracle);
  const same = held.find((one) => bucketOf(one) === failure.bucket);
  return same ?? held[0] ?? violations[0];
}

function reportLines(
  path: string,
  capsule: Capsule,
  result: RunResult,
  { name, paint }: Shell,
): readonly string[] {
  const violation = heldViolation(capsule, result);
  if (violation === undefined) return [];
  const { assumptions, chain, trace, virtualMs } = result;
  const { plan } = capsule;
  const bucket = bucketOf(violation);
  const commands = [
    `${name} replay ${path} --keep kept`,
    `${name} step kept/trace.json`,
    `${name} shrink ${path}`,
  ];
  const about = { plan, chain, violation, bucket, assumptions, trace, virtualMs, commands };
  return failureReportLines(about, paint);
}

function outcomeLines(
  { capsule, edited }: ReadCapsule,
  { chain, traceHash }: RunResult,
  { isSameTrace, outcome }: Outcome,
  { paint }: Shell,
): readonly string[] {
  const { oracle } = capsule.failure;
  const claim = {
    FailsAgain: `${paint.red("FAILS AGAIN")}  the oracle "${oracle}" found it again`,
    FailsOtherwise: `${paint.red("FAILS OTHERWISE")}  the oracle "${oracle}" found nothing, another one did`,
    Holds: `${paint.green("HOLDS")}  no oracle found anything: what the capsule shows is mended, or was never here`,
  }[outcome];
  const why = whyOther(capsule, chain, edited);
  const trace = isSameTrace ? "the same as when it failed" : `another than when it failed${why}`;
  return [claim, `trace ${traceHash}: ${trace}`];
}

/** Reasons why a run need not be the one of the capsule; the code may have changed besides. */
function whyOther({ chain, versions }: Capsule, tier: ChainTier, edited: boolean): string {
  const present = presentVersions();
  const changed = (Object.keys(present) as (keyof typeof present)[]).filter(
    (program) => present[program] !== versions[program],
  );
  const reasons = [
    ...(edited ? ["the capsule was edited"] : []),
    ...(tier === chain ? [] : [`it failed on ${chain}`]),
    ...changed.map((program) => `${program} was ${versions[program]}`),
  ];
  return reasons.length === 0 ? ": the code is another" : `: ${reasons.join(", ")}`;
}

function factsOf({ failure, plan, traceHash, versions }: Capsule, result: RunResult): object {
  const { assumptions, chain, messages, signatures, transactions, violations } = result;
  return {
    oracle: failure.oracle,
    bucket: failure.bucket,
    seed: plan.seed,
    chain,
    signatures,
    traceHash: result.traceHash,
    capsuleTraceHash: traceHash,
    versions: { ofCapsule: versions, present: presentVersions() },
    assumptions,
    violations,
    virtualMs: result.virtualMs,
    wallMs: result.wallMs,
    messages,
    transactions,
  };
}
