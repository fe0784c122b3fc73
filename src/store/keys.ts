/** Where the log lies among the ordered keys of a store. */
import { sha256 } from "../crypto/sha256.ts";
import type { Tag } from "../events/record.ts";

/**
 * The first byte of each key says what it holds. Never reused for something else.
 *
 * - 1: the header of the log, one key.
 * - 2: a segment of records, under its number.
 * - 3: the mark of a log whose end is not proven, one key.
 * - 4: the index: the records of a segment that bear a tag, under the tag and the segment's number.
 * - 5 to 9: snapshots and archives; see `snapshot-keys.ts`.
 *
 * Numbers take 8 bytes, the highest first, so that keys sort as the numbers do.
 */
const KEY_SPACE = { header: 1, segment: 2, endMark: 3, tag: 4 } as const;

/** Bytes of a segment's number in a key. */
const NUMBER_SIZE_BYTES = 8;

/** Bytes of a tag's hash in a key. Two tags that share them cost a reader time, and nothing else. */
const TAG_HASH_SIZE_BYTES = 8;

const encoder = new TextEncoder();

/** The key of the log's header. */
export const HEADER_KEY: Uint8Array = Uint8Array.of(KEY_SPACE.header);

/** The key of the mark that the end of the log is not proven. */
export const END_MARK_KEY: Uint8Array = Uint8Array.of(KEY_SPACE.endMark);

/** The first key after all segments. */
export const SEGMENTS_END: Uint8Array = Uint8Array.of(KEY_SPACE.segment + 1);

/** The key of the segment with this number. */
export function segmentKey(segment: number): Uint8Array {
  const key = new Uint8Array(1 + NUMBER_SIZE_BYTES);
  key[0] = KEY_SPACE.segment;
  writeNumber(key, segment);
  return key;
}

/** What stands for a tag in the keys of the index: the first bytes of its SHA-256. */
export function tagHash(tag: Tag): Uint8Array {
  return sha256(encoder.encode(tag)).slice(0, TAG_HASH_SIZE_BYTES);
}

/** The key of a tag's entry for the segment with this number. */
export function tagKey(hash: Uint8Array, segment: number): Uint8Array {
  const key = new Uint8Array(1 + TAG_HASH_SIZE_BYTES + NUMBER_SIZE_BYTES);
  key[0] = KEY_SPACE.tag;
  key.set(hash, 1);
  writeNumber(key, segment);
  return key;
}

/** The number of the segment at the end of a key. */
export function segmentOfKey(key: Uint8Array): number {
  let segment = 0;
  for (let at = key.length - NUMBER_SIZE_BYTES; at < key.length; at += 1) {
    segment = segment * 0x100 + (key[at] ?? 0);
  }
  return segment;
}

function writeNumber(key: Uint8Array, number: number): void {
  let rest = number;
  for (let at = key.length - 1; rest > 0; at -= 1) {
    key[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
}
