/** The search: how many drawn runs a second one core plays, on each tier, and how far virtual time outruns real time. */
import { beginSimulation } from "../sim/banned-globals.ts";
import { isStatePruned } from "../sim/chain/pruned-state.ts";
import { watchWorld } from "../sim/checkers/oracles.ts";
import { realWorld } from "../sim/real-world.ts";
import { drawPlan } from "../sim/search/draw-plan.ts";
import type { Plan } from "../sim/search/plan.ts";
import { runPlan } from "../sim/search/run-plan.ts";
import {
  type ChainTier,
  type SimulatedChain,
  startSimulatedChain,
} from "../sim/simulated-chain.ts";
import { standInSignatures } from "../sim/stand-in-signatures.ts";
import { Timeline } from "../sim/timeline.ts";
import { Trace } from "../sim/trace.ts";
import { conditionsOf, Wire } from "../sim/wire.ts";
import { World } from "../sim/world.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";

/** Runs before measuring, so that the code is compiled; and those that are measured, the same on each tier. */
const WARM_UP_SEEDS = 12;
const SEEDS = 60;

/** Runs on Anvil: it takes several times as long. */
const ANVIL_SEEDS = 15;

/** Frames that go over a network of two without nodes. */
const FRAMES = 200_000;

/** A challenge of a week in which three nodes wait, in seconds. */
const WAIT_SEC = 604_800;

const BLOCK_MS = 12_000;

export const benchmark: Benchmark = {
  name: "fuzzing",
  question: "How many random runs does one core play in a second, with all oracles looking on?",
  run: async () => ({
    figures: [
      await runsOn("model", "fast", 50),
      await runsOn("model", "real", 50),
      await runsOn("evm", "fast", 50),
      await runsOn("evm", "real", 50),
      await runsOn("anvil", "real", 10),
      await messagesOfNodes(),
      framesAlone(),
      await waiting(),
    ],
  }),
};

async function runsOn(tier: ChainTier, signatures: "real" | "fast", goal: number): Promise<Figure> {
  const value = await onChain(tier, async (chain) => {
    let played = 0;
    const play = async (first: number, count: number): Promise<void> => {
      played = 0;
      for (let seed = first; seed < first + count; seed++) {
        if (await isPlayed(seed, chain, signatures)) played += 1;
      }
    };
    await play(1_001, WARM_UP_SEEDS);
    const seconds = await stopwatch(() => play(1, seedsOn(tier)));
    return played / seconds;
  });
  const what = `drawn runs on ${tier}, ${signatures === "fast" ? "stand-in" : "real"} signatures`;
  return { what, value, unit: "runs/s", goal };
}

const seedsOn = (tier: ChainTier): number => (tier === "anvil" ? ANVIL_SEEDS : SEEDS);

/** False for a run that Anvil cannot go on with: it was asked for a state that is no longer kept. */
async function isPlayed(
  seed: number,
  chain: SimulatedChain,
  signatures: "real" | "fast",
): Promise<boolean> {
  try {
    await runPlan(drawPlan(seed), { chain, signatures });
    return true;
  } catch (error) {
    if (isStatePruned(error)) return false;
    throw error;
  }
}

/** A long calm plan, so that messages are what it is about. */
async function messagesOfNodes(): Promise<Figure> {
  const calm = { faults: false, adversaries: false } as const;
  const plans: Plan[] = [];
  for (let seed = 1; plans.length < 10; seed++) {
    const plan = drawPlan(seed, calm);
    if (plan.wishes.length >= 20) plans.push(plan);
  }
  const { messages, seconds } = await onChain("model", async (chain) => {
    let sent = 0;
    for (const plan of plans.slice(0, 3)) await runPlan(plan, { chain, signatures: "fast" });
    const took = await stopwatch(async () => {
      for (const plan of plans) {
        sent += (await runPlan(plan, { chain, signatures: "fast" })).messages;
      }
    });
    return { messages: sent, seconds: took };
  });
  const what = "frames between full nodes in calm runs of 20 wishes and more, all oracles on";
  return { what, value: messages / seconds, unit: "frames/s", goal: 50_000 };
}

/** The virtual network without nodes. */
function framesAlone(): Figure {
  const timeline = new Timeline(0);
  const wire = new Wire({
    seed: 1,
    timeline,
    trace: new Trace(false),
    startMs: 0,
    conditionsOf: (from, to) => conditionsOf({}, from, to),
  });
  const [left, right] = [wire.transportOf("alice"), wire.transportOf("bob")];
  let heard = 0;
  right.listen(() => {
    heard += 1;
  });
  const frame = new Uint8Array(200);
  const startedMs = realWorld.performanceNow();
  for (let sent = 0; sent < FRAMES; sent++) {
    left.send("bob", frame);
    if (sent % 1_000 === 0) while (timeline.step());
  }
  while (timeline.step());
  assert(heard === FRAMES, "a calm network loses nothing");
  const seconds = (realWorld.performanceNow() - startedMs) / 1_000;
  const what = "frames over the virtual network alone";
  return { what, value: FRAMES / seconds, unit: "frames/s", goal: 500_000 };
}

/** Three nodes that have nothing to do but to look at each block. */
async function waiting(): Promise<Figure> {
  const seconds = await onChain("model", async (chain) => {
    await chain.local.reset();
    const world = new World({
      seed: 1,
      cast: ["alice", "bob", "irene"],
      chain,
      network: {},
      conditions: { pollMs: BLOCK_MS },
      signatures: standInSignatures(),
    });
    await watchWorld(world);
    return wait(world);
  });
  const what = "virtual over real time while three nodes wait for a week";
  return { what, value: WAIT_SEC / seconds, unit: "times", goal: 100_000 };
}

async function wait(world: World): Promise<number> {
  const end = beginSimulation();
  try {
    world.miner.start();
    let isOver = false;
    for (const node of world.nodes.values()) void node.start();
    const seconds = await stopwatch(async () => {
      const running = world.run(() => isOver);
      // Asked for in a world that runs: one that begins waits for an hour at the most.
      void world.pause(WAIT_SEC * 1_000).then(() => {
        isOver = true;
      });
      assert(await running, "the pause comes to its end");
    });
    for (const node of world.nodes.values()) node.engine.stop();
    return seconds;
  } finally {
    end();
  }
}

async function stopwatch(run: () => Promise<void>): Promise<number> {
  const startedMs = realWorld.performanceNow();
  await run();
  return (realWorld.performanceNow() - startedMs) / 1_000;
}

async function onChain<Value>(
  tier: ChainTier,
  run: (chain: SimulatedChain) => Promise<Value>,
): Promise<Value> {
  const chain = await startSimulatedChain(tier);
  try {
    return await run(chain);
  } finally {
    await chain.local.stop();
  }
}
