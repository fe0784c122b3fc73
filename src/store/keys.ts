/** Where the log lies among the ordered keys of a store. */
import { sha256 } from "../crypto/sha256.ts";
import type { Tag } from "../events/record.ts";

/**
 * The first byte of each key says what it holds. Never reused for something else.
 *
 * - 1: the header of the log, one key.
 * - 2: a segment of records, under its number.
 * - 3: the mark of a log whose end is not proven, one key.
 * - 4: retired: an index with a key for each tag of each segment.
 * - 5 to 9: snapshots and archives; see `snapshot-keys.ts`.
 * - 10: the index by tag: the entry of a segment, under its number.
 * - 11: a register of the index, under its number.
 *
 * Numbers take 8 bytes, the highest first, so that keys sort as the numbers do.
 */
const KEY_SPACE = { header: 1, segment: 2, endMark: 3, index: 10, register: 11 } as const;

/** Bytes of a segment's number in a key. */
const NUMBER_SIZE_BYTES = 8;

/** Bytes of a tag's hash: an exact number in memory. Two tags that share them cost a reader time, and nothing else. */
export const TAG_HASH_SIZE_BYTES = 6;

const encoder = new TextEncoder();

/** The key of the log's header. */
export const HEADER_KEY: Uint8Array = Uint8Array.of(KEY_SPACE.header);

/** The key of the mark that the end of the log is not proven. */
export const END_MARK_KEY: Uint8Array = Uint8Array.of(KEY_SPACE.endMark);

/** The first key after all segments. */
export const SEGMENTS_END: Uint8Array = Uint8Array.of(KEY_SPACE.segment + 1);

/** The first key after the whole index. */
export const INDEX_END: Uint8Array = Uint8Array.of(KEY_SPACE.register + 1);

/** The key of the segment with this number. */
export function segmentKey(segment: number): Uint8Array {
  return numberKey(KEY_SPACE.segment, segment);
}

/** The key of a segment's entry in the index. */
export function indexKey(segment: number): Uint8Array {
  return numberKey(KEY_SPACE.index, segment);
}

/** The key of the register with this number. */
export function registerKey(register: number): Uint8Array {
  return numberKey(KEY_SPACE.register, register);
}

/** What stands for a tag in the index: the first bytes of its SHA-256, as a number. */
export function tagHash(tag: Tag): number {
  const hash = sha256(encoder.encode(tag)).subarray(0, TAG_HASH_SIZE_BYTES);
  return hash.reduce((number, byte) => number * 0x100 + byte, 0);
}

/** The number of the segment at the end of a key. */
export function segmentOfKey(key: Uint8Array): number {
  let segment = 0;
  for (let at = key.length - NUMBER_SIZE_BYTES; at < key.length; at += 1) {
    segment = segment * 0x100 + (key[at] ?? 0);
  }
  return segment;
}

function numberKey(space: number, number: number): Uint8Array {
  const key = new Uint8Array(1 + NUMBER_SIZE_BYTES);
  key[0] = space;
  let rest = number;
  for (let at = key.length - 1; rest > 0; at -= 1) {
    key[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return key;
}
