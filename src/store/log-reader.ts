/** Reads records from closed segments, and checks them on the way. */
import { type EventRecord, firstHash, type RecordCodec, storedHash } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { damageError } from "./log-damage.ts";
import { type Walk, walkOn } from "./log-walk.ts";
import { segmentOf } from "./segment.ts";
import { readRuns, type SegmentRun, storedOf } from "./segment-reader.ts";

/** A log whose segments are read. */
export type ReadLog<Event> = {
  readonly keyValue: KeyValue;
  readonly codec: RecordCodec<Event>;
  readonly logId: Uint8Array;
  /** Whether records are hashed on the way. */
  readonly check: "Chain" | "None";
};

/** Decodes stored records that follow `start`. Throws `NodeError` with `LogDamaged` or `LogTooNew`. */
export function decodeRecords<Event>(
  { codec }: Pick<ReadLog<Event>, "codec" | "check">,
  start: Walk,
  stored: readonly Uint8Array[],
): { readonly records: readonly EventRecord<Event>[]; readonly end: Walk } {
  const records: EventRecord<Event>[] = [];
  let walk = start;
  for (const bytes of stored) {
    const step = walkOn(codec, walk, { offset: walk.length, stored: bytes });
    if (!step.ok) throw damageError(step.reason);
    walk = step.value.walk;
    records.push(step.value.record);
  }
  return { records, end: walk };
}

/** The records from `from` to `to` (left out), all of them in closed segments, a segment at a time. */
export async function* readClosed<Event>(
  log: ReadLog<Event>,
  from: number,
  to: number,
): AsyncGenerator<readonly EventRecord<Event>[]> {
  if (from >= to) return;
  const { keyValue, logId } = log;
  let walk: Walk | undefined =
    from === 0 ? { length: 0, hash: firstHash(logId), timeMs: 0 } : undefined;
  for await (const run of readRuns(
    keyValue,
    segmentOf(Math.max(from - 1, 0)),
    segmentOf(to - 1) + 1,
  )) {
    walk ??= walkBefore(run, from);
    const stored = storedOf(run).slice(walk.length - run.start, to - run.start);
    const { end, records } = decodeRecords(log, walk, stored);
    walk = end;
    if (records.length > 0) yield records;
  }
  const length = walk?.length ?? from;
  if (length < to) throw damageError({ code: "RecordMissing", offset: length });
}

/** The place in front of the record at `from`, which is checked by the one before it. */
function walkBefore(run: SegmentRun, from: number): Walk {
  const before = storedOf(run)[from - 1 - run.start];
  if (before === undefined) throw damageError({ code: "RecordMissing", offset: from - 1 });
  return { length: from, hash: storedHash(before), timeMs: 0 };
}
