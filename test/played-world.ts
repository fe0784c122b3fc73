/** A simulated world that a test directs itself, with its hands on nodes, disks and wires. */

import type { ActorName } from "../sim/actors.ts";
import { beginSimulation } from "../sim/banned-globals.ts";
import { watchWorld } from "../sim/checkers/oracles.ts";
import { checkReplay } from "../sim/checkers/replay.ts";
import { standInSignatures } from "../sim/stand-in-signatures.ts";
import { World, type WorldOptions } from "../sim/world.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";

/** How to build the world. Stand-in signatures are for breadth. */
export type PlayOptions = Pick<WorldOptions, "seed" | "cast" | "chain"> &
  Partial<
    Pick<
      WorldOptions,
      | "network"
      | "policy"
      | "eventsPerSnapshot"
      | "fees"
      | "challengeDurationSec"
      | "disputeAfterMs"
      | "conditions"
      | "watched"
      | "modules"
    >
  > & {
    readonly signatures?: "real" | "fast";
    /** Members of the cast whose nodes stay off, because the test speaks for them. */
    readonly puppets?: readonly ActorName[];
    /** False when the test has oracles of its own look on. */
    readonly isWatched?: boolean;
    /** Changes the world, or begins to watch it, before anything happens in it. */
    readonly prepare?: (world: World) => Promise<void>;
  };

/**
 * Starts every node and runs the world until `story` is over and all nodes are idle. Throws what the
 * story throws, and an error when it stands still or a log replays to something else.
 */
export async function playWorld(
  {
    isWatched = true,
    prepare,
    puppets = [],
    network = {},
    signatures = "fast",
    ...options
  }: PlayOptions,
  story: (world: World) => Promise<void>,
): Promise<World> {
  await options.chain.local.reset();
  const backend = signatures === "fast" ? standInSignatures() : signatureBackend;
  const world = new World({ ...options, network, signatures: backend });
  await prepare?.(world);
  const oracles = isWatched ? await watchWorld(world) : undefined;
  const endSimulation = beginSimulation();
  try {
    await direct(world, puppets, story);
  } finally {
    for (const node of world.nodes.values()) if (node.isRunning) node.engine.stop();
    if (world.tower?.isRunning) world.tower.tower.stop();
    endSimulation();
  }
  await oracles?.finish();
  throwViolations(world);
  return world;
}

async function direct(
  world: World,
  puppets: readonly ActorName[],
  story: (world: World) => Promise<void>,
): Promise<void> {
  world.miner.start();
  let end: { readonly error?: unknown } | undefined;
  tell(world, puppets, story).then(
    () => {
      end = {};
    },
    (error: unknown) => {
      end = { error };
    },
  );
  const isTold = await world.run(() => end !== undefined);
  // What the oracles saw says why.
  if (!isTold) throwViolations(world);
  if (!isTold) throw new Error(`the story stands still: ${waitsOf(world)}`);
  if (end !== undefined && "error" in end) throw end.error;
  const isQuiet = await world.run(() => running(world).every(({ engine }) => engine.isIdle()));
  if (!isQuiet) throw new Error("the nodes never get idle");
  for (const node of running(world)) world.violations.push(...(await checkReplay(node)));
  throwViolations(world);
}

function throwViolations({ violations }: World): void {
  if (violations.length > 0) throw new Error(JSON.stringify(violations));
}

async function tell(
  world: World,
  puppets: readonly ActorName[],
  story: (world: World) => Promise<void>,
): Promise<void> {
  await world.tower?.start();
  for (const [name, node] of world.nodes) if (!puppets.includes(name)) await node.start();
  await story(world);
}

function running(world: World) {
  return [...world.nodes.values()].filter(({ isRunning }) => isRunning);
}

function waitsOf(world: World): string {
  const waits = running(world).flatMap(({ engine, parts }) =>
    engine.waits().map(({ id, waitingFor }) => `${parts.name}: ${waitingFor} of ${id}`),
  );
  return waits.join("; ");
}
