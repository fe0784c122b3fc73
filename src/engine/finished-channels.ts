/** Which channels are over for good, so that what happened in them can leave the log. */
import type { ChannelId } from "../channel/channel-id.ts";
import { isFinalOnChain, isPaidOut } from "../channel/holdings.ts";
import type { Tag } from "../events/record.ts";
import type { NodeView } from "./node-state.ts";

/**
 * Channels that are final on the chain and paid out, and for which nothing is open: no objective, no transaction,
 * no message that waits to be acknowledged.
 */
export function finishedChannels(state: NodeView): ReadonlySet<ChannelId> {
  const finished = new Set<ChannelId>();
  for (const channel of state.channels.values()) {
    const { concluded, fundingOutcome, id, paidOut } = channel;
    const isEnded = concluded || isFinalOnChain(channel);
    // Anybody may pay others first: what is still mine is not over.
    const isPaid = fundingOutcome.every(({ asset }) => paidOut.has(asset)) && isPaidOut(channel);
    const isOpen = (state.desks.get(id)?.open.length ?? 0) > 0;
    if (isEnded && isPaid && !isOpen) finished.add(id);
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
