/** Reads records from closed segments, and checks them on the way. */
import type { EventRecord, RecordCodec, RecordHash } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { damageError, type LogDamage } from "./log-damage.ts";
import { segmentOf } from "./segment.ts";
import { gapBefore, readRuns, type SegmentRun } from "./segment-reader.ts";

/** A log whose segments are read. */
export type ReadLog<Event> = {
  readonly keyValue: KeyValue;
  readonly codec: RecordCodec<Event>;
  readonly logId: Uint8Array;
  /** Whether records are hashed on the way. */
  readonly check: "Chain" | "None";
};

/** Which records of a run are read, and what is known of those before them. */
export type Span = {
  readonly from?: number;
  readonly to?: number;
  /** Hash of the record before the run. */
  readonly previousHash?: RecordHash | undefined;
  /** Time of the record before `from`. */
  readonly timeMs?: number;
};

/** Records up to the first damage. */
export type FoundRecords<Event> = {
  readonly records: readonly EventRecord<Event>[];
  readonly damage: LogDamage | undefined;
};

/** Decodes records of a run. Their times must not decrease. */
export function decodeSpan<Event>(
  { check, codec }: Pick<ReadLog<Event>, "check" | "codec">,
  { run, start }: SegmentRun,
  { timeMs = 0, ...span }: Span,
): FoundRecords<Event> {
  const found = codec.decodeRun(run, { ...span, offset: start, check });
  let lastMs = timeMs;
  for (const { offset, timeMs: atMs } of found.records) {
    if (atMs < lastMs) {
      const records = found.records.filter((record) => record.offset < offset);
      return { records, damage: { code: "TimeDecreased", offset } };
    }
    lastMs = atMs;
  }
  return found;
}

/** The records. Throws `NodeError` with `LogDamaged` or `LogTooNew` where one is damaged. */
export function soundRecords<Event>(found: FoundRecords<Event>): readonly EventRecord<Event>[] {
  if (found.damage !== undefined) throw damageError(found.damage);
  return found.records;
}

/** The records from `from` to `to` (left out), all of them in closed segments, a segment at a time. */
export async function* readClosed<Event>(
  log: ReadLog<Event>,
  from: number,
  to: number,
): AsyncGenerator<readonly EventRecord<Event>[]> {
  let next = from;
  let last: EventRecord<Event> | undefined;
  for await (const run of readRuns(log.keyValue, segmentOf(from), segmentOf(to - 1) + 1)) {
    const gap = last === undefined ? undefined : gapBefore(run, next);
    if (gap !== undefined) throw damageError(gap);
    const span = { from: next, to, previousHash: last?.hash, timeMs: last?.timeMs ?? 0 };
    const records = soundRecords(decodeSpan(log, run, span));
    last = records.at(-1) ?? last;
    next += records.length;
    if (records.length > 0) yield records;
  }
  if (next < to) throw damageError({ code: "RecordMissing", offset: next });
}
