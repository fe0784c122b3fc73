/** Worlds in which tests let faults happen: a ledger channel and what is done in it. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { isActive } from "../../src/protocols/objective.ts";
import type { ActorName } from "../actors.ts";
import { beginSimulation } from "../banned-globals.ts";
import { watchWorld } from "../checkers/oracles.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import { createStage } from "../stage.ts";
import { standInSignatures } from "../stand-in-signatures.ts";
import { World } from "../world.ts";
import type { Fault } from "./fault.ts";
import { type FaultsUnderWay, scheduleFaults } from "./schedule-faults.ts";

/** A world in which faults happen, and what a test does in it. */
export type FaultyWorld = {
  readonly world: World;
  readonly underWay: FaultsUnderWay;
  /** Lets virtual time go on until so many milliseconds from the start. */
  readonly until: (atMs: number) => Promise<void>;
};

/** How the world is set up. */
export type FaultyOptions = {
  readonly seed?: number;
  readonly cast?: readonly ActorName[];
  readonly challengeDurationSec?: number;
};

/** Plays a story in a world with these faults, and gives the world. Oracles look on; what they see is thrown. */
export async function playFaulty(
  chain: SimulatedChain,
  faults: readonly Fault[],
  story: (faulty: FaultyWorld) => Promise<void>,
  { cast = ["alice", "bob"], challengeDurationSec = 3_600, seed = 1 }: FaultyOptions = {},
): Promise<World> {
  await chain.local.reset();
  const signatures = standInSignatures();
  const world = new World({ seed, cast, chain, network: {}, signatures, challengeDurationSec });
  const oracles = await watchWorld(world);
  const endSimulation = beginSimulation();
  const underWay = scheduleFaults(world, faults);
  try {
    world.miner.start();
    for (const node of world.nodes.values()) await node.start();
    let end: { readonly error?: unknown } | undefined;
    const until = (atMs: number): Promise<void> => world.pause(Math.max(0, atMs - world.virtualMs));
    story({ world, underWay, until }).then(
      () => {
        end = {};
      },
      (error: unknown) => {
        end = { error };
      },
    );
    const isTold = await world.run(() => end !== undefined);
    if (end !== undefined && "error" in end) throw end.error;
    if (!isTold) throw new Error("the story stands still");
  } finally {
    for (const node of world.nodes.values()) if (node.isRunning) node.engine.stop();
    endSimulation();
  }
  await oracles.finish();
  if (world.violations.length > 0) throw new Error(JSON.stringify(world.violations));
  return world;
}

/** Alice and Bob open a ledger channel with 100 wei each. Never resolves when one of them is lost meanwhile. */
export function openLedger(world: World): Promise<ChannelId> {
  const { alice, bob, eth } = createStage(world, {});
  return alice.openLedger(bob, [{ asset: eth, amounts: [100n, 100n] }]);
}

/** Alice and Bob open a direct channel with 100 wei each; the function that it gives lets Alice pay one of them. */
export async function openDirect(world: World): Promise<() => Promise<void>> {
  const { alice, bob, eth } = createStage(world, {});
  const channelId = await alice.openChannel([bob], [{ asset: eth, amounts: [100n, 100n] }]);
  return async () => {
    await alice.pay(channelId, bob, eth, 1n);
  };
}

/** True when nobody has anything left to do. */
export function isAtRest({ nodes }: World): boolean {
  return [...nodes.values()].every(
    ({ engine, isRunning }) => isRunning && !engine.objectives().some(isActive) && engine.isIdle(),
  );
}

/** What was told of faults at an actor. */
export function toldAt({ trace }: World, name: string): readonly string[] {
  return trace.entries.flatMap((entry) =>
    entry.type === "Fault" && entry.at === name ? [entry.what] : [],
  );
}

/** When the actors wrote to their logs, in virtual milliseconds. */
export function recordTimes({ trace }: World, name: ActorName): readonly number[] {
  return trace.entries.flatMap((entry) =>
    entry.type === "Event" && entry.node === name ? [entry.atMs] : [],
  );
}
