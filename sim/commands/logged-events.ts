/** The events in the stored log of a node, checked on the way. */
import type { NodeEvent } from "../../src/events/event.ts";
import { nodeCodec } from "../../src/events/node-codec.ts";
import type { EventRecord } from "../../src/events/record.ts";
import { startWalk, walkOn } from "../../src/store/log-walk.ts";
import { wrongUsage } from "./shell.ts";

/** Every record in order. Throws a usage failure where the log was changed or is of a newer program. */
export function recordsOf(
  node: string,
  logId: Uint8Array,
  stored: readonly Uint8Array[],
): readonly EventRecord<NodeEvent>[] {
  let walk = startWalk(logId);
  return stored.map((bytes, offset) => {
    const step = walkOn(nodeCodec, walk, { offset, stored: bytes });
    if (!step.ok)
      throw wrongUsage(`the log of ${node} is damaged at offset ${offset}: ${step.reason.code}`);
    walk = step.value.walk;
    return step.value.record;
  });
}
