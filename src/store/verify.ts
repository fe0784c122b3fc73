/** Anybody's check of anybody's log: is it whole, and does it end where it should? */
import type { EventRecord, RecordCodec } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import { NodeError } from "../primitives/node-error.ts";
import { readEndMark, worstEnd } from "./end-mark.ts";
import { IndexAudit, type IndexProblem } from "./index-audit.ts";
import { type Repair, readTail } from "./journal-tail.ts";
import type { LogDamage } from "./log-damage.ts";
import { type LogDisk, readLogId } from "./log-disk.ts";
import { type FoundHead, type LogEnd, readHead } from "./log-head.ts";
import { decodeSpan } from "./log-reader.ts";
import { type StoredRecord, startWalk, type Walk, walkOn } from "./log-walk.ts";
import { endAgainst } from "./recovery.ts";
import { SEGMENT_RECORDS } from "./segment.ts";
import { gapBefore, readRuns, type SegmentRun } from "./segment-reader.ts";

/** What is known of a log after the walk through it. */
export type Verdict =
  /** Every record is in order. Without an anchor nobody can say whether more followed: not proven. */
  | { readonly code: "ConsistentPrefix"; readonly head: LogHead }
  /** Every record is in order, and the anchor is one of them. */
  | { readonly code: "Anchored"; readonly head: LogHead }
  /** Every record is in order, but the log was longer when the anchor was taken: it was cut or rolled back. */
  | { readonly code: "Truncated"; readonly head: LogHead }
  /** Every record is in order, but at the anchor's length it was another log: it was rewritten. */
  | { readonly code: "Forked"; readonly head: LogHead }
  /** Not in order; the first damage that the walk met. */
  | { readonly code: "Damaged"; readonly damage: LogDamage };

/** A log to check, and what is known of it from outside: its id, and perhaps its head at some moment. */
export type Verification<Event> = {
  readonly codec: RecordCodec<Event>;
  readonly logId: Uint8Array;
  readonly records: Iterable<StoredRecord> | AsyncIterable<StoredRecord>;
  readonly anchor?: LogHead | undefined;
};

/** Walks through a log and checks chain, places, times and schemas. Damage is a verdict, never thrown. */
export async function verifyLog<Event>({
  codec,
  logId,
  records,
  anchor,
}: Verification<Event>): Promise<Verdict> {
  const check = new LogCheck(codec, logId, anchor === undefined ? [] : [anchor]);
  for await (const found of records) {
    if (check.pass(found) === undefined) break;
  }
  return check.verdict();
}

/** Whoever looks at the records while they are checked. */
type OnRecord<Event> = (record: EventRecord<Event>) => Promise<void> | undefined;

/** A disk to check. */
export type DiskVerification<Event> = {
  readonly disk: LogDisk;
  readonly codec: RecordCodec<Event>;
  /** A head that somebody kept elsewhere. The head file of the disk is asked in any case. */
  readonly anchor?: LogHead | undefined;
  /** Called with each record that is in order, as it is passed. What it promises is waited for. */
  readonly onRecord?: OnRecord<Event> | undefined;
};

/** What is known of the log of a disk. */
export type DiskReport = {
  readonly logId: Uint8Array;
  readonly verdict: Verdict;
  /** What opening the log would cut off. */
  readonly repairs: readonly Repair[];
  /** What head file, journal and mark say about the end. Not of use when the log is damaged. */
  readonly end: LogEnd;
  readonly headFile: FoundHead;
  /** Where the index by tag is not what the records say. Only closed segments that are in order were asked. */
  readonly index: readonly IndexProblem[];
};

/**
 * Checks the log of a disk record by record, and changes nothing. Throws `NodeError` with `NotALog`,
 * `LogTooNew`, or `LogDamaged` for a damaged header; damage of records is a verdict.
 */
export async function verifyDisk<Event>({
  disk,
  codec,
  anchor,
  onRecord,
}: DiskVerification<Event>): Promise<DiskReport> {
  const logId = await readLogId(disk.keyValue);
  if (logId === undefined) throw new NodeError("NotALog", "the disk holds no log");
  const headFile = await readHead(disk.head, logId);
  const mark = await readEndMark(disk.keyValue);
  const anchors = headFile.type === "Head" ? [headFile.head] : [];
  const check = new LogCheck(codec, logId, anchor === undefined ? anchors : [anchor, ...anchors]);
  const index = new IndexAudit(disk.keyValue, codec);
  const rest = await walkDisk({ disk, logId, check, index }, onRecord);
  const end = worstEnd(endAgainst(check.head, headFile), mark, rest.anchor);
  const verdict = check.verdict();
  return { logId, verdict, repairs: rest.repairs, end, headFile, index: index.problems };
}

/** What the walk found besides records. */
type Rest = { readonly repairs: readonly Repair[]; readonly anchor: LogHead | undefined };

const NO_REST: Rest = { repairs: [], anchor: undefined };

/** A walk along a disk. */
type DiskWalk<Event> = {
  readonly disk: LogDisk;
  readonly logId: Uint8Array;
  readonly check: LogCheck<Event>;
  readonly index: IndexAudit<Event>;
};

/** Passes every record of the disk, until the first damage. */
async function walkDisk<Event>(
  { check, disk, index, logId }: DiskWalk<Event>,
  onRecord: OnRecord<Event> = () => undefined,
): Promise<Rest> {
  for await (const segment of readRuns(disk.keyValue, 0)) {
    const records = check.passSegment(segment);
    for (const record of records) {
      const busy = onRecord(record);
      if (busy !== undefined) await busy;
    }
    if (check.isFailed) return NO_REST;
    await index.pass(segment.start, records);
  }
  const tail = readTail(await disk.journal.read(), logId, check.head);
  if (!tail.ok) {
    check.fail(tail.reason);
    return NO_REST;
  }
  const { anchor, repairs } = tail.value;
  for (const stored of tail.value.stored) {
    const record = check.pass({ offset: check.head.length, stored });
    if (record !== undefined) await onRecord(record);
  }
  check.close(anchor, repairs);
  return { repairs, anchor };
}

/** The walk through a log that is checked, and the heads that are looked for on the way. */
class LogCheck<Event> {
  readonly #codec: RecordCodec<Event>;
  #walk: Walk;
  #damage: LogDamage | undefined;
  /** Heads that were not met yet. */
  #missed: LogHead[];
  readonly #isAnchored: boolean;

  constructor(codec: RecordCodec<Event>, logId: Uint8Array, anchors: readonly LogHead[]) {
    this.#codec = codec;
    this.#walk = startWalk(logId);
    this.#missed = [...anchors];
    this.#isAnchored = anchors.length > 0;
    this.#meet();
  }

  get head(): LogHead {
    return { length: this.#walk.length, hash: this.#walk.hash };
  }

  get isFailed(): boolean {
    return this.#damage !== undefined;
  }

  /** Checks the next record. Gives it back when it is in order. */
  pass(found: StoredRecord): EventRecord<Event> | undefined {
    if (this.isFailed) return undefined;
    const step = walkOn(this.#codec, this.#walk, found);
    if (!step.ok) {
      this.#damage = step.reason;
      return undefined;
    }
    this.#walk = step.value.walk;
    this.#meet();
    return step.value.record;
  }

  /** Checks the next segment. Gives the records back that are in order. */
  passSegment(segment: SegmentRun): readonly EventRecord<Event>[] {
    const { hash: previousHash, length, timeMs } = this.#walk;
    const gap = gapBefore(segment, length);
    if (gap !== undefined) {
      this.fail(gap);
      return [];
    }
    const codec = this.#codec;
    const found = decodeSpan({ codec, check: "Chain" }, segment, { previousHash, timeMs });
    const records = found.records.slice(0, SEGMENT_RECORDS);
    for (const { hash, offset, timeMs: atMs } of records) {
      this.#walk = { length: offset + 1, hash, timeMs: atMs };
      this.#meet();
    }
    if (found.damage !== undefined) this.fail(found.damage);
    if (found.records.length === 0 || found.records.length > SEGMENT_RECORDS) {
      this.fail({ code: "HashMismatch", offset: this.#walk.length });
    }
    return records;
  }

  /** Notes damage behind the records that were passed. The first counts. */
  fail(damage: LogDamage): void {
    this.#damage ??= damage;
  }

  /** Notes what the journal says at its end: a head of its own, and a write that came to nothing. */
  close(anchor: LogHead | undefined, [torn]: readonly Repair[]): void {
    if (anchor !== undefined) this.#missed.push(anchor);
    // What a head names was acknowledged: then it is no torn write but a damaged one.
    if (torn !== undefined && this.#missed.some(({ length }) => length > this.#walk.length)) {
      this.fail(torn.damage);
    }
  }

  verdict(): Verdict {
    if (this.#damage !== undefined) return { code: "Damaged", damage: this.#damage };
    const { head } = this;
    if (this.#missed.length > 0) {
      const isForked = this.#missed.some(({ length }) => length <= head.length);
      return { code: isForked ? "Forked" : "Truncated", head };
    }
    return { code: this.#isAnchored ? "Anchored" : "ConsistentPrefix", head };
  }

  #meet(): void {
    const { hash, length } = this.#walk;
    if (this.#missed.length === 0) return;
    this.#missed = this.#missed.filter((head) => head.length !== length || head.hash !== hash);
  }
}
