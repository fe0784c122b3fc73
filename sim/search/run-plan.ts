/** Runs a plan once: sets up its world, lets everything in it happen, and judges what came of it. */
import { signatureBackend } from "../../src/crypto/signatures.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { beginSimulation } from "../banned-globals.ts";
import { checkCausality } from "../checkers/causality.ts";
import { checkLog } from "../checkers/log.ts";
import { watchWorld } from "../checkers/oracles.ts";
import { checkReplay } from "../checkers/replay.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import { standInSignatures } from "../stand-in-signatures.ts";
import type { TraceEntry } from "../trace.ts";
import { type Violation, World } from "../world.ts";
import { AskedWishes, type WishEnd } from "./ask-wishes.ts";
import { endPlan } from "./end-plan.ts";
import { honestOf, type Plan } from "./plan.ts";

/** How to run it. */
export type RunPlanOptions = {
  readonly chain: SimulatedChain;
  readonly signatures: "real" | "fast";
  /** True to end the run with the first violation: enough to know whether a plan still fails. */
  readonly stopsAtFirst?: boolean;
  readonly onProgress?: (virtualMs: number) => void;
  /** Changes the world, or begins to watch it, before anything happens in it. */
  readonly prepare?: (world: World) => void;
};

/** What a run of a plan came to. */
export type PlanResult = {
  /** What must not have happened, in the order in which it was seen. */
  readonly violations: readonly Violation[];
  /** What was promised to honest nodes and did not hold; then no oracle asks whether they are solvent. */
  readonly assumptions: readonly string[];
  readonly traceHash: Hex;
  readonly trace: readonly TraceEntry[];
  readonly virtualMs: number;
  readonly messages: number;
  readonly transactions: number;
  /** What came of each wish, by its id; of those that are missing nothing had come at the end. */
  readonly wishes: ReadonlyMap<number, WishEnd>;
};

/** Virtual milliseconds between two looks whether all has happened that was planned: a block. */
const LOOK_MS = 12_000;

/** Runs the plan. Throws only when the world outside fails, such as a chain that died. */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<PlanResult> {
  await options.chain.local.reset();
  const world = createWorld(plan, options);
  options.prepare?.(world);
  const oracles = await watchWorld(world);
  const endSimulation = beginSimulation();
  const live = new LivePlan(world, plan);
  try {
    await live.run(options.stopsAtFirst === true);
  } finally {
    for (const node of world.nodes.values()) if (node.isRunning) node.engine.stop();
    if (world.tower?.isRunning) world.tower.tower.stop();
    endSimulation();
  }
  await oracles.finish();
  const { trace } = world;
  return {
    violations: world.violations,
    assumptions: world.faults.assumptions,
    get traceHash() {
      return trace.hash;
    },
    trace: trace.entries,
    virtualMs: world.virtualMs,
    messages: trace.entries.filter(({ type }) => type === "Frame").length,
    transactions: world.miner.receipts.length,
    wishes: live.wishes,
  };
}

function createWorld(plan: Plan, { chain, onProgress, signatures }: RunPlanOptions): World {
  const { eventsPerSnapshot } = plan;
  return new World({
    seed: plan.seed,
    cast: plan.cast,
    chain,
    network: plan.network,
    conditions: plan.chain,
    fees: plan.fees,
    challengeDurationSec: plan.challengeDurationSec,
    disputeAfterMs: plan.disputeAfterMs,
    watched: plan.watched,
    signatures: signatures === "fast" ? standInSignatures() : signatureBackend,
    ...(eventsPerSnapshot === undefined ? {} : { eventsPerSnapshot }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/** A plan on its way. */
class LivePlan {
  readonly #world: World;
  readonly #plan: Plan;
  #asked: AskedWishes | undefined;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
  }

  get wishes(): ReadonlyMap<number, WishEnd> {
    return this.#asked?.ends ?? new Map();
  }

  async run(stopsAtFirst: boolean): Promise<void> {
    const world = this.#world;
    world.miner.start();
    let isOver = false;
    const story = this.#tell().finally(() => {
      isOver = true;
    });
    story.catch(() => undefined);
    const isBroken = (): boolean => stopsAtFirst && world.violations.length > 0;
    const inTime = await world.run(() => isOver || isBroken());
    if (isBroken()) return;
    if (!inTime) world.violations.push({ oracle: "liveness", message: "the world stands still" });
    else await story;
    await this.#checkLogs();
  }

  async #tell(): Promise<void> {
    const world = this.#world;
    const plan = this.#plan;
    await world.tower?.start();
    for (const node of world.nodes.values()) await node.start();
    this.#asked = new AskedWishes(world, plan.wishes);
    const untilMs = this.#patienceMs();
    while (!this.#asked.areOver && world.virtualMs < untilMs) {
      await world.pause(LOOK_MS);
    }
    this.#asked.stop();
    const honest = honestOf(plan);
    const isEnded = await endPlan(world, plan, () => honest);
    if (!isEnded) world.violations.push({ oracle: "liveness", message: "it never ends" });
  }

  /** All wishes and faults have begun by then, and what they wait for was left to the chain. */
  #patienceMs(): number {
    const { challengeDurationSec, disputeAfterMs, faults, wishes } = this.#plan;
    const lastMs = Math.max(0, ...[...wishes, ...faults].map(({ atMs }) => atMs));
    return lastMs + 2 * disputeAfterMs + 2 * challengeDurationSec * 1_000;
  }

  async #checkLogs(): Promise<void> {
    const world = this.#world;
    for (const name of honestOf(this.#plan)) {
      const node = world.node(name);
      world.violations.push(...(await checkCausality(node)));
      if (!node.isRunning) continue;
      world.violations.push(...(await checkReplay(node)), ...(await checkLog(node)));
    }
  }
}
