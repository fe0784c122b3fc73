/** What a node, an objective or a channel was at any offset of the log: time travel by folding. */
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import type { Objective } from "../protocols/objective.ts";
import type { EventStore } from "../store/event-store.ts";
import { reconstruct } from "../store/reconstructor.ts";
import { evolveNode } from "./evolve-node.ts";
import { createNodeState, type NodeState } from "./node-state.ts";

/** The state of the whole node after the first `upTo` events; 0 is a node to which nothing has happened. */
export function reconstructNode(store: EventStore<NodeEvent>, upTo: number): Promise<NodeState> {
  return reconstruct({ store, initial: createNodeState(), evolve: evolveNode, upTo });
}

/**
 * An objective after the first `upTo` events, from the events that are about it; undefined before it
 * was created. What it shares with its channel is in the channel.
 */
export async function reconstructObjective(
  store: EventStore<NodeEvent>,
  objectiveId: ObjectiveId,
  upTo: number,
): Promise<Objective | undefined> {
  const tag = `objective:${objectiveId}` as const;
  const initial = createNodeState();
  const state = await reconstruct({ store, initial, evolve: evolveNode, upTo, tag });
  return state.objectives.get(objectiveId);
}

/** A channel after the first `upTo` events, from the events that are about it; undefined before it existed. */
export async function reconstructChannel(
  store: EventStore<NodeEvent>,
  channelId: ChannelId,
  upTo: number,
): Promise<Channel | undefined> {
  const tag = `channel:${channelId}` as const;
  const initial = createNodeState();
  const state = await reconstruct({ store, initial, evolve: evolveNode, upTo, tag });
  return state.channels.get(channelId);
}
