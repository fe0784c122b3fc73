/** The events in the stored log of a node, checked on the way. */
import { catalogue } from "../../src/events/catalogue.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { createRecordCodec, type EventRecord } from "../../src/events/record.ts";
import { tagsOf } from "../../src/events/tags.ts";
import { startWalk, walkOn } from "../../src/store/log-walk.ts";
import { wrongUsage } from "./shell.ts";

const codec = createRecordCodec(catalogue, tagsOf);

/** Every record in order. Throws a usage failure where the log was changed or is of a newer program. */
export function recordsOf(
  node: string,
  logId: Uint8Array,
  stored: readonly Uint8Array[],
): readonly EventRecord<NodeEvent>[] {
  let walk = startWalk(logId);
  return stored.map((bytes, offset) => {
    const step = walkOn(codec, walk, { offset, stored: bytes });
    if (!step.ok)
      throw wrongUsage(`the log of ${node} is damaged at offset ${offset}: ${step.reason.code}`);
    walk = step.value.walk;
    return step.value.record;
  });
}
