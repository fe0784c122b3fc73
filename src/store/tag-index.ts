/**
 * The index by tag: which records of a segment bear a tag. It is derived from the events and proves nothing:
 * a reader asks each event that it finds for its tags.
 */
import type { EventRecord, Tag } from "../events/record.ts";
import type { KeyValueWrite } from "../ports/key-value.ts";
import { tagHash, tagKey } from "./keys.ts";
import { SEGMENT_RECORDS, segmentStart } from "./segment.ts";

/** Bytes of a bit for each record of a segment. An entry of this size is one, a shorter one lists positions. */
const BITMAP_SIZE_BYTES: number = SEGMENT_RECORDS / 8;

/** Tags whose hashes are remembered: those of some hundred channels and their objectives. */
const TAGS_REMEMBERED = 10_000;

/** Makes entries of the index. */
export class TagIndex<Event> {
  readonly #tagsOf: (event: Event) => readonly Tag[];
  readonly #hashes = new Map<Tag, Uint8Array>();

  constructor(tagsOf: (event: Event) => readonly Tag[]) {
    this.#tagsOf = tagsOf;
  }

  /** Adds the writes that index all records of a segment: one for each tag that occurs in it. */
  write(segment: number, records: readonly EventRecord<Event>[], writes: KeyValueWrite[]): void {
    const start = segmentStart(segment);
    const positions = new Map<Tag, number[]>();
    for (const { event, offset } of records) {
      for (const tag of this.#tagsOf(event)) {
        const found = positions.get(tag);
        if (found === undefined) positions.set(tag, [offset - start]);
        else if (found.at(-1) !== offset - start) found.push(offset - start);
      }
    }
    for (const [tag, found] of positions) {
      const key = tagKey(this.#hashOf(tag), segment);
      writes.push({ type: "Put", key, value: encodePositions(found) });
    }
  }

  #hashOf(tag: Tag): Uint8Array {
    const known = this.#hashes.get(tag);
    if (known !== undefined) return known;
    if (this.#hashes.size >= TAGS_REMEMBERED) this.#hashes.clear();
    const hash = tagHash(tag);
    this.#hashes.set(tag, hash);
    return hash;
  }
}

/** The value of an entry: a byte for each position, or from 32 positions on a bit for each record. */
export function encodePositions(positions: readonly number[]): Uint8Array {
  if (positions.length < BITMAP_SIZE_BYTES) return Uint8Array.from(positions);
  const bitmap = new Uint8Array(BITMAP_SIZE_BYTES);
  for (const position of positions) {
    const at = position >> 3;
    bitmap[at] = (bitmap[at] ?? 0) | (1 << (position & 7));
  }
  return bitmap;
}

/** The positions of an entry, in order. */
export function decodePositions(value: Uint8Array): readonly number[] {
  if (value.length < BITMAP_SIZE_BYTES) return Array.from(value);
  const positions: number[] = [];
  for (let position = 0; position < SEGMENT_RECORDS; position += 1) {
    if (((value[position >> 3] ?? 0) >> (position & 7)) & 1) positions.push(position);
  }
  return positions;
}
