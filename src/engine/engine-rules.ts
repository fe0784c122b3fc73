/** What the loop of a node asks about inputs and events. */
import type { NodeEvent } from "../events/event.ts";
import { reject } from "../primitives/result.ts";
import type { Input } from "./input.ts";
import { isWish } from "./waiting-room.ts";

/** True when a channel may be older than this log's part about it, so that its blocks were read already. */
export function isLateChannel({ type }: NodeEvent): boolean {
  return type === "ChannelResynced" || type === "ChannelDoubted";
}
/** True when requests that had to wait may be decided now. */
export function isReopening({ type }: Input, events: readonly NodeEvent[]): boolean {
  return type === "Welcomed" || events.some((event) => event.type === "ResyncCompleted");
}

/** Nobody will decide this input: whoever waits for an answer must not wait for ever. */
export function abandon(input: Input): void {
  if (isWish(input)) input.answer(reject({ code: "NodeStopped" }));
}
