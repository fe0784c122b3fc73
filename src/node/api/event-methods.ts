/** Methods that read the log of the node, from any offset on. */
import { z } from "zod";
import type { NodeEvent } from "../../events/event.ts";
import type { Tag } from "../../events/record.ts";
import { accept } from "../../primitives/result.ts";
import type { EventStore } from "../../store/event-store.ts";
import { fault } from "./api-error.ts";
import {
  address,
  count,
  eventView as eventSchema,
  hash,
  objectiveId,
  PAGE_DEFAULT,
  PAGE_MAX,
} from "./api-schemas.ts";
import type { EventFilter, EventView, NodeMethods } from "./api-types.ts";
import type { MethodsOf } from "./method.ts";
import { eventView } from "./views.ts";

type Names = "events_list" | "events_subscribe" | "events_unsubscribe";

const filter = {
  channelId: hash.optional(),
  objectiveId: objectiveId.optional(),
  peer: address.optional(),
};

/** Bytes of events on one page, as JSON: 4 MiB. One event has at most 1 MiB. */
const PAGE_BYTES_MAX = 4 * 2 ** 20;

/** The methods by name. */
export const eventMethods: MethodsOf<Pick<NodeMethods, Names>> = {
  events_list: {
    scope: "read",
    summary: "reads the log from an offset on, in pages",
    description:
      "`channelId`, `objectiveId` or `peer` leave the events of one of these. `next` is the offset of the next page; at the end of the log it is the log's length.",
    params: z.strictObject({
      ...filter,
      from: count.optional(),
      limit: z.number().int().min(1).max(PAGE_MAX).optional(),
    }),
    result: z.strictObject({ events: z.array(eventSchema), next: count, length: count }),
    errors: [],
    example: { from: 0, limit: 2 },
    run: async ({ from = 0, limit = PAGE_DEFAULT, ...wanted }, { node }) => {
      const { length } = node.store;
      if (from >= length) return accept({ events: [], next: from, length });
      const { events, isCut } = await readPage(node.store, wanted, from, limit);
      const next = isCut ? (events.at(-1)?.offset ?? from) + 1 : Math.max(length, from);
      return accept({ events, next, length });
    },
  },
  events_subscribe: {
    scope: "read",
    summary: "sends every event from an offset on, as long as the WebSocket lives",
    description:
      "Each event comes as a notification `events_event`, in order, none left out and none twice. A reader that is slow is waited for; one that falls too far behind the log, or takes nothing for a minute, is cut off with the close code 4008, and goes on from its last offset over a new connection. `from` is the end of the log where absent.",
    params: z.strictObject({ ...filter, from: count.optional() }),
    result: z.strictObject({ subscription: count, from: count }),
    errors: ["WrongTransport", "TooLarge", "NotFound"],
    example: { from: 0 },
    run: ({ from, ...wanted }, { node }, { socket }) => {
      if (socket === undefined) return fault("WrongTransport");
      const { length } = node.store;
      const start = from ?? length;
      if (start > length) return fault("NotFound", { length });
      const subscription = socket.subscribe(wanted, start);
      return subscription.ok
        ? accept({ subscription: subscription.value, from: start })
        : subscription;
    },
  },
  events_unsubscribe: {
    scope: "read",
    summary: "ends a subscription",
    params: z.strictObject({ subscription: count }),
    result: z.strictObject({ ended: z.boolean() }),
    errors: ["WrongTransport"],
    example: { subscription: 1 },
    run: ({ subscription }, _context, { socket }) => {
      if (socket === undefined) return fault("WrongTransport");
      return accept({ ended: socket.unsubscribe(subscription) });
    },
  },
};

/** The tag that all wanted events have; undefined where all events are wanted. */
export function tagOf({ channelId, objectiveId: objective, peer }: EventFilter): Tag | undefined {
  if (objective !== undefined) return `objective:${objective}`;
  if (channelId !== undefined) return `channel:${channelId.toLowerCase()}`;
  return peer === undefined ? undefined : `peer:${peer.toLowerCase()}`;
}

async function readPage(
  store: EventStore<NodeEvent>,
  wanted: EventFilter,
  from: number,
  limit: number,
): Promise<{ readonly events: readonly EventView[]; readonly isCut: boolean }> {
  const tag = tagOf(wanted);
  const end = store.length;
  const source =
    tag === undefined
      ? store.readRange(from, end, { check: "None" })
      : store.readTagged(tag, from, end, { check: "None" });
  const events: EventView[] = [];
  let sizeBytes = 0;
  for await (const record of source) {
    const event = eventView(record);
    events.push(event);
    sizeBytes += JSON.stringify(event).length;
    if (events.length >= limit || sizeBytes >= PAGE_BYTES_MAX) return { events, isCut: true };
  }
  return { events, isCut: false };
}
