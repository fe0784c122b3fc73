/** Reads the records of one tag from closed segments, by the index: only what is marked is decoded. */
import type { EventRecord, Tag } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { isSealed } from "./index-check.ts";
import { indexKey, registerKey, segmentKey, tagHash } from "./keys.ts";
import { damageError } from "./log-damage.ts";
import { decodeSpan, type ReadLog, soundRecords } from "./log-reader.ts";
import { SEGMENT_RECORDS, segmentOf, segmentStart } from "./segment.ts";
import { positionsOf } from "./tag-index.ts";
import { REGISTER_SEGMENTS, registerOf, segmentsIn } from "./tag-register.ts";

/** The offsets that are asked for: from `from` (included) to `to` (left out). */
type Range = { readonly from: number; readonly to: number };

/** The records with `tag`, of those from `from` to `to` (left out), all of them in closed segments. */
export async function* readClosedTagged<Event>(
  log: ReadLog<Event>,
  tag: Tag,
  from: number,
  to: number,
): AsyncGenerator<EventRecord<Event>> {
  const hash = tagHash(tag);
  const end = segmentOf(to - 1) + 1;
  let segment = segmentOf(from);
  while (segment < end) {
    const next = Math.min(end, (registerOf(segment) + 1) * REGISTER_SEGMENTS);
    for (const each of await segmentsWith(log.keyValue, hash, segment, next)) {
      for (const record of await readSegment(log, each, hash, { from, to })) {
        // Two tags may share a hash, and without the index all records are here.
        if (log.codec.tagsOf(record.event).includes(tag)) yield record;
      }
    }
    segment = next;
  }
}

/** The value of the index under a key; undefined where it is not there as it was written. */
export async function soundIndex(
  keyValue: KeyValue,
  key: Uint8Array,
): Promise<Uint8Array | undefined> {
  const value = await keyValue.get(key);
  return value !== undefined && isSealed(key, value) ? value : undefined;
}

/** Of the segments from `from` to `to` (left out), which share a register, those that may hold the tag. */
async function segmentsWith(
  keyValue: KeyValue,
  hash: number,
  from: number,
  to: number,
): Promise<readonly number[]> {
  const number = registerOf(from);
  const register = await soundIndex(keyValue, registerKey(number));
  if (register === undefined) return Array.from({ length: to - from }, (_, index) => from + index);
  return segmentsIn(register, hash)
    .map((index) => number * REGISTER_SEGMENTS + index)
    .filter((segment) => segment >= from && segment < to);
}

/** The records of a segment that are marked, or all where the segment has no sound entry. */
async function readSegment<Event>(
  log: ReadLog<Event>,
  segment: number,
  hash: number,
  { from, to }: Range,
): Promise<readonly EventRecord<Event>[]> {
  const start = segmentStart(segment);
  const entry = await soundIndex(log.keyValue, indexKey(segment));
  if (entry === undefined) {
    return readMarked(log, segment, [{ from, to: Math.min(to, start + SEGMENT_RECORDS) }]);
  }
  const offsets = positionsOf(entry, hash)
    .map((position) => start + position)
    .filter((offset) => offset >= from && offset < to);
  return readMarked(
    log,
    segment,
    offsets.map((offset) => ({ from: offset, to: offset + 1 })),
  );
}

/** The records of a segment in some ranges of offsets. */
async function readMarked<Event>(
  log: ReadLog<Event>,
  segment: number,
  ranges: readonly Range[],
): Promise<readonly EventRecord<Event>[]> {
  if (ranges.length === 0) return [];
  const start = segmentStart(segment);
  const run = await log.keyValue.get(segmentKey(segment));
  if (run === undefined) throw damageError({ code: "RecordMissing", offset: start });
  return ranges.flatMap((range) => soundRecords(decodeSpan(log, { start, run }, range)));
}
