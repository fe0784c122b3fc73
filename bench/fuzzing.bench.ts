/** The search: how many drawn runs a second one core plays, on each tier, and how far virtual time outruns real time. */
import { beginSimulation } from "../sim/banned-globals.ts";
import { watchWorld } from "../sim/checkers/oracles.ts";
import { playingEnvironment } from "../sim/compiler-settings.ts";
import { realWorld } from "../sim/real-world.ts";
import { standInSignatures } from "../sim/stand-in-signatures.ts";
import { Timeline } from "../sim/timeline.ts";
import { Trace } from "../sim/trace.ts";
import { conditionsOf, Wire } from "../sim/wire.ts";
import { World } from "../sim/world.ts";
import { assert } from "../src/primitives/assert.ts";
import { onChain } from "./bench-chain.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { runChildIn } from "./child.ts";
import { stopwatch } from "./stopwatch.ts";

/** Frames that go over a network of two without nodes. */
const FRAMES = 200_000;

/** A challenge of a week in which three nodes wait, in seconds. */
const WAIT_SEC = 604_800;

const BLOCK_MS = 12_000;

export const benchmark: Benchmark = {
  name: "fuzzing",
  question: "How many random runs does one core play in a second, with all oracles looking on?",
  run: async () => {
    const child = await runChildIn<readonly Figure[]>(
      playingEnvironment(),
      "bench/fuzzing-child.ts",
    );
    return { figures: [...child.answer, framesAlone(), await waiting()] };
  },
};

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
