/** Reads segments in order. What cannot be read is damage at an offset, never a shorter answer. */

import { HASH_SIZE_BYTES, type RecordHash } from "../events/record.ts";
import { checkRun } from "../events/record-chain.ts";
import type { LogHead } from "../events/record-head.ts";
import { RUN_ENTRY_BYTES, unpackRun } from "../events/record-run.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { LogDamage } from "./log-damage.ts";
import { readSegments } from "./log-disk.ts";
import { SEGMENT_RECORDS, segmentStart } from "./segment.ts";

/** The records of one segment, packed. */
export type SegmentRun = {
  /** Offset of the first. */
  readonly start: number;
  readonly run: Uint8Array;
};

/** The segments from number `from` on, to number `to` (left out) or to the last. */
export async function* readRuns(
  keyValue: KeyValue,
  from: number,
  to?: number,
): AsyncGenerator<SegmentRun> {
  for await (const { run, segment } of readSegments(keyValue, from, to)) {
    yield { start: segmentStart(segment), run };
  }
}

/** The damage when a segment begins elsewhere than where the one before it ended, at `length`. */
export function gapBefore({ start }: SegmentRun, length: number): LogDamage | undefined {
  return start === length ? undefined : { code: "RecordMissing", offset: length };
}

/** Checks the chain along a segment that begins at `head`. Gives the head behind it. */
export function walkSegment(segment: SegmentRun, head: LogHead): Result<LogHead, LogDamage> {
  const gap = gapBefore(segment, head.length);
  if (gap !== undefined) return reject(gap);
  const { count, hash, isWhole } = checkRun(head.hash, segment.run);
  const length = head.length + count;
  if (isWhole && count > 0 && count <= SEGMENT_RECORDS) return accept({ length, hash });
  return reject({ code: "HashMismatch", offset: Math.min(length, head.length + SEGMENT_RECORDS) });
}

/** The hash that a segment says the record before it has. Not checked; some text when it says nothing. */
export function hashBeforeRun({ run }: SegmentRun): RecordHash {
  return toHex(run.subarray(RUN_ENTRY_BYTES - HASH_SIZE_BYTES, RUN_ENTRY_BYTES)) as RecordHash;
}

/** The stored records of a segment; a damage when it is not whole. Their chain is not checked. */
export function storedOf({ run, start }: SegmentRun): Result<readonly Uint8Array[], LogDamage> {
  const { isWhole, stored } = unpackRun(run);
  const isSound = isWhole && stored.length > 0 && stored.length <= SEGMENT_RECORDS;
  if (isSound) return accept(stored);
  const offset = start + Math.min(stored.length, SEGMENT_RECORDS);
  return reject({ code: "HashMismatch", offset });
}
