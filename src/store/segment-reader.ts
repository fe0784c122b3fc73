/** Reads segments in order. What cannot be read is damage at an offset, never a shorter answer. */
import type { KeyValue } from "../ports/key-value.ts";
import { damageError, type LogDamage } from "./log-damage.ts";
import { readSegments } from "./log-disk.ts";
import { SEGMENT_RECORDS, segmentOf, segmentStart } from "./segment.ts";
import { unpackRun } from "./stored-run.ts";

/** The records of one segment. */
export type SegmentRun = {
  /** Offset of the first. */
  readonly start: number;
  readonly stored: readonly Uint8Array[];
  /** What keeps the segment from being whole, at the offset behind its records. */
  readonly damage: LogDamage | undefined;
};

/**
 * The segments from number `from` on, to number `to` (left out) or to the last. Only the last segment of a
 * log may hold less than it has room for. Ends after damage.
 */
export async function* readRuns(
  keyValue: KeyValue,
  from: number,
  to?: number,
): AsyncGenerator<SegmentRun> {
  let next = segmentStart(from);
  let isOpen = false;
  for await (const { run, segment } of readSegments(keyValue, from, to)) {
    if (isOpen || segment !== segmentOf(next)) {
      yield { start: next, stored: [], damage: { code: "RecordMissing", offset: next } };
      return;
    }
    const found = runOf(segment, run);
    yield found;
    if (found.damage !== undefined) return;
    next = found.start + found.stored.length;
    isOpen = found.stored.length < SEGMENT_RECORDS;
  }
}

/** The records of one segment as they are stored. */
export function runOf(segment: number, run: Uint8Array): SegmentRun {
  const start = segmentStart(segment);
  const { isWhole, stored } = unpackRun(run);
  const kept = stored.slice(0, SEGMENT_RECORDS);
  const isSound = isWhole && stored.length > 0 && stored.length <= SEGMENT_RECORDS;
  const damage = isSound
    ? undefined
    : ({ code: "HashMismatch", offset: start + kept.length } as const);
  return { start, stored: kept, damage };
}

/** The records of a run. Throws `NodeError` with `LogDamaged` when it is not whole. */
export function storedOf({ damage, stored }: SegmentRun): readonly Uint8Array[] {
  if (damage !== undefined) throw damageError(damage);
  return stored;
}
