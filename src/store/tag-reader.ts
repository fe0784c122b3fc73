/** Reads the records of one tag from closed segments, by the index: only what is marked is decoded. */
import type { EventRecord, Tag } from "../events/record.ts";
import { segmentKey, segmentOfKey, tagHash, tagKey } from "./keys.ts";
import { damageError } from "./log-damage.ts";
import { decodeSpan, type ReadLog, soundRecords } from "./log-reader.ts";
import { segmentOf, segmentStart } from "./segment.ts";
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
    const offsets = decodePositions(value)
      .map((position) => segmentStart(segment) + position)
      .filter((offset) => offset >= from && offset < to);
    for (const record of await readMarked(log, segment, offsets)) {
      // Two tags may share an entry, and a write that failed may have left one.
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
  const run = await log.keyValue.get(segmentKey(segment));
  if (run === undefined) throw damageError({ code: "RecordMissing", offset: start });
  return offsets.flatMap((offset) =>
    soundRecords(decodeSpan(log, { start, run }, { from: offset, to: offset + 1 })),
  );
}
