/** Which channels of a log are channels of messages, and how many messages each has. */
import type { ChannelId } from "../../channel/channel-id.ts";
import { decodeMessageLog } from "../../channel/message-log.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { EventStore } from "../../store/event-store.ts";

/** A channel that somebody may derive tables from. */
export type MessageChannel = { readonly channelId: ChannelId; readonly messages: number };

/** All of them, in the order in which they were created. Reads the whole log. Throws `NodeError`. */
export async function messageChannels(
  store: Pick<EventStore<NodeEvent>, "readFrom">,
): Promise<readonly MessageChannel[]> {
  const counts = new Map<ChannelId, number>();
  for await (const { event } of store.readFrom(0, { check: "None" })) {
    if (event.type === "ChannelCreated" && decodeMessageLog(event.appData).ok) {
      counts.set(event.channelId, 0);
    }
    if (event.type === "AppMessageAppended") {
      counts.set(event.channelId, (counts.get(event.channelId) ?? 0) + 1);
    }
  }
  return [...counts].map(([channelId, messages]) => ({ channelId, messages }));
}
