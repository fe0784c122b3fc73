/** `channels run`: runs one scenario and shows what happened. */
import { type Command, Option } from "commander";
import { NodeError } from "../../src/primitives/node-error.ts";
import { ETH } from "../assets.ts";
import { realWorld } from "../real-world.ts";
import type { Scenario } from "../scenario.ts";
import { type SimulatedChain, startSimulatedChain } from "../simulated-chain.ts";
import { finishRun } from "./finished-run.ts";
import {
  parametersFrom,
  parseSeed,
  parseSetting,
  parseTier,
  type RunCommandOptions,
  SEED_MAX,
} from "./run-options.ts";
import { reportLines } from "./run-report.ts";
import { findScenario, loadScenario } from "./scenario-file.ts";
import { EXIT, failure, type Shell } from "./shell.ts";
import { welcomeLines, whatNextLines } from "./welcome.ts";

/** Milliseconds between two looks at the progress: ten a second are a smooth counter. */
const PROGRESS_INTERVAL_MS = 100;

/** Adds the command. */
export function addRunCommand(program: Command, shell: Shell): void {
  program
    .command("run")
    .description("run one scenario against the real contracts and show what happened")
    .argument("<scenario>", "a name from `channels list`, or the path of a scenario file")
    .addOption(
      new Option("--seed <number>", `all chance of the run, 0 to ${SEED_MAX}`)
        .default(1)
        .argParser(parseSeed),
    )
    .addOption(
      new Option("--chain <tier>", "anvil, or evm for the same contracts in this process")
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
    .addOption(new Option("--welcome", "explain the run to a newcomer").default(false))
    .action((name: string, options: RunCommandOptions) => runAndShow(name, options, shell));
}

async function runAndShow(name: string, options: RunCommandOptions, shell: Shell): Promise<void> {
  const scenario = await loadScenario(findScenario(name));
  const parameters = parametersFrom(options.set, scenario);
  if (options.welcome) shell.out(welcomeLines(scenario, shell).join("\n"));
  else shell.out(`${shell.paint.bold(scenario.name)}  ${scenario.summary}\n`);
  const chain = await startChain(options, shell);
  const { fees, result } = await untilChainDies(
    chain,
    finishRun(scenario, {
      seed: options.seed,
      chain,
      parameters,
      signatures: options.signatures,
      onProgress: progressOf(scenario, shell),
    }).catch((error) => {
      throw brokenRun(scenario, error);
    }),
  );
  const assets = [ETH, chain.token];
  shell.out(reportLines({ scenario, result, fees, assets }, shell).join("\n"));
  if (options.welcome) shell.out(whatNextLines(shell).join("\n"));
  shell.finish(result.passed ? EXIT.held : EXIT.checkFailed);
}

/** The chain ends with the program, also when that ends while the chain is still starting. */
async function startChain({ chain }: RunCommandOptions, shell: Shell): Promise<SimulatedChain> {
  shell.progress(`starting the chain (${chain}) and deploying the contracts ...`);
  const starting = startSimulatedChain(chain);
  shell.onEnd(async () => (await starting).local.stop());
  return starting;
}

/** The run may never hear of it: a node that waits for nothing does not ask its chain. */
function untilChainDies<Value>({ local }: SimulatedChain, run: Promise<Value>): Promise<Value> {
  if (local.died === undefined) return run;
  return Promise.race([run, local.died.then((error) => Promise.reject(error))]);
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
