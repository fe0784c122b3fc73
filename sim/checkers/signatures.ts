/** Oracle: nobody signs twice for one turn, goes back in turns, or signs after a final state. */
import type { NodeEvent } from "../../src/events/event.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { Violation } from "../world.ts";

type Signed = NodeEvent & { readonly type: "StateSigned" };

/** Reads what a node signed from its log, whichever life of the node wrote it. */
export async function checkSignatures({ parts, store }: SimulatedNode): Promise<Violation[]> {
  const events: NodeEvent[] = [];
  for await (const { event } of store.readFrom(0)) events.push(event);
  return signedWrongly(events).map(({ channelId, variablePart }) => ({
    oracle: "no double signature",
    message: `${parts.name} signed turn ${variablePart.turnNum} of ${channelId} after that turn, a later one or a final state`,
  }));
}

/** The signatures that must not have been made, given what was signed in the same channel before. */
export function signedWrongly(events: readonly NodeEvent[]): readonly Signed[] {
  const newest = new Map<string, Signed["variablePart"]>();
  return events.filter((event): event is Signed => {
    if (event.type !== "StateSigned") return false;
    const before = newest.get(event.channelId);
    newest.set(event.channelId, event.variablePart);
    return before !== undefined && (before.isFinal || event.variablePart.turnNum <= before.turnNum);
  });
}
