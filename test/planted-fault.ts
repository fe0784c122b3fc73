/** A world with a fault that a test plants, and what the oracles say of it. */
import type { ActorName } from "../sim/actors.ts";
import { type Oracles, watchWorld } from "../sim/checkers/oracles.ts";
import type { Actor } from "../sim/scenario.ts";
import type { SimulatedChain } from "../sim/simulated-chain.ts";
import type { NodeParts } from "../sim/simulated-node.ts";
import { createStage } from "../sim/stage.ts";
import type { World } from "../sim/world.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { RecordHash } from "../src/events/record.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { playWorld } from "./played-world.ts";

/** A world, those who look on, and its actors. */
export type Watched = {
  readonly world: World;
  readonly oracles: Oracles;
  readonly actors: { readonly [Name in ActorName]: Actor };
};

/** Who is in it, and what happens. */
export type PlantedFault = {
  readonly cast: readonly ActorName[];
  /** Changes the world before anything happens in it. */
  readonly prepare?: ((world: World) => void) | undefined;
  readonly story: (watched: Watched) => Promise<void>;
};

/** Plays the story, and gives what the oracles found, each as `oracle: message`. Throws what the story throws. */
export async function findingsOf(
  chain: SimulatedChain,
  { cast, prepare, story }: PlantedFault,
): Promise<readonly string[]> {
  let watching: Oracles | undefined;
  const found: string[] = [];
  const getReady = async (world: World): Promise<void> => {
    prepare?.(world);
    watching = await watchWorld(world);
  };
  const options = { seed: 7, cast, chain, isWatched: false, prepare: getReady };
  await playWorld(options, async (world) => {
    const oracles = assertDefined(watching, "the oracles");
    await story({ world, oracles, actors: createStage(world, {}) });
    await oracles.finish();
    found.push(...world.violations.map(({ message, oracle }) => `${oracle}: ${message}`));
    // A played world ends with an error where anything was found; here that is what was asked for.
    world.violations.length = 0;
  });
  return found;
}

/** Shows the oracles records at the end of a node's log that the node has never written. */
export function forge(
  { oracles, world }: Watched,
  node: ActorName,
  ...events: readonly NodeEvent[]
): void {
  const { length } = world.node(node).store;
  const hash = `0x${"00".repeat(32)}` as RecordHash;
  for (const [index, event] of events.entries()) {
    oracles.sawRecord(node, { offset: length + index, timeMs: world.timeline.nowMs, event, hash });
  }
}

/** Shows the oracles other events than a node has written: what `change` makes of each. */
export function doctor(
  world: World,
  node: ActorName,
  change: (event: NodeEvent) => NodeEvent,
): void {
  const parts = world.node(node).parts as { onRecord: NodeParts["onRecord"] };
  const { onRecord } = parts;
  parts.onRecord = (name, record) => onRecord(name, { ...record, event: change(record.event) });
}
