/** `channels run`: runs one scenario and shows what happened. */
import { type Command, Option } from "commander";
import { jsonOf } from "../../src/primitives/json.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { ETH } from "../assets.ts";
import { realWorld } from "../real-world.ts";
import type { Parameters, Scenario } from "../scenario.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import { compareTraces, type StepDifference, stepLines } from "./compare-traces.ts";
import { type FinishedRun, finishRun } from "./finished-run.ts";
import { type KeepLog, keepRun, writeFile } from "./kept-run.ts";
import { mermaidText } from "./mermaid.ts";
import {
  parametersFrom,
  parseSeed,
  parseSetting,
  parseTier,
  type RunCommandOptions,
  SEED_MAX,
} from "./run-options.ts";
import { reportLines } from "./run-report.ts";
import { type RunSummary, summaryOf } from "./run-summary.ts";
import { findScenario, loadScenario } from "./scenario-file.ts";
import { runAgain } from "./second-run.ts";
import { EXIT, failure, type Shell } from "./shell.ts";
import { startChain, untilChainDies } from "./started-chain.ts";
import { parseTraceFile, traceFileText } from "./trace-file.ts";
import { welcomeLines, whatNextLines } from "./welcome.ts";

/** Milliseconds between two looks at the progress: ten a second are a smooth counter. */
const PROGRESS_INTERVAL_MS = 100;

/** Adds the command. */
export function addRunCommand(program: Command, shell: Shell, keepLog: KeepLog): void {
  program
    .command("run")
    .description("run one scenario against the contracts and show what happened")
    .argument("<scenario>", "a name from `channels list`, or the path of a scenario file")
    .addOption(
      new Option("--seed <number>", `all chance of the run, 0 to ${SEED_MAX}`)
        .default(1)
        .argParser(parseSeed),
    )
    .addOption(
      new Option(
        "--chain <tier>",
        "anvil, evm for the same contracts in this process, or model for our own words for them",
      )
        .default("anvil")
        .argParser(parseTier),
    )
    .addOption(
      new Option("--set <name=value>", "set a parameter of the scenario; may be repeated")
        .default([], "none")
        .argParser(parseSetting),
    )
    .addOption(
      new Option("--signatures <kind>", "fast skips the mathematics between nodes")
        .default("real")
        .choices(["real", "fast"]),
    )
    .option("--twice", "run it again in a second process and compare", false)
    .option("--json", "print one JSON document and nothing else", false)
    .option("--keep <dir>", "write the trace and each node's log into this folder")
    .option("--diagram <file>", "write the diagram of the run as a Mermaid file")
    .option("--welcome", "explain the run to a newcomer", false)
    .addOption(new Option("--print-trace").default(false).hideHelp())
    .action((name: string, options: RunCommandOptions) =>
      runAndShow(name, options, shell, keepLog),
    );
}

async function runAndShow(
  name: string,
  options: RunCommandOptions,
  shell: Shell,
  keepLog: KeepLog,
): Promise<void> {
  const path = findScenario(name);
  const scenario = await loadScenario(path);
  const chosen = parametersFrom(options.set, scenario);
  const isQuiet = options.json || options.printTrace;
  if (!isQuiet) shell.out(headLines(scenario, options, shell).join("\n"));
  const chain = await startChain(options.chain, shell);
  const run = await runOnce(scenario, chain, options, chosen, shell);
  const assets = [ETH, chain.token];
  const summary = summaryOf(run, { ...scenario.parameters, ...chosen }, assets);
  if (options.printTrace) return shell.out(traceFileText(summary, run));
  if (!isQuiet) shell.out(reportLines({ scenario, assets, ...run }, shell).join("\n"));
  await writeFiles({ scenario, run, summary }, options, shell, keepLog);
  const twice = options.twice
    ? await compareWithSecond(path, { run, summary }, options, shell)
    : undefined;
  if (options.json) {
    const again = twice === undefined ? {} : { twice };
    shell.out(jsonOf({ ...summary, wallMs: run.result.wallMs, ...again }, 2));
  }
  if (options.welcome && !isQuiet) shell.out(whatNextLines(shell).join("\n"));
  const held = run.result.passed && twice?.isSame !== false;
  shell.finish(held ? EXIT.held : EXIT.checkFailed);
}

function headLines(
  scenario: Scenario,
  { welcome }: RunCommandOptions,
  shell: Shell,
): readonly string[] {
  if (welcome) return welcomeLines(scenario, shell);
  return [`${shell.paint.bold(scenario.name)}  ${scenario.summary}`, ""];
}

async function runOnce(
  scenario: Scenario,
  chain: SimulatedChain,
  { seed, signatures }: RunCommandOptions,
  parameters: Parameters,
  shell: Shell,
): Promise<FinishedRun> {
  const onProgress = progressOf(scenario, shell);
  const running = finishRun(scenario, { seed, chain, parameters, signatures, onProgress });
  const blamed = running.catch((error) => {
    throw brokenRun(scenario, error);
  });
  return untilChainDies(chain, blamed);
}

type Finished = {
  readonly scenario: Scenario;
  readonly run: FinishedRun;
  readonly summary: RunSummary;
};

async function writeFiles(
  { run, scenario, summary }: Finished,
  { diagram, keep }: RunCommandOptions,
  shell: Shell,
  keepLog: KeepLog,
): Promise<void> {
  if (keep !== undefined) {
    await keepRun(keep, summary, run, keepLog);
    shell.err(`kept in ${keep}: trace.json, and the log of each actor`);
  }
  if (diagram !== undefined) {
    writeFile(diagram, mermaidText(scenario, run.result));
    shell.err(`wrote the diagram to ${diagram}`);
  }
}

/** Whether a second process saw the same run, and what it saw instead. */
type Comparison = {
  readonly isSame: boolean;
  readonly traceHash: string;
  readonly firstDifference?: StepDifference;
};

async function compareWithSecond(
  path: string,
  { run, summary }: Pick<Finished, "run" | "summary">,
  options: RunCommandOptions,
  shell: Shell,
): Promise<Comparison> {
  const second = await runAgain(path, options, shell);
  const first = parseTraceFile(traceFileText(summary, run), "the trace of this process");
  const { firstStep } = compareTraces(first, second);
  const { traceHash } = second;
  const show = options.json ? shell.err : shell.out;
  if (firstStep === undefined && traceHash === first.traceHash) {
    show(`${shell.paint.green("SAME")}    a second process gave the same trace hash`);
    return { isSame: true, traceHash };
  }
  const lines = firstStep === undefined ? [] : stepLines(firstStep);
  const claim = `a second process gave another run, ${traceHash}`;
  show([`${shell.paint.red("FAILED")}  ${claim}`, ...lines].join("\n"));
  return {
    isSame: false,
    traceHash,
    ...(firstStep === undefined ? {} : { firstDifference: firstStep }),
  };
}

function progressOf({ name }: Scenario, shell: Shell): (virtualMs: number) => void {
  let shownMs = 0;
  return (virtualMs) => {
    const nowMs = realWorld.performanceNow();
    if (nowMs - shownMs < PROGRESS_INTERVAL_MS) return;
    shownMs = nowMs;
    shell.progress(`running ${name}: ${(virtualMs / 1_000).toFixed(1)} virtual seconds`);
  };
}

/** What a script throws is a fault of the script, unless the world outside failed. */
function brokenRun({ name }: Scenario, error: unknown): unknown {
  if (error instanceof NodeError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failure(
    EXIT.checkFailed,
    `the run of ${name} broke, in its script or in channels:\n${text}`,
  );
}
