/** Which channels are over for good, so that what happened in them can leave the log. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { Tag } from "../events/record.ts";
import type { NodeView } from "./node-state.ts";

/**
 * Channels that are concluded and paid out, and for which nothing is open: no objective, no transaction,
 * no message that waits to be acknowledged.
 */
export function finishedChannels(state: NodeView): ReadonlySet<ChannelId> {
  const finished = new Set<ChannelId>();
  for (const { concluded, fundingOutcome, id, paidOut } of state.channels.values()) {
    const isPaidOut = fundingOutcome.every(({ asset }) => paidOut.has(asset));
    const isOpen = (state.desks.get(id)?.open.length ?? 0) > 0;
    if (concluded && isPaidOut && !isOpen) finished.add(id);
  }
  for (const { channelId } of state.transactions.values()) finished.delete(channelId);
  for (const { message } of state.messages.values()) {
    if ("channelId" in message) finished.delete(message.channelId);
  }
  return finished;
}

/** True for an event that is about finished channels alone, by what it is about. */
export function isAboutOnly(finished: ReadonlySet<ChannelId>, tags: readonly Tag[]): boolean {
  const channels = tags.filter((tag) => tag.startsWith(CHANNEL_KIND));
  return (
    channels.length > 0 &&
    channels.every((tag) => finished.has(tag.slice(CHANNEL_KIND.length) as ChannelId))
  );
}

const CHANNEL_KIND = "channel:";
