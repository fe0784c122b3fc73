/** What the journal adds to the segments, and what it knows beyond. */

import { storedHash } from "../events/record.ts";
import { checkRun } from "../events/record-chain.ts";
import type { LogHead } from "../events/record-head.ts";
import { unpackRun } from "../events/record-run.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import {
  endsAt,
  type Frame,
  findFrames,
  type JournalPlace,
  readFirstFrame,
  readFrame,
} from "./journal-frame.ts";
import type { LogDamage } from "./log-damage.ts";

/** The remains of a write that was never acknowledged. They count no more, and are overwritten. */
export type Repair = {
  readonly code: "TornWrite";
  /** Where its first record would have stood. */
  readonly offset: number;
  /** Where it begins in the journal. */
  readonly position: number;
  /** Bytes from there to the last that is not zero: at most what was left of it. */
  readonly sizeBytes: number;
  /** What is wrong with it. */
  readonly damage: LogDamage;
};

/** The records that follow the segments. */
export type JournalTail = {
  /** In order, from the end of the segments on. */
  readonly stored: readonly Uint8Array[];
  /** The end of the log with them. */
  readonly head: LogHead;
  /** Where the next frame goes. */
  readonly position: number;
  readonly place: JournalPlace;
  readonly repairs: readonly Repair[];
  /** The journal belongs to a longer log, which the segments do not reach: they were cut or rolled back. */
  readonly anchor: LogHead | undefined;
};

/** Reads the journal of a log whose segments end at `start`. */
export function readTail(
  journal: Uint8Array,
  logId: Uint8Array,
  start: LogHead,
): Result<JournalTail, LogDamage> {
  const begin = readFirstFrame(journal, logId);
  const read = { logId, base: begin?.previousHash ?? start.hash };
  const frames = framesInOrder(journal, begin, read);
  const strays = [...findFrames(journal, frames.at(-1)?.endPosition ?? 0, read)];
  const used = frames.filter((frame) => endOf(frame) > start.length);
  const [first] = used;
  if (first !== undefined && first.firstOffset > start.length) {
    mark("store/segments-rolled-back");
    return accept({ ...emptyTail(start, logId), anchor: longest([...used, ...strays]) });
  }
  const tail = connect(used, { ...emptyTail(start, logId), ...(first && { place: read }) });
  if (!tail.ok) return tail;
  // Whoever writes a frame knows that all before it is durable: it is missing, not unwritten.
  const { head, position } = tail.value;
  const isCut = [...used, ...strays].some(({ firstOffset }) => firstOffset > head.length);
  const isRest = frames.length > 0 && used.length === 0;
  const isTorn = !isRest && !endsAt(journal, position);
  const damage = damageAt(used, head, isTorn);
  if (isCut) return marked("store/damaged-in-the-middle", reject(damage));
  return accept({ ...tail.value, repairs: isTorn ? [repairAt(journal, tail.value, damage)] : [] });
}

/** The frames from the start of the journal on that follow each other in the log. */
function framesInOrder(
  journal: Uint8Array,
  first: Frame | undefined,
  place: JournalPlace,
): readonly Frame[] {
  const frames: Frame[] = [];
  let next = first;
  while (next !== undefined) {
    frames.push(next);
    const last = next;
    const found = readFrame(journal, last.endPosition, place);
    next = found !== undefined && follows(last, found) ? found : undefined;
  }
  return frames;
}

function follows(frame: Frame, next: Frame): boolean {
  return next.firstOffset === endOf(frame) && next.previousHash === frame.endHash;
}

/** Goes along the frames as far as they are whole. */
function connect(used: readonly Frame[], start: JournalTail): Result<JournalTail, LogDamage> {
  const stored: Uint8Array[] = [];
  let tail = start;
  for (const frame of used) {
    const { firstOffset, endHash, endPosition: position } = frame;
    const records = wholeRun(frame);
    if (records === undefined) break;
    const { length } = tail.head;
    const before = records[length - firstOffset - 1];
    const hash = before === undefined ? frame.previousHash : storedHash(before);
    if (hash !== tail.head.hash) return reject({ code: "HashMismatch", offset: length });
    stored.push(...records.slice(length - firstOffset));
    tail = { ...tail, head: { length: endOf(frame), hash: endHash }, position };
  }
  return accept({ ...tail, stored });
}

/** The records of a frame; undefined when they are not those that it was written with. */
function wholeRun({ count, endHash, previousHash, run }: Frame): readonly Uint8Array[] | undefined {
  const found = checkRun(previousHash, run);
  const isWhole = found.isWhole && found.count === count && found.hash === endHash;
  return isWhole ? unpackRun(run).stored : undefined;
}

/** What is wrong behind the whole frames, which end at `head`. */
function damageAt(used: readonly Frame[], { length }: LogHead, isTorn: boolean): LogDamage {
  const broken = used.find((frame) => frame.firstOffset <= length && endOf(frame) > length);
  if (broken === undefined) {
    return { code: isTorn ? "HashMismatch" : "RecordMissing", offset: length };
  }
  const { count } = checkRun(broken.previousHash, broken.run);
  const offset = broken.firstOffset + Math.min(count, broken.count - 1);
  return { code: "HashMismatch", offset };
}

function repairAt(journal: Uint8Array, tail: JournalTail, damage: LogDamage): Repair {
  const { head, position } = tail;
  mark("store/torn-write-cut");
  const end = journal.findLastIndex((byte) => byte !== 0) + 1;
  return { code: "TornWrite", offset: head.length, position, sizeBytes: end - position, damage };
}

/** A journal that is to be begun anew. */
function emptyTail(head: LogHead, logId: Uint8Array): JournalTail {
  const place = { logId, base: head.hash };
  return { stored: [], head, position: 0, place, repairs: [], anchor: undefined };
}

function longest(frames: readonly Frame[]): LogHead {
  const [last] = frames.toSorted((left, right) => endOf(right) - endOf(left));
  const { endHash: hash, ...frame } = assertDefined(last, "the frame that does not connect");
  return { length: endOf(frame), hash };
}

function endOf({ count, firstOffset }: Pick<Frame, "count" | "firstOffset">): number {
  return firstOffset + count;
}
