/** Channels whose events nobody needs any more: paid out, with nothing left to do or to send for them. */
import { type Channel, phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { NodeView } from "../engine/node-state.ts";
import type { Tag } from "../events/record.ts";
import { isActive } from "../protocols/objective.ts";

const CHANNEL_TAG = "channel:";

/** The channels of a node that are over. */
export function finishedChannels(state: NodeView): ReadonlySet<ChannelId> {
  const busy = busyChannels(state);
  const over = [...state.channels.values()].filter((channel) => isPaidOut(channel));
  return new Set(over.map(({ id }) => id).filter((id) => !busy.has(id)));
}

/** True for an event that is about such channels, and about no other. */
export function isAboutOnly(finished: ReadonlySet<ChannelId>, tags: readonly Tag[]): boolean {
  const channels = tags.filter((tag) => tag.startsWith(CHANNEL_TAG));
  return (
    channels.length > 0 &&
    channels.every((tag) => finished.has(tag.slice(CHANNEL_TAG.length) as ChannelId))
  );
}

function isPaidOut(channel: Channel): boolean {
  const { fundingOutcome, paidOut } = channel;
  return (
    phaseOf(channel) === "Concluded" && fundingOutcome.every(({ asset }) => paidOut.has(asset))
  );
}

function busyChannels({ messages, objectives, transactions }: NodeView): ReadonlySet<string> {
  const open = [...objectives.values()].filter(isActive).map(({ channelId }) => channelId);
  const unsent = [...messages.values()].flatMap(({ message }) =>
    "channelId" in message && message.channelId !== undefined ? [message.channelId] : [],
  );
  const unsettled = [...transactions.values()].map(({ channelId }) => channelId);
  return new Set<string>([...open, ...unsent, ...unsettled]);
}
