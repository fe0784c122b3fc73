/** Plays a story, leaves one of its actors alone at a record of her log, and judges what she gets. */

import type { ActorName } from "../../sim/actors.ts";
import { depositsBy, OnChainDeposits } from "../../sim/checkers/deposits.ts";
import { dueOf, lossMax } from "../../sim/checkers/due.ts";
import { promisesIn } from "../../sim/checkers/promises.ts";
import type { Story } from "../../sim/exhaustive/stories.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import { walletOf } from "../../sim/wallets.ts";
import type { MinedBlock, Witness } from "../../sim/witness.ts";
import type { World } from "../../sim/world.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type PlayOptions, playWorld } from "../played-world.ts";
import { claimAll, type Way } from "./claiming.ts";

/** Where a story is stopped: behind a record of the honest one. */
export type Stop = { readonly honest: ActorName; readonly offset: number; readonly way: Way };

/** One record of the story. */
export type Moment = {
  readonly actor: ActorName;
  readonly offset: number;
  readonly event: NodeEvent;
  /** False for what comes before the part of the story that counts. */
  readonly hasBegun: boolean;
};

/** What the honest one has got of one asset, in its smallest unit, and what she should have got. */
export type Verdict = {
  readonly asset: string;
  /** What her wallet has more than before the story, gas added. */
  readonly gained: bigint;
  /** What she had put in. */
  readonly deposited: bigint;
  /** What the chain owes her, by her log. */
  readonly least: bigint;
  readonly most: bigint;
  /** By how much she may be poorer than before the story. */
  readonly lossMax: bigint;
};

/** What others do while the honest one claims her money. */
export type Hostility = (scene: Scene) => Crowd;

/** What a hostile crowd sees and can use. */
export type Scene = {
  readonly world: World;
  /** Her log as it is now: she has told it to everybody, as far as they can use it. */
  readonly events: () => readonly NodeEvent[];
};

/** Shown what happens from the moment on at which she is left alone. */
export type Crowd = {
  readonly sawRecord: (event: NodeEvent) => void;
  readonly sawBlock: (block: MinedBlock) => void;
  readonly stop: () => void;
};

/** Seconds in which a challenge can be answered: some blocks more than an answer takes. */
const CHALLENGE_SEC = 300;

/** Milliseconds after which a node leaves to the chain what waits for others: longer than any story waits. */
const DISPUTE_AFTER_MS = 300_000;

/** True when she got what she was due, and is not poorer than by what she signed away. */
export function isPaid(verdict: Verdict, isSilent: boolean): boolean {
  const { deposited, gained, least, most } = verdict;
  const payout = gained + deposited;
  const isEnough = payout >= least && gained >= -verdict.lossMax;
  // What strangers put in is nobody's: only where there are none is too much a fault.
  return isEnough && (!isSilent || payout <= most);
}

/** Plays the story to its end, and shows each record. */
export async function playCalmly(
  chain: SimulatedChain,
  story: Story,
  onMoment: (moment: Moment) => void,
): Promise<void> {
  let hasBegun = false;
  const begin = (): void => {
    hasBegun = true;
  };
  const witness = witnessOf((actor, event, offset) => onMoment({ actor, offset, event, hasBegun }));
  await playWorld(optionsOf(chain, story, witness), async (world) => {
    await story.tell({ world, stage: createStage(world, {}), begin });
    stopAll(world);
  });
}

/** Plays the story up to the stop, leaves the honest one alone, and tells what she got. */
export async function playAlone(
  chain: SimulatedChain,
  story: Story,
  { honest, offset, way }: Stop,
  hostility?: Hostility,
): Promise<readonly Verdict[]> {
  const events: NodeEvent[] = [];
  const deposits = new OnChainDeposits();
  const left = Promise.withResolvers<undefined>();
  let crowd: Crowd | undefined;
  let world: World | undefined;
  const sawRecord = (actor: ActorName, event: NodeEvent, place: number): void => {
    if (actor !== honest) return;
    events.push(event);
    crowd?.sawRecord(event);
    if (place !== offset || world === undefined) return;
    stopAll(world, honest);
    left.resolve(undefined);
  };
  const sawBlock = (block: MinedBlock): void => {
    deposits.read(block);
    crowd?.sawBlock(block);
  };
  const options = optionsOf(chain, story, witnessOf(sawRecord, sawBlock));
  let verdicts: readonly Verdict[] = [];
  await playWorld({ ...options, isWatched: false }, async (played) => {
    world = played;
    const before = await walletsOf(played, honest);
    const told = story.tell({ world: played, stage: createStage(played, {}), begin: () => {} });
    // Nobody is there any more whom the story could tell of, once the others have stopped.
    told.catch(() => {});
    await Promise.race([left.promise, told.then(() => left.promise)]);
    crowd = hostility?.({ world: played, events: () => events });
    await claimAll(played, played.node(honest), way, () => events.length);
    crowd?.stop();
    const after = await walletsOf(played, honest);
    verdicts = judge(played, { before, after, events, deposits });
    stopAll(played);
  });
  return verdicts;
}

type Evidence = {
  readonly before: readonly bigint[];
  readonly after: readonly bigint[];
  readonly events: readonly NodeEvent[];
  readonly deposits: OnChainDeposits;
};

function judge(world: World, { after, before, deposits, events }: Evidence): readonly Verdict[] {
  const promises = promisesIn(events);
  const due = dueOf(promises, deposits.amounts);
  const own = depositsBy(events);
  return assetsOf(world).map(({ address, symbol }, index) => ({
    asset: symbol,
    gained: assertDefined(after[index], "hers now") - assertDefined(before[index], "hers before"),
    deposited: own.get(address) ?? 0n,
    least: due.least.get(address) ?? 0n,
    most: due.most.get(address) ?? 0n,
    lossMax: lossMax(promises, address),
  }));
}

function assetsOf(world: World) {
  const { eth, token } = createStage(world, {});
  return [eth, token];
}

function walletsOf(world: World, name: ActorName): Promise<readonly bigint[]> {
  return Promise.all(assetsOf(world).map((asset) => walletOf(world, name, asset)));
}

function stopAll(world: World, but?: ActorName): void {
  for (const [name, node] of world.nodes) if (name !== but && node.isRunning) node.crash();
}

function witnessOf(
  sawRecord: (actor: ActorName, event: NodeEvent, offset: number) => void,
  sawBlock: (block: MinedBlock) => void = () => {},
): Witness {
  return {
    sawRecord: (actor, { event, offset }) => sawRecord(actor, event, offset),
    sawBlock: async (block) => sawBlock(block),
    sawReorg: async () => {},
  };
}

function optionsOf(
  chain: SimulatedChain,
  { cast, fees = {}, network = {}, policy }: Story,
  witness: Witness,
): PlayOptions {
  return {
    seed: 1,
    cast,
    chain,
    fees,
    network,
    ...(policy === undefined ? {} : { policy }),
    // A redemption is signed over the vouchers in it, which stand-ins would have to change.
    signatures: "real",
    challengeDurationSec: CHALLENGE_SEC,
    disputeAfterMs: DISPUTE_AFTER_MS,
    prepare: async (world) => {
      world.witnesses.push(witness);
    },
  };
}
