/** Runs a plan once: sets up its world, lets everything in it happen, and judges what came of it. */
import { signatureBackend } from "../../src/crypto/signatures.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import type { ActorName } from "../actors.ts";
import { playMoves } from "../adversaries/strategies.ts";
import { beginSimulation } from "../banned-globals.ts";
import { checkCausality } from "../checkers/causality.ts";
import { type Doubts, standstill } from "../checkers/liveness.ts";
import { checkLog } from "../checkers/log.ts";
import { type Oracles, watchWorld } from "../checkers/oracles.ts";
import { checkReplay } from "../checkers/replay.ts";
import type { Fault } from "../faults/fault.ts";
import { scheduleFaults } from "../faults/schedule-faults.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import { standInSignatures } from "../stand-in-signatures.ts";
import type { TraceEntry } from "../trace.ts";
import type { Violation } from "../violation.ts";
import { World } from "../world.ts";
import { AskedWishes, type WishEnd } from "./ask-wishes.ts";
import { endPlan, hasSettled } from "./end-plan.ts";
import { honestOf, type Plan } from "./plan.ts";
import { watchUproar } from "./uproar.ts";
import { notePhases } from "./violation-phase.ts";

/** How to run it. */
export type RunPlanOptions = {
  readonly chain: SimulatedChain;
  readonly signatures: "real" | "fast";
  /** True to end the run with the first violation: enough to know whether a plan still fails. */
  readonly stopsAtFirst?: boolean;
  readonly onProgress?: (virtualMs: number) => void;
  /** Changes the world, or begins to watch it, before anything happens in it. */
  readonly prepare?: (world: World) => void;
  /** Begins to watch what goes wrong, once that is known and before any of it happens. */
  readonly watch?: (world: World, faultsNow: () => readonly Fault[]) => void;
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

/** Virtual milliseconds in which a transaction that a move begins with is mined and confirmed: five blocks. */
const MOVE_MS = 60_000;

/** Virtual milliseconds between two looks whether all has happened that was planned: a block. */
const LOOK_MS = 12_000;

/** Runs the plan. Throws only when the world outside fails, such as a chain that died. */
export async function runPlan(plan: Plan, options: RunPlanOptions): Promise<PlanResult> {
  await options.chain.local.reset();
  const world = createWorld(plan, options);
  options.prepare?.(world);
  const oracles = await watchWorld(world, { honest: honestOf(plan) });
  notePhases(world);
  const endSimulation = beginSimulation();
  const live = new LivePlan(world, plan, oracles, options);
  try {
    await live.run();
  } finally {
    for (const node of world.nodes.values()) if (node.isRunning) node.engine.stop();
    if (world.tower?.isRunning) world.tower.tower.stop();
    endSimulation();
  }
  await oracles.finish(live.settled);
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
    isPlanned: true,
    signatures: signatures === "fast" ? standInSignatures() : signatureBackend,
    ...(eventsPerSnapshot === undefined ? {} : { eventsPerSnapshot }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/** A plan on its way. */
class LivePlan {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #oracles: Oracles;
  readonly #options: RunPlanOptions;
  #asked: AskedWishes | undefined;
  #settled: readonly ActorName[] = [];

  constructor(world: World, plan: Plan, oracles: Oracles, options: RunPlanOptions) {
    this.#world = world;
    this.#plan = plan;
    this.#oracles = oracles;
    this.#options = options;
  }

  get wishes(): ReadonlyMap<number, WishEnd> {
    return this.#asked?.ends ?? new Map();
  }

  /** Honest ones who have nothing left in any channel: what was due to them is in their wallets. */
  get settled(): readonly ActorName[] {
    return this.#settled;
  }

  async run(): Promise<void> {
    const world = this.#world;
    const { stopsAtFirst = false } = this.#options;
    world.miner.start();
    let isOver = false;
    const story = this.#tell().finally(() => {
      isOver = true;
    });
    story.catch(() => undefined);
    const isTooMuch = watchUproar(world);
    const isBroken = (): boolean => isTooMuch() || (stopsAtFirst && world.violations.length > 0);
    const inTime = await world.run(() => isOver || isBroken());
    if (isBroken()) return;
    if (!inTime) world.violations.push({ oracle: "liveness", message: "the world stands still" });
    else await story;
    await this.#checkLogs();
  }

  async #tell(): Promise<void> {
    const world = this.#world;
    const plan = this.#plan;
    const adversaries = playMoves(world, plan.moves);
    await world.tower?.start();
    for (const node of world.nodes.values()) await node.start();
    const faults = scheduleFaults(world, plan.faults);
    this.#options.watch?.(world, faults.now);
    const asked = new AskedWishes(world, plan.wishes, (by, channelId, messages) =>
      this.#oracles.sawMoveWished(by, channelId, messages),
    );
    this.#asked = asked;
    const untilMs = this.#patienceMs();
    const begunMs = this.#movesBegunMs();
    const isOver = (): boolean =>
      asked.areOver && faults.isOver() && world.virtualMs >= Math.min(begunMs, untilMs);
    while (!isOver() && world.virtualMs < untilMs) await world.pause(LOOK_MS);
    asked.stop();
    await faults.heal();
    // Nobody goes on who cannot know which of her endpoints is right.
    world.faults.endLies();
    for (const name of faults.lost) this.#oracles.forget(name);
    const honest = honestOf(plan).filter((name) => !faults.lost.has(name));
    this.#oracles.beginEnding();
    const { forgetful, lost } = faults;
    const doubts: Doubts = { forgetful, lost, isResting: plan.end === "Rest" };
    const isEnded = await endPlan(world, plan, honest, doubts);
    if (isEnded && plan.end !== "Rest") {
      this.#settled = honest.filter((name) => {
        const node = world.node(name);
        return node.isRunning && hasSettled(node);
      });
    }
    if (!isEnded) this.#blame(honest, doubts);
    adversaries.stop();
  }

  /** Told only where somebody waits for something: a user who asks for nothing more has her reasons. */
  #blame(honest: readonly ActorName[], doubts: Doubts): void {
    const message =
      standstill(this.#world, honest, doubts) ?? "money is left in a channel that nobody can close";
    this.#world.violations.push({ oracle: "liveness", message });
  }

  /** Who cheats late would find all closed, or nobody there: a challenge of hers is seen by then. */
  #movesBegunMs(): number {
    const { moves } = this.#plan;
    return Math.max(0, ...moves.map(({ fromMs }) => fromMs + MOVE_MS));
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
      world.violations.push(...(await this.#checkReplay(node)), ...(await checkLog(node)));
    }
  }

  /** Who finds a flipped bit only when all is read says so, and does without the snapshot from the next start on. */
  async #checkReplay(node: SimulatedNode): Promise<readonly Violation[]> {
    const isFlipped = this.#plan.faults.some(
      (fault) => fault.type === "FlippedBit" && fault.node === node.parts.name,
    );
    try {
      return await checkReplay(node);
    } catch (error) {
      if (isFlipped && error instanceof NodeError && error.code === "LogDamaged") return [];
      throw error;
    }
  }
}
