/** A game of rock, paper, scissors between Eve, who says whatever a test wants, and Alice's node. */
import { expect } from "bun:test";
import {
  commitmentOf,
  newRockPaperScissors,
  ROCK_PAPER_SCISSORS_REDUCER,
  rockPaperScissorsTwin,
} from "../../contracts/rock-paper-scissors.ts";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import type { World } from "../../sim/world.ts";
import type { Channel } from "../../src/channel/channel.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import type { FixedPart } from "../../src/channel/fixed-part.ts";
import {
  emptyMessageLog,
  encodeMessageLog,
  type LogMessage,
} from "../../src/channel/message-log.ts";
import { twinStateOf } from "../../src/channel/message-log-twin.ts";
import { updateId } from "../../src/channel/objective-id.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import type { Message } from "../../src/messages/message.ts";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { playedState } from "../../src/protocols/message-log-rule.ts";
import { quiet } from "../adversarial/hostile-scene.ts";
import { fixedPartOf, outcomeOf, Puppet, stateOf } from "../adversarial/puppet.ts";
import { playWorld } from "../played-world.ts";
import { acceptedOf } from "../reducers.ts";
import { gameMessage } from "../sample-games.ts";

/** What Eve commits to. */
export const ROCK: Uint8Array = concatBytes(Uint8Array.of(0), new Uint8Array(32).fill(9));

/** Eve puts in nothing, Alice ten. */
const STAKES = [0n, 10n];

/** Who plays what. */
export type Scene = {
  readonly world: World;
  readonly eve: Puppet;
  readonly fixedPart: FixedPart;
  readonly channelId: ChannelId;
  /** Rounds that decide. */
  readonly rounds: number;
};

/** A beginning. */
export function opening(
  { fixedPart, rounds }: Scene,
  reducer: Hash = ROCK_PAPER_SCISSORS_REDUCER,
): VariablePart {
  const outcome = outcomeOf(fixedPart.participants, STAKES);
  const log = emptyMessageLog(reducer, toHex(twinStateOf(newRockPaperScissors(rounds), outcome)));
  return { outcome, appData: encodeMessageLog(log), turnNum: 0, isFinal: false };
}

/** What opens a channel, as Eve says it. */
export function proposal(
  scene: Scene,
  part: VariablePart,
  fixedPart: FixedPart = scene.fixedPart,
): Message {
  const { appData, outcome } = part;
  const signature = scene.eve.sign(channelIdOf(fixedPart), part);
  return { type: "Prefund", fixedPart, outcome, appData, signature };
}

/** A move of Eve or Alice on a state, as the rules have it. */
export function moved(
  { channelId }: Scene,
  before: VariablePart,
  message: LogMessage,
): VariablePart {
  return acceptedOf(playedState(channelId, before, [message], rockPaperScissorsTwin));
}

/** Eve's first move. */
export const commit = ({ channelId }: Scene): LogMessage =>
  gameMessage("commit", commitmentOf(channelId, 0, ROCK));

/** Eve's state at the next turn, signed, as an update that she wished for. */
export function said({ channelId, eve }: Scene, part: VariablePart, count = 0): Message {
  return stateOf(eve, channelId, part, updateId(channelId, 0, count));
}

/** Plays a story with Alice's node and Eve, who is a puppet. `begun` is what both sign behind the deposits. */
export async function play(
  chain: SimulatedChain,
  act: (scene: Scene, begun: VariablePart) => Promise<void>,
  rounds = 2,
): Promise<void> {
  const cast = ["alice", "eve"] as const;
  const options = {
    seed: 1,
    cast,
    chain,
    signatures: "real",
    puppets: ["eve"],
  } as const;
  await playWorld(options, async (world) => {
    const app = world.options.chain.deployment.rockPaperScissorsApp;
    const fixedPart = fixedPartOf(world, { appDefinition: app });
    const eve = new Puppet(world, "eve");
    const scene = { world, eve, fixedPart, channelId: channelIdOf(fixedPart), rounds };
    await act(scene, { ...opening(scene), turnNum: 1 });
    await quiet(world);
    eve.leave();
  });
}

/** Brings the channel to run, honestly. */
export async function begin(scene: Scene, begun: VariablePart): Promise<void> {
  expect(await scene.eve.say(proposal(scene, opening(scene)))).toBe("Accepted");
  await quiet(scene.world);
  expect(await scene.eve.say(stateOf(scene.eve, scene.channelId, begun))).toBe("Accepted");
}

/** The channel as Alice's node has it. */
export const channelOf = ({ channelId, world }: Scene): Channel | undefined =>
  world.node("alice").engine.channel(channelId);
