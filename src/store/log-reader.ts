/** Reads the log from the disk and checks it on the way. */
import { type RecordCodec, storedHash } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { NodeError } from "../primitives/node-error.ts";
import { readStored } from "./log-disk.ts";
import { type LogDamage, startWalk, type Walk, type WalkStep, walkOn } from "./log-walk.ts";

/**
 * Goes on from `start` to offset `to` (left out), or to the end if it is absent. Damage is never passed
 * over: it throws `NodeError` with `LogDamaged`, and what is damaged in its data.
 */
export async function* readLog<Event>(
  keyValue: KeyValue,
  codec: RecordCodec<Event>,
  start: Walk,
  to?: number,
): AsyncGenerator<WalkStep<Event>> {
  let walk = start;
  for await (const found of readStored(keyValue, walk.length, to)) {
    const step = walkOn(codec, walk, found);
    if (!step.ok) throw damaged(step.reason);
    walk = step.value.walk;
    yield step.value;
  }
  if (to !== undefined && walk.length < to) {
    throw damaged({ code: "RecordMissing", offset: walk.length });
  }
}

/** The place before `offset` in a log that was checked up to there. */
export async function walkTo(keyValue: KeyValue, logId: Uint8Array, offset: number): Promise<Walk> {
  if (offset === 0) return startWalk(logId);
  for await (const { stored } of readStored(keyValue, offset - 1, offset)) {
    return { length: offset, hash: storedHash(stored), timeMs: 0 };
  }
  throw damaged({ code: "RecordMissing", offset: offset - 1 });
}

function damaged(damage: LogDamage): NodeError {
  const message = `the log is damaged at offset ${damage.offset}: ${damage.code}`;
  return new NodeError("LogDamaged", message, { data: damage });
}
