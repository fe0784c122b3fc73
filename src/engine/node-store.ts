/** The log of a node, opened as every node opens it. */
import type { NodeEvent } from "../events/event.ts";
import { nodeCodec } from "../events/node-codec.ts";
import { EventStore } from "../store/event-store.ts";
import type { LogDisk } from "../store/log-disk.ts";
import { snapshotEnd } from "./start-state.ts";

/**
 * Opens the log on `disk`, to be written: what the newest snapshot holds is taken over unchecked where the log
 * is long, and a clock that steps back leaves a trace. With `logId`, 16 bytes, an empty disk becomes a
 * new log. Throws what `EventStore.open` throws.
 */
export async function openNodeStore(
  disk: LogDisk,
  logId?: Uint8Array,
): Promise<EventStore<NodeEvent>> {
  const checkFrom = await snapshotEnd(disk.keyValue);
  return EventStore.open({
    disk,
    codec: nodeCodec,
    heldClock: (askedMs, heldMs) => ({ type: "ClockHeld", askedMs, heldMs }),
    ...(logId === undefined ? {} : { logId }),
    ...(checkFrom === undefined ? {} : { checkFrom }),
  });
}
