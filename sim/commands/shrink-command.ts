/** `channels shrink`: makes the plan of a capsule as small as it gets, and writes it as a scenario with its test. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { jsonOf } from "../../src/primitives/json.ts";
import { realWorld } from "../real-world.ts";
import { bucketOf } from "../search/bucket.ts";
import { type Capsule, presentVersions, writeCapsule } from "../search/capsule.ts";
import { failureReportLines } from "../search/failure-report.ts";
import { runPlanned } from "../search/planned-run.ts";
import {
  type ScenarioStory,
  scenarioNameOf,
  scenarioTestText,
  scenarioText,
} from "../search/scenario-text.ts";
import { type Shrunk, shrink } from "../search/shrink.ts";
import { createJudge, heldIn } from "../search/shrink-judge.ts";
import { shrinkPlan } from "../search/shrink-plan.ts";
import { readShrinkState, type ShrinkOrigin, shrinkStateText } from "../search/shrink-state.ts";
import { stepsOf, type Verdict } from "../search/shrink-trial.ts";
import type { ChainTier, SimulatedChain } from "../simulated-chain.ts";
import { readCapsuleFile } from "./capsule-file.ts";
import { writeFile } from "./kept-run.ts";
import { parseTier } from "./run-options.ts";
import { EXIT, failure, type Shell } from "./shell.ts";
import { startChain, untilChainDies } from "./started-chain.ts";

type ShrinkCommandOptions = {
  readonly chain?: ChainTier;
  readonly json: boolean;
  readonly minutes?: number;
  readonly out?: string;
};

/** Milliseconds between two looks at the progress. */
const PROGRESS_INTERVAL_MS = 100;

/** Milliseconds between two savings of where the search is: what a kill can cost. */
const SAVE_INTERVAL_MS = 5_000;

/** This installation: tests inside it carry a kind. */
const ROOT: string = join(import.meta.dir, "..", "..");

/** Adds the command. */
export function addShrinkCommand(program: Command, shell: Shell): void {
  program
    .command("shrink")
    .description("find the smallest scenario that still fails as a capsule does")
    .argument("<capsule>", "a file that `channels fuzz` wrote")
    .addOption(
      new Option(
        "--chain <tier>",
        "anvil, evm or model; the one it failed on when absent",
      ).argParser(parseTier),
    )
    .addOption(
      new Option("--minutes <number>", "stop after so long; called again, it goes on").argParser(
        parseMinutes,
      ),
    )
    .option("--out <dir>", "where the scenario, its test and its capsule are written")
    .option("--json", "print one JSON document and nothing else", false)
    .action((path: string, options: ShrinkCommandOptions) => shrinkFile(path, options, shell));
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && minutes > 0) return minutes;
  throw new InvalidArgumentError("Give a number of minutes above 0, such as 1 or 0.5.");
}

async function shrinkFile(
  path: string,
  options: ShrinkCommandOptions,
  shell: Shell,
): Promise<void> {
  const startedMs = realWorld.performanceNow();
  const { capsule } = readCapsuleFile(path);
  const chain = await startChain(options.chain ?? capsule.chain, shell);
  const files = filesOf(path, options.out ?? dirname(path));
  const shrunk = await untilChainDies(chain, search({ capsule, chain, files }, options, shell));
  const { plan } = shrunk;
  const small = await untilChainDies(chain, judgeAnew({ ...capsule, plan }, chain, files, shell));
  const kept = writeFiles(files, small.capsule);
  shell.progress("");
  const wallMs = realWorld.performanceNow() - startedMs;
  const before = stepsOf(capsule.plan);
  if (options.json) {
    const { bucket, oracle } = small.capsule.failure;
    const { isDone, runs, steps, tries } = shrunk;
    const found = { capsule: path, oracle, bucket, isDone, stepsBefore: before, steps };
    shell.out(jsonOf({ ...found, tries, runs, wallMs, files: kept, report: small.report }, 2));
  } else {
    shell.out([...small.report, ...endLines(path, shrunk, before, kept, shell)].join("\n"));
  }
}

/** Where everything is written. */
type Files = Readonly<Record<"name" | "capsule" | "scenario" | "test" | "state", string>>;

function filesOf(path: string, out: string): Files {
  const name = scenarioNameOf(basename(path));
  const within = (ending: string): string => join(out, `${name}${ending}`);
  return {
    name,
    capsule: within(".small.capsule.json"),
    scenario: within(".scenario.ts"),
    test: within(".test.ts"),
    state: within(".shrinking.json"),
  };
}

type Place = {
  readonly capsule: Capsule;
  readonly chain: SimulatedChain;
  readonly files: Files;
};

async function search(
  { capsule, chain, files }: Place,
  { minutes }: ShrinkCommandOptions,
  shell: Shell,
): Promise<Shrunk> {
  const origin = { ...capsule, chain: chain.local.tier };
  const known = readState(files, origin);
  const judge = createJudge(capsule, chain);
  const hints = await judge.begin();
  if (hints === undefined) {
    const claim = `it does not fail any more by the oracle "${capsule.failure.oracle}"`;
    throw failure(EXIT.checkFailed, `there is nothing to shrink: on ${chain.local.tier}, ${claim}`);
  }
  const verdicts: Verdict[] = [];
  const save = (): void => writeFile(files.state, shrinkStateText(origin, verdicts));
  const forget = shell.onEnd(async () => save());
  const startMs = realWorld.performanceNow();
  const untilMs = minutes === undefined ? Number.POSITIVE_INFINITY : startMs + minutes * 60_000;
  const show = createProgress(shell, save);
  const shrunk = await shrink(capsule.plan, shrinkPlan(capsule.plan, hints), {
    judge: judge.judge,
    known,
    isStopped: () => realWorld.performanceNow() >= untilMs,
    onVerdict: (verdict) => verdicts.push(verdict),
    onProgress: show,
  });
  forget();
  if (shrunk.isDone) rmSync(files.state, { force: true });
  else save();
  return shrunk;
}

function readState(files: Files, origin: ShrinkOrigin): readonly Verdict[] {
  if (!existsSync(files.state)) return [];
  return readShrinkState(readFileSync(files.state, "utf8"), origin) ?? [];
}

/** Shows how far it is, and saves that now and then. */
function createProgress(
  shell: Shell,
  save: () => void,
): (progress: { readonly steps: number; readonly runs: number }) => void {
  const startMs = realWorld.performanceNow();
  let [shownMs, savedMs] = [0, startMs];
  return ({ runs, steps }) => {
    const nowMs = realWorld.performanceNow();
    if (nowMs - savedMs >= SAVE_INTERVAL_MS) {
      savedMs = nowMs;
      save();
    }
    if (nowMs - shownMs < PROGRESS_INTERVAL_MS) return;
    shownMs = nowMs;
    const rate = (runs * 1_000) / Math.max(1, nowMs - startMs);
    shell.progress(`shrinking: ${steps} steps left, ${runs} tries, ${rate.toFixed(1)} runs/s`);
  };
}

/** The small failure: its capsule, and its report. */
async function judgeAnew(
  capsule: Capsule,
  chain: SimulatedChain,
  files: Files,
  { name, paint }: Shell,
): Promise<{ readonly capsule: Capsule; readonly report: readonly string[] }> {
  const { plan, signatures } = capsule;
  const result = await runPlanned(files.name, plan, { chain, signatures });
  const violation = heldIn(result.violations, capsule.failure) ?? capsule.failure;
  const bucket = bucketOf(violation);
  const { assumptions, chain: tier, trace, traceHash, virtualMs } = result;
  const commands = [
    `bun test ./${relative(".", resolve(files.test))}`,
    `${name} replay ${files.capsule} --keep kept`,
    `${name} step kept/trace.json`,
  ];
  const about = { plan, chain: tier, violation, bucket, assumptions, trace, virtualMs, commands };
  return {
    capsule: {
      ...capsule,
      chain: tier,
      failure: { ...violation, bucket },
      traceHash,
      versions: presentVersions(),
    },
    report: failureReportLines(about, paint),
  };
}

function writeFiles(files: Files, capsule: Capsule): readonly string[] {
  const { capsule: capsulePath, name, scenario, test } = files;
  const story: ScenarioStory = { name, capsule };
  writeFile(capsulePath, writeCapsule(capsule));
  writeFile(scenario, scenarioText(story));
  writeFile(test, scenarioTestText(story, kindPathFor(test)));
  return [capsulePath, scenario, test];
}

/** Where a test inside this repository finds its kinds; undefined outside. */
function kindPathFor(test: string): string | undefined {
  const isInside = !relative(ROOT, resolve(test)).startsWith("..");
  if (!isInside) return undefined;
  const path = relative(dirname(resolve(test)), join(ROOT, "test", "kind.ts"));
  return path.startsWith(".") ? path : `./${path}`;
}

function endLines(
  path: string,
  { isDone, runs, steps }: Shrunk,
  before: number,
  kept: readonly string[],
  { name, paint }: Shell,
): readonly string[] {
  const how = isDone
    ? `${paint.green("SHRUNK")}   from ${before} steps to ${steps}, in ${runs} runs`
    : `${paint.yellow("STOPPED")}  at ${steps} of ${before} steps; \`${name} shrink ${path}\` goes on from there`;
  return [how, ...kept.map((file) => `         wrote ${file}`)];
}
