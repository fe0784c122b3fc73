/** Worlds in which somebody cheats on the chain: who stops where, and what strangers and participants call. */
import type { ActorName } from "../../sim/actors.ts";
import { keyOf } from "../../sim/actors.ts";
import { createChainVerbs } from "../../sim/chain-stage.ts";
import type { ChainVerbs } from "../../sim/chain-verbs.ts";
import { checkReplay } from "../../sim/checkers/replay.ts";
import { supportedStates } from "../../sim/hostile-calls.ts";
import type { Stage } from "../../sim/scenario.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import {
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeCall,
  type SignedVariablePart,
} from "../../src/chain/adjudicator.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { SignedState } from "../../src/channel/signed-state.ts";
import { stateHash } from "../../src/channel/state.ts";
import { challengeHash } from "../../src/channel/state-challenge.ts";
import { reconstructChannel } from "../../src/engine/reconstruction.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { allSignatures } from "../../src/protocols/signing.ts";
import { type PlayOptions, playWorld } from "../played-world.ts";

/** Seconds that a challenge can be answered in these worlds: ten minutes, 50 blocks. */
export const WINDOW_SEC = 600;

/** Ends an actor's node for good as soon as something is durable there: what follows from it is never sent. */
export type StopAt = (name: ActorName, isIt: (event: NodeEvent) => boolean) => void;

/** What a story is told with. */
export type DisputeScene = {
  readonly world: World;
  readonly stage: Stage<ActorName>;
  readonly chain: ChainVerbs;
  readonly stopAt: StopAt;
  /** Sends a call by a stranger, and waits until it is mined. Throws when the contract refuses it. */
  readonly call: (call: ContractCall, label: string) => Promise<void>;
  /** Challenges with a state that `by` holds with all signatures, be `by` stopped. */
  readonly challenge: (by: ActorName, channelId: ChannelId, turnNum: number) => Promise<void>;
  readonly checkpoint: (by: ActorName, channelId: ChannelId, turnNum: number) => Promise<void>;
  /** Concludes with the final state that `by` holds with all signatures. Pays nothing. */
  readonly conclude: (by: ActorName, channelId: ChannelId) => Promise<void>;
};

/** Who takes part, and how. */
export type SceneOptions = Pick<
  PlayOptions,
  "cast" | "policy" | "disputeAfterMs" | "fees" | "isWatched"
> & {
  readonly chain: SimulatedChain;
  readonly seed?: number;
};

/** Plays a story in which somebody cheats; throws what the oracles find, too. */
export async function playDispute(
  { seed = 1, ...options }: SceneOptions,
  story: (scene: DisputeScene) => Promise<void>,
): Promise<World> {
  const stops: { name: ActorName; isIt: (event: NodeEvent) => boolean }[] = [];
  const prepare = async (world: World): Promise<void> => {
    world.witnesses.push({
      sawRecord: (name, { event }) => {
        const found = stops.findIndex((stop) => stop.name === name && stop.isIt(event));
        if (found < 0) return;
        stops.splice(found, 1);
        world.node(name).crash();
      },
      sawBlock: () => Promise.resolve(),
      sawReorg: () => Promise.resolve(),
    });
  };
  // A stand-in cannot be part of the app data that another one signs: redemptions are.
  const signatures = "real" as const;
  const settings = { ...options, seed, prepare, signatures, challengeDurationSec: WINDOW_SEC };
  return playWorld(settings, async (world) => {
    const stopAt: StopAt = (name, isIt) => void stops.push({ name, isIt });
    await story(sceneOf(world, stopAt));
    await stopAll(world);
  });
}

/** Whoever has stopped for good acknowledges nothing: the others would never be idle. */
async function stopAll(world: World): Promise<void> {
  for (const node of world.nodes.values()) {
    if (!node.isRunning) continue;
    world.violations.push(...(await checkReplay(node)));
    node.crash();
  }
}

function sceneOf(world: World, stopAt: StopAt): DisputeScene {
  const chain = createChainVerbs(world);
  const { adjudicator } = world.options.chain.deployment;
  const call: DisputeScene["call"] = async (contractCall, label) => {
    const isTaken = await chain.mined(await chain.asStranger(contractCall, { label }));
    if (!isTaken) throw new Error(`the contract refused ${label}`);
  };
  return {
    world,
    stage: createStage(world, {}),
    chain,
    stopAt,
    call,
    challenge: async (by, channelId, turnNum) => {
      const { channel, candidate } = await heldState(world, by, channelId, turnNum);
      const hash = challengeHash(stateHash(channelId, candidate.variablePart));
      const signature = world.node(by).parts.signatures.signHash(hash, keyOf(by));
      const claim = { fixedPart: channel.fixedPart, proof: [], candidate };
      await call(challengeCall(adjudicator, claim, signature), `${by} challenges ${turnNum}`);
    },
    checkpoint: async (by, channelId, turnNum) => {
      const { channel, candidate } = await heldState(world, by, channelId, turnNum);
      const claim = { fixedPart: channel.fixedPart, proof: [], candidate };
      await call(checkpointCall(adjudicator, claim), `${by} checkpoints ${turnNum}`);
    },
    conclude: async (by, channelId) => {
      const states = await supportedStates(world.node(by), channelId);
      const final = states.find(({ variablePart }) => variablePart.isFinal);
      const { turnNum } = assertDefined(final, "a final state").variablePart;
      const { channel, candidate } = await heldState(world, by, channelId, turnNum);
      const { fixedPart } = channel;
      const { signatures } = candidate;
      const ending = concludeCall(adjudicator, fixedPart, candidate.variablePart, signatures);
      await call(ending, `${by} concludes`);
    },
  };
}

/** A channel as a log has it, be its node stopped. */
export async function channelOf(
  world: World,
  name: ActorName,
  channelId: ChannelId,
): Promise<Channel> {
  const { store } = world.node(name);
  return assertDefined(await reconstructChannel(store, channelId, store.length), "the channel");
}

async function heldState(
  world: World,
  by: ActorName,
  channelId: ChannelId,
  turnNum: number,
): Promise<{ readonly channel: Channel; readonly candidate: SignedVariablePart }> {
  const states = await supportedStates(world.node(by), channelId);
  const isIt = ({ variablePart }: SignedState): boolean => variablePart.turnNum === turnNum;
  const state = assertDefined(states.find(isIt), `a state of turn ${turnNum}`);
  const candidate = { variablePart: state.variablePart, signatures: allSignatures(state) };
  return { channel: await channelOf(world, by, channelId), candidate };
}
