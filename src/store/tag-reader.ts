/** Reads the records of one tag from closed segments, by the index: only what is marked is decoded. */
import {
  type EventRecord,
  firstHash,
  type RecordHash,
  storedHash,
  type Tag,
} from "../events/record.ts";
import { segmentOfKey, tagHash, tagKey } from "./keys.ts";
import { damageError } from "./log-damage.ts";
import { decodeRecords, type ReadLog } from "./log-reader.ts";
import { segmentOf, segmentStart } from "./segment.ts";
import { readRuns, storedOf } from "./segment-reader.ts";
import { decodePositions } from "./tag-index.ts";

/** The records with `tag`, of those from `from` to `to` (left out), all of them in closed segments. */
export async function* readClosedTagged<Event>(
  log: ReadLog<Event>,
  tag: Tag,
  from: number,
  to: number,
): AsyncGenerator<EventRecord<Event>> {
  const hash = tagHash(tag);
  const range = { from: tagKey(hash, segmentOf(from)), to: tagKey(hash, segmentOf(to - 1) + 1) };
  for await (const [key, value] of log.keyValue.range(range)) {
    const segment = segmentOfKey(key);
    const start = segmentStart(segment);
    const offsets = decodePositions(value)
      .map((position) => start + position)
      .filter((offset) => offset >= from && offset < to);
    for (const record of await readMarked(log, segment, offsets)) {
      if (log.codec.tagsOf(record.event).includes(tag)) yield record;
    }
  }
}

/** The records of a segment at `offsets`. */
async function readMarked<Event>(
  log: ReadLog<Event>,
  segment: number,
  offsets: readonly number[],
): Promise<readonly EventRecord<Event>[]> {
  const start = segmentStart(segment);
  const stored = await storedIn(log, segment);
  const marked = offsets.filter((offset) => offset < start + stored.length);
  const records: EventRecord<Event>[] = [];
  for (const offset of marked) {
    const before = stored[offset - start - 1];
    const hash = before === undefined ? await hashBefore(log, offset) : storedHash(before);
    const walk = { length: offset, hash, timeMs: 0 };
    records.push(
      ...decodeRecords(log, walk, stored.slice(offset - start, offset - start + 1)).records,
    );
  }
  return records;
}

async function hashBefore<Event>(log: ReadLog<Event>, offset: number): Promise<RecordHash> {
  if (offset === 0) return firstHash(log.logId);
  const last = (await storedIn(log, segmentOf(offset - 1))).at(-1);
  if (last === undefined) throw damageError({ code: "RecordMissing", offset: offset - 1 });
  return storedHash(last);
}

async function storedIn<Event>(
  { keyValue }: ReadLog<Event>,
  segment: number,
): Promise<readonly Uint8Array[]> {
  for await (const run of readRuns(keyValue, segment, segment + 1)) return storedOf(run);
  throw damageError({ code: "RecordMissing", offset: segmentStart(segment) });
}
