/**
 * The index by tag: which records of a closed segment bear a tag. It is derived from the events and proves
 * nothing: a reader asks each event that it finds for its tags, and looks at every record of a segment that
 * has no sound entry. So damage to the index costs time, and hides no record.
 *
 * An entry, numbers with the highest byte first:
 *
 *     offset  bytes
 *          0      8  check; see `index-check.ts`
 *          8      4  number of tags, n
 *         12     6n  the hash of each tag
 *    12 + 6n     4m  marks: number of a tag in this entry * 256 + position of a record that bears it
 */
import type { EventRecord, Tag } from "../events/record.ts";
import { viewOf } from "../primitives/message-pack-reader.ts";
import { INDEX_CHECK_SIZE_BYTES, sealIndex } from "./index-check.ts";
import { indexKey, TAG_HASH_SIZE_BYTES, tagHash } from "./keys.ts";
import { SEGMENT_RECORDS, segmentStart } from "./segment.ts";

const COUNT_AT: number = INDEX_CHECK_SIZE_BYTES;
const HASHES_AT: number = COUNT_AT + 4;
const MARK_SIZE_BYTES = 4;

/** Tags whose hashes are remembered: those of some thousand channels and their objectives. */
const TAGS_REMEMBERED = 10_000;

/** A tag that was met. Its place counts in the entry that it was met in last. */
type KnownTag = { readonly hash: number; entry: number; place: number };

/** Makes entries of the index. */
export class TagIndex<Event> {
  readonly #tagsOf: (event: Event) => readonly Tag[];
  readonly #known = new Map<Tag, KnownTag>();
  /** Entries that were made. */
  #entries = 0;

  constructor(tagsOf: (event: Event) => readonly Tag[]) {
    this.#tagsOf = tagsOf;
  }

  /** The entry of a segment that is full of these records. */
  entryOf(segment: number, records: readonly EventRecord<Event>[]): Uint8Array {
    this.#entries += 1;
    const start = segmentStart(segment);
    const hashes: number[] = [];
    const marks: number[] = [];
    for (const { event, offset } of records) {
      for (const tag of this.#tagsOf(event)) {
        const known = this.#find(tag);
        if (known.entry !== this.#entries) {
          known.entry = this.#entries;
          known.place = hashes.push(known.hash) - 1;
        }
        marks.push(known.place * SEGMENT_RECORDS + offset - start);
      }
    }
    return encodeEntry(segment, hashes, marks);
  }

  #find(tag: Tag): KnownTag {
    const known = this.#known.get(tag);
    if (known !== undefined) return known;
    if (this.#known.size >= TAGS_REMEMBERED) this.#known.clear();
    const met = { hash: tagHash(tag), entry: 0, place: 0 };
    this.#known.set(tag, met);
    return met;
  }
}

/** The hashes of all tags in a sound entry. */
export function hashesOf(entry: Uint8Array): readonly number[] {
  const view = viewOf(entry);
  return Array.from({ length: view.getUint32(COUNT_AT) }, (_, place) => hashAt(view, place));
}

/** Positions in the segment of the records that a sound entry marks with a tag, in order. */
export function positionsOf(entry: Uint8Array, hash: number): readonly number[] {
  const view = viewOf(entry);
  const count = view.getUint32(COUNT_AT);
  const positions = new Set<number>();
  // Two tags may share their hash: then both are found, and the reader tells them apart.
  for (let place = 0; place < count; place += 1) {
    if (hashAt(view, place) === hash) addMarked(view, place, positions);
  }
  return [...positions].sort((left, right) => left - right);
}

function addMarked(view: DataView, place: number, positions: Set<number>): void {
  const count = view.getUint32(COUNT_AT);
  const first = HASHES_AT + count * TAG_HASH_SIZE_BYTES;
  for (let at = first; at < view.byteLength; at += MARK_SIZE_BYTES) {
    const mark = view.getUint32(at);
    if (Math.floor(mark / SEGMENT_RECORDS) === place) positions.add(mark % SEGMENT_RECORDS);
  }
}

function encodeEntry(
  segment: number,
  hashes: readonly number[],
  marks: readonly number[],
): Uint8Array {
  const marksAt = HASHES_AT + hashes.length * TAG_HASH_SIZE_BYTES;
  const entry = new Uint8Array(marksAt + marks.length * MARK_SIZE_BYTES);
  const view = viewOf(entry);
  view.setUint32(COUNT_AT, hashes.length);
  let at = HASHES_AT;
  for (const hash of hashes) {
    putHash(view, at, hash);
    at += TAG_HASH_SIZE_BYTES;
  }
  for (const mark of marks) {
    view.setUint32(at, mark);
    at += MARK_SIZE_BYTES;
  }
  sealIndex(indexKey(segment), entry);
  return entry;
}

function hashAt(view: DataView, place: number): number {
  return readHash(view, HASHES_AT + place * TAG_HASH_SIZE_BYTES);
}

/** The hash of a tag at `at`, as `tagHash` gives it. */
export function readHash(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}

/** Writes the hash of a tag to `at`. */
export function putHash(view: DataView, at: number, hash: number): void {
  view.setUint16(at, Math.floor(hash / 2 ** 32));
  view.setUint32(at + 2, hash % 2 ** 32);
}
