/** How a script plays games for money. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import { disputeId } from "../src/channel/objective-id.ts";
import type { SignedState } from "../src/channel/signed-state.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { toHex } from "../src/primitives/hex.ts";
import { newestMove } from "../src/protocols/best-move.ts";
import type { ActorName } from "./actors.ts";
import type { Said } from "./games.ts";
import { ScenarioFailure } from "./scenario.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { World } from "./world.ts";

/**
 * Makes a move, and waits until the other player's node has signed it too, or, in a dispute, until it is on the chain.
 * Gives the code of a refusal, her own or the other one's.
 */
export async function playMove(
  world: World,
  name: ActorName,
  channelId: ChannelId,
  said: readonly Said[],
): Promise<string | undefined> {
  const node = world.node(name);
  const before = newest(node, channelId);
  const answer = await askToMove(world, name, channelId, said);
  if (typeof answer === "string") return answer;
  const { objectiveId } = answer;
  if (objectiveId === disputeId(channelId)) {
    await shown(node, channelId, before.variablePart.turnNum + 1);
    return undefined;
  }
  const ended = await node.settled(objectiveId);
  if (ended.status !== "Completed") return ended.rejectionCode;
  const others = [...world.nodes.values()].filter((other) => knows(other, channelId));
  await Promise.all(others.map((other) => other.settled(objectiveId)));
  return undefined;
}

/** Makes a move, and waits for nobody. Gives the code of a refusal by her own node. */
export async function askToMove(
  world: World,
  name: ActorName,
  channelId: ChannelId,
  said: readonly Said[],
): Promise<string | { readonly objectiveId: ReturnType<typeof disputeId> }> {
  const node = world.node(name);
  if (!node.isRunning) throw new ScenarioFailure(`${name} has crashed and cannot move`);
  const baseTurnNum = newest(node, channelId).variablePart.turnNum;
  const messages = said.map(({ payload, type }) => {
    const timeMs = Math.floor(world.virtualMs);
    return { messageType: type, payload: toHex(payload), timeMs };
  });
  const change = { type: "Play", baseTurnNum, messages } as const;
  const answer = await node.engine.submit({ type: "UpdateChannel", channelId, change });
  if (answer.ok) return { objectiveId: answer.value };
  return answer.reason.code === "MoveRefused" ? answer.reason.by : answer.reason.code;
}

/** What she would move on: the newest state in a dispute, else what both have signed. */
function newest({ engine }: SimulatedNode, channelId: ChannelId): SignedState {
  const channel = engine.channel(channelId);
  if (channel === undefined) throw new ScenarioFailure(`nobody plays in ${channelId}`);
  const state = channel.isDisputed ? newestMove(channel) : channel.supported;
  return assertDefined(state, "a state of a channel that runs");
}

/** Resolves once her node has seen a turn on the chain. */
export async function shown(
  node: SimulatedNode,
  channelId: ChannelId,
  turnNum: number,
): Promise<void> {
  while (!isShown(node, channelId, turnNum)) await node.next(() => true);
}

function isShown({ engine }: SimulatedNode, channelId: ChannelId, turnNum: number): boolean {
  const { adjudication } = engine.channel(channelId) ?? {};
  return adjudication?.type === "Challenged" && adjudication.turnNum >= turnNum;
}

function knows(node: SimulatedNode, channelId: ChannelId): boolean {
  return node.isRunning && node.engine.channel(channelId) !== undefined;
}
