/** How an actor sees a channel to its end, whoever else is there. */
import type { Channel } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { isPaidOut } from "../src/channel/holdings.ts";
import { currentLedger } from "../src/engine/crank-channel.ts";
import { mayHold, virtualUseOf } from "../src/protocols/guarantees.ts";
import type { ActorName } from "./actors.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { World } from "./world.ts";

/** Resolves once she is paid what the chain can pay her, or a virtual channel is out of her ledgers. */
export async function sawEnd(world: World, name: ActorName, channelId: ChannelId): Promise<void> {
  const node = world.node(name);
  while (!hasEnded(node, channelId)) await node.next(() => true);
}

function hasEnded(node: SimulatedNode, channelId: ChannelId): boolean {
  const channel = node.engine.channel(channelId);
  if (channel === undefined) return false;
  return channel.use.type === "Virtual" ? isFreed(node, channel) : isPaidOut(channel);
}

function isFreed({ engine }: SimulatedNode, channel: Channel): boolean {
  const { left, right } = virtualUseOf(channel);
  return [left, right].every(
    (id) => id === undefined || !mayHold(currentLedger(engine.view(), id), channel),
  );
}
