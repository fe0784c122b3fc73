/** Runs one scenario once: sets up a world, directs it, and checks what came of it. */
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import { type Balances, readBalances } from "./balances.ts";
import { beginSimulation } from "./banned-globals.ts";
import { checkCausality } from "./checkers/causality.ts";
import { checkLog } from "./checkers/log.ts";
import { watchWorld } from "./checkers/oracles.ts";
import { checkReplay } from "./checkers/replay.ts";
import { type ObjectiveEnd, objectivesOf } from "./objective-ends.ts";
import { realWorld } from "./real-world.ts";
import { type Parameters, type Scenario, ScenarioFailure } from "./scenario.ts";
import { runPlanned } from "./search/planned-run.ts";
import { compareWithDiagram, type Sequence } from "./sequence.ts";
import type { ChainTier, SimulatedChain } from "./simulated-chain.ts";
import { createStage } from "./stage.ts";
import { standInSignatures } from "./stand-in-signatures.ts";
import { arrowsOf, type TraceEntry } from "./trace.ts";
import type { Violation } from "./violation.ts";
import { QUIET_MAX_MS, settleMicrotasks, World } from "./world.ts";

/** How to run. */
export type RunOptions = {
  readonly seed: number;
  readonly chain: SimulatedChain;
  readonly parameters?: Parameters;
  /** `fast` swaps in signatures that only this process can check; the chain still gets real ones. */
  readonly signatures?: "real" | "fast";
  /** How often each node takes a snapshot; the engine's own choice when absent. */
  readonly eventsPerSnapshot?: number;
  readonly onProgress?: (virtualMs: number) => void;
  /** Sees the world when the script is over, before it is taken down. */
  readonly inspect?: (world: World) => Promise<void>;
};

/** What a run came to. */
export type RunResult = {
  readonly scenario: string;
  readonly seed: number;
  readonly chain: ChainTier;
  readonly signatures: string;
  readonly passed: boolean;
  /** What was promised to honest nodes and did not hold; then no oracle asks whether they are solvent. */
  readonly assumptions: readonly string[];
  /** True when the run was compared with a diagram: with some parameters a scenario may have none. */
  readonly hasDiagram: boolean;
  readonly traceHash: Hex;
  readonly virtualMs: number;
  readonly wallMs: number;
  readonly messages: number;
  readonly transactions: number;
  readonly gasUsed: bigint;
  readonly balances: readonly Balances[];
  readonly objectives: readonly ObjectiveEnd[];
  readonly violations: readonly Violation[];
  readonly trace: readonly TraceEntry[];
};

/** Runs the scenario. Throws only when the world outside fails, such as a chain that died. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  if (scenario.plan !== undefined) return runPlanned(scenario.name, scenario.plan, options);
  const { chain, seed } = options;
  const startedMs = realWorld.performanceNow();
  await chain.local.reset();
  const parameters = { ...scenario.parameters, ...options.parameters };
  const world = createWorld(scenario, options);
  const before = await readBalances(chain, scenario.cast);
  const oracles = await watchWorld(world);
  const endSimulation = beginSimulation();
  try {
    await direct(world, scenario, parameters);
  } finally {
    for (const node of world.nodes.values()) if (node.isRunning) node.engine.stop();
    if (world.tower?.isRunning) world.tower.tower.stop();
    endSimulation();
  }
  const after = await readBalances(chain, scenario.cast);
  const balances = before.map((start, index) => ({ ...start, ...pick(after[index]) }));
  const diagram = diagramOf(scenario, parameters);
  checkDiagram(world, diagram);
  await oracles.finish();
  await options.inspect?.(world);
  const { entries, hash } = world.trace;
  return {
    scenario: scenario.name,
    seed,
    chain: chain.local.tier,
    signatures: world.options.signatures.name,
    passed: world.violations.length === 0,
    assumptions: world.faults.assumptions,
    hasDiagram: diagram !== undefined,
    traceHash: hash,
    virtualMs: world.virtualMs,
    wallMs: realWorld.performanceNow() - startedMs,
    messages: entries.filter(({ type }) => type === "Frame").length,
    transactions: world.miner.receipts.length,
    gasUsed: world.miner.receipts.reduce((sum, receipt) => sum + receipt.gasUsed, 0n),
    balances,
    objectives: objectivesOf(world),
    violations: world.violations,
    trace: entries,
  };
}

function createWorld(scenario: Scenario, options: RunOptions): World {
  const { chain, eventsPerSnapshot, onProgress, seed, signatures } = options;
  return new World({
    seed,
    cast: scenario.cast,
    chain,
    network: scenario.network,
    secure: scenario.secure,
    conditions: scenario.chain,
    fees: scenario.fees,
    challengeDurationSec: scenario.challengeDurationSec,
    watched: scenario.watched,
    cheating: scenario.cheating,
    ...(scenario.disputeAfterMs === undefined ? {} : { disputeAfterMs: scenario.disputeAfterMs }),
    signatures: signatures === "fast" ? standInSignatures() : signatureBackend,
    ...(eventsPerSnapshot === undefined ? {} : { eventsPerSnapshot }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

async function direct(world: World, scenario: Scenario, parameters: Parameters): Promise<void> {
  world.miner.start();
  let isOver = false;
  const story = tell(world, scenario, parameters).finally(() => {
    isOver = true;
  });
  // An error of the script is read below; until then nothing may call it unhandled.
  story.catch(() => undefined);
  const inTime = await world.run(() => isOver);
  if (!inTime) {
    const message = `no node did anything for ${QUIET_MAX_MS / 60_000} virtual minutes, and the script still waits: ${waitsOf(world)}`;
    world.violations.push({ oracle: "liveness", message });
    await checkAll(world);
    return;
  }
  await story;
  const isQuiet = await world.run(() => isIdle(world));
  if (!isQuiet) world.violations.push({ oracle: "liveness", message: "the nodes never get idle" });
  await checkAll(world);
}

async function tell(world: World, scenario: Scenario, parameters: Parameters): Promise<void> {
  await world.tower?.start();
  for (const node of world.nodes.values()) await node.start();
  try {
    await scenario.script(createStage(world, parameters));
  } catch (error) {
    if (error instanceof NodeError || !(error instanceof ScenarioFailure)) throw error;
    world.violations.push({ oracle: "script", message: error.message });
  }
}

async function checkAll(world: World): Promise<void> {
  for (const node of world.nodes.values()) {
    world.violations.push(...(await checkCausality(node)));
    if (!node.isRunning) continue;
    world.violations.push(...(await checkReplay(node)), ...(await checkLog(node)));
  }
  await settleMicrotasks();
}

/** True when nothing is under way at anybody who is there. What only those who are gone can settle does not count. */
function isIdle({ nodes, tower }: World): boolean {
  if (tower?.isIdle === false) return false;
  const all = [...nodes.values()];
  const gone = new Set(all.filter(({ isRunning }) => !isRunning).map(({ address }) => address));
  return all.filter(({ isRunning }) => isRunning).every(({ engine }) => engine.isIdle(gone));
}

function diagramOf({ diagram }: Scenario, parameters: Parameters): Sequence | undefined {
  return typeof diagram === "function" ? diagram(parameters) : diagram;
}

function checkDiagram(world: World, diagram: Sequence | undefined): void {
  if (diagram === undefined) return;
  const difference = compareWithDiagram(diagram, arrowsOf(world.trace.entries));
  if (difference === undefined) return;
  const lines = ["the run differs from the diagram (- diagram, + run):", ...difference.lines];
  world.violations.push({ oracle: "diagram", message: lines.join("\n") });
}

/** Which objectives are open, and what each node waits for. */
function waitsOf(world: World): string {
  const running = [...world.nodes.values()].filter(({ isRunning }) => isRunning);
  const waits = running.flatMap(({ engine, parts }) =>
    engine.waits().map(({ id, waitingFor }) => `${parts.name} waits for ${waitingFor} of ${id}`),
  );
  return waits.length === 0 ? "no objective is open" : waits.join("; ");
}

function pick(after: Balances | undefined): Pick<Balances, "after"> {
  return { after: after?.before ?? {} };
}
