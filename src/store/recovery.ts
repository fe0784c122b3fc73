/** Finding the end of a log again: segments, then the journal, then what proves that nothing is missing. */

import { firstHash, type RecordHash, storedHash } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import { unpackRun } from "../events/record-run.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { marked } from "../primitives/mark.ts";
import { type EndMark, readEndMark, worstEnd } from "./end-mark.ts";
import type { JournalPlace } from "./journal-frame.ts";
import { type Repair, readTail } from "./journal-tail.ts";
import { damageError, sound } from "./log-damage.ts";
import { type LogDisk, readLastSegment } from "./log-disk.ts";
import { type FoundHead, type LogEnd, readHead } from "./log-head.ts";
import { segmentOf, segmentStart } from "./segment.ts";
import {
  hashBeforeRun,
  readRuns,
  type SegmentRun,
  storedOf,
  walkSegment,
} from "./segment-reader.ts";

/** What opening a log found, and did. */
export type Recovery = {
  /** What was cut off, because it was never acknowledged. */
  readonly repairs: readonly Repair[];
  /** Whether the log holds all that was ever acknowledged. */
  readonly end: LogEnd;
  /** Records below this offset were not checked, but taken over from a caller who trusts them. */
  readonly checkedFrom: number;
};

/** A log as it was found. */
export type RecoveredLog = {
  readonly recovery: Recovery;
  readonly head: LogHead;
  /** Records in segments. */
  readonly segmentsLength: number;
  /** The records of the last segment and of the journal, which follow `tailStart`. */
  readonly tail: readonly Uint8Array[];
  readonly tailStart: LogHead;
  /** Where the next frame goes in the journal. */
  readonly position: number;
  readonly place: JournalPlace;
  /** Bytes of the journal that tell of another log than this: to be wiped before it is written. */
  readonly staleSizeBytes: number;
};

/** Which log to recover, and how much of it to check. */
export type RecoveryRequest = {
  readonly disk: LogDisk;
  readonly logId: Uint8Array;
  /** A head that the caller trusts: records below it need no check. It is ignored when the log has no such head. */
  readonly checkFrom?: LogHead | undefined;
};

/**
 * Records of a log that is always checked from its start, whatever the caller trusts: up to 100,000, a few
 * tenths of a second.
 */
export const CHECKED_WHOLE_MAX = 100_000;

/** The log with no record. */
export function emptyHead(logId: Uint8Array): LogHead {
  return { length: 0, hash: firstHash(logId) };
}

/**
 * Reads a log and checks its chain. Changes nothing. Throws `NodeError` with `LogDamaged` and the offset
 * when a record that was acknowledged cannot be read as it was written.
 */
export async function recoverLog(request: RecoveryRequest): Promise<RecoveredLog> {
  const { disk, checkFrom } = request;
  const length = await segmentsLength(disk.keyValue);
  if (checkFrom === undefined || length <= CHECKED_WHOLE_MAX) return recoverFrom(request, 0);
  const recovered = await recoverFrom(request, Math.min(checkFrom.length, length));
  const isTrusted =
    checkFrom.length <= recovered.head.length &&
    checkFrom.hash === (await hashBefore(request, recovered, checkFrom.length));
  return isTrusted ? recovered : recoverFrom(marked("store/trusted-head-not-there", request), 0);
}

/** Checks the chain from offset `from` on; records below are taken as they are. */
async function recoverFrom(request: RecoveryRequest, from: number): Promise<RecoveredLog> {
  const { disk, logId } = request;
  const segments = await walkSegments(request, from);
  const journal = await disk.journal.read();
  const journalTail = sound(readTail(journal, logId, segments.head));
  const { anchor, head, place, position, repairs } = journalTail;
  const found = await readHead(disk.head, logId);
  const mark = await readEndMark(disk.keyValue);
  const end = worstEnd(endAgainst(head, found), mark, anchor);
  const last = segments.last === undefined ? [] : sound(storedOf(segments.last));
  const tail = [...last, ...journalTail.stored];
  const start = head.length - tail.length;
  const recovered = {
    recovery: { repairs, end, checkedFrom: segments.checkedFrom },
    head,
    segmentsLength: segments.head.length,
    tail,
    tailStart: { length: start, hash: await storedHashBefore(request, start) },
    position,
    place,
    staleSizeBytes: anchor === undefined ? 0 : journal.length,
  };
  const isOfLostEnd = found.type === "Head" && isAnchorOf(mark, found.head);
  if (found.type === "Head" && !isOfLostEnd) await checkAgainst(found.head, request, recovered);
  return recovered;
}

/** Segments that are checked without a pause: 4,096 records, a few milliseconds. */
const SEGMENTS_AT_ONCE = 16;

/**
 * Checks the records below `to`, which an earlier recovery took over, with pauses for the work of others.
 * Throws `NodeError` with `LogDamaged`.
 */
export async function recheck(
  { disk, logId }: RecoveryRequest,
  to: number,
  pause: () => Promise<void>,
): Promise<void> {
  if (to === 0) return;
  let head = emptyHead(logId);
  for await (const run of readRuns(disk.keyValue, 0, segmentOf(to - 1) + 1)) {
    head = sound(walkSegment(run, head));
    if ((segmentOf(run.start) + 1) % SEGMENTS_AT_ONCE === 0) await pause();
  }
  if (head.length < to) throw damageError({ code: "RecordMissing", offset: head.length });
}

type Segments = {
  readonly head: LogHead;
  readonly last: SegmentRun | undefined;
  /** Where the walk began. */
  readonly checkedFrom: number;
};

/** Goes along the segments from the one that holds the record before `from`. */
async function walkSegments({ disk, logId }: RecoveryRequest, from: number): Promise<Segments> {
  const first = segmentOf(Math.max(from - 1, 0));
  let head = emptyHead(logId);
  let last: SegmentRun | undefined;
  for await (const run of readRuns(disk.keyValue, first)) {
    // What a trusted head stands behind proves the hash that the walk begins with.
    if (last === undefined && first > 0) head = { length: run.start, hash: hashBeforeRun(run) };
    head = sound(walkSegment(run, head));
    last = run;
  }
  return { head, last, checkedFrom: segmentStart(first) };
}

async function segmentsLength(keyValue: KeyValue): Promise<number> {
  const last = await readLastSegment(keyValue);
  return last === undefined ? 0 : segmentStart(last.segment) + unpackRun(last.run).stored.length;
}

/** The hash that the record at `length` is chained to. */
async function hashBefore(
  request: RecoveryRequest,
  { head, tail }: RecoveredLog,
  length: number,
): Promise<RecordHash> {
  const last = tail[tail.length - (head.length - length) - 1];
  return last === undefined ? storedHashBefore(request, length) : storedHash(last);
}

/** The same, of a record in the segments. Throws `NodeError` with `LogDamaged` where there is none. */
export async function storedHashBefore(
  { disk, logId }: Pick<RecoveryRequest, "disk" | "logId">,
  length: number,
): Promise<RecordHash> {
  if (length === 0) return firstHash(logId);
  const segment = segmentOf(length - 1);
  for await (const run of readRuns(disk.keyValue, segment, segment + 1)) {
    const stored = sound(storedOf(run))[length - 1 - run.start];
    if (stored !== undefined) return storedHash(stored);
  }
  throw damageError({ code: "RecordMissing", offset: length - 1 });
}

/** What the head file proves about a log that ends at `length`. */
export function endAgainst({ length }: LogHead, found: FoundHead): LogEnd {
  if (found.type === "None")
    return marked("store/end-unproven", { type: "Unproven", why: found.why });
  if (found.head.length > length)
    return marked("store/end-is-missing", { type: "Behind", anchor: found.head });
  return found.isLatest ? { type: "Proven" } : { type: "Unproven", why: "HeadMayBeOld" };
}

/** True while the head file still tells of a longer log that was lost: what was appended since is another one. */
function isAnchorOf(mark: EndMark | undefined, { hash, length }: LogHead): boolean {
  return mark?.type === "Behind" && mark.anchor.length === length && mark.anchor.hash === hash;
}

/** What lies in the journal behind the end was acknowledged if the head file reaches there: it is damaged. */
async function checkAgainst(
  acknowledged: LogHead,
  request: RecoveryRequest,
  recovered: RecoveredLog,
): Promise<void> {
  const { length } = recovered.head;
  if (acknowledged.length > length) {
    const [torn] = recovered.recovery.repairs;
    if (torn !== undefined) throw damageError(torn.damage);
    return;
  }
  const hash = await hashBefore(request, recovered, acknowledged.length);
  if (hash !== acknowledged.hash) {
    throw damageError({ code: "HashMismatch", offset: Math.max(acknowledged.length - 1, 0) });
  }
}
