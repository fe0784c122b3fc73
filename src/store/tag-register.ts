/**
 * Registers: each says for 64 segments in which of them a tag occurs. With them the entries of a long log need
 * not all be read: a million events have 61 registers and 3,906 entries. They are derived from the entries.
 *
 * A register, numbers with the highest byte first:
 *
 *     offset  bytes
 *          0      8  check; see `index-check.ts`
 *          8    14n  for each tag its hash (6 bytes) and its segments (8 bytes): the lowest bit of the first
 *                    four bytes is the first segment, that of the last four bytes the thirty-third
 */
import { viewOf } from "../primitives/message-pack-reader.ts";
import { INDEX_CHECK_SIZE_BYTES, sealIndex } from "./index-check.ts";
import { registerKey, TAG_HASH_SIZE_BYTES } from "./keys.ts";
import { hashesOf, putHash, readHash } from "./tag-index.ts";

/** Segments of one register: 16,384 records, whose tags are some ten kilobytes. */
export const REGISTER_SEGMENTS = 64;

const WORD_BITS = 32;
const ROW_SIZE_BYTES: number = TAG_HASH_SIZE_BYTES + REGISTER_SEGMENTS / 8;

/** The number of the register that a segment belongs to. */
export function registerOf(segment: number): number {
  return Math.floor(segment / REGISTER_SEGMENTS);
}

/** The register of 64 segments with these entries, all of them sound. */
export function encodeRegister(register: number, entries: readonly Uint8Array[]): Uint8Array {
  const rows = new Map<number, number>();
  for (const entry of entries) {
    for (const hash of hashesOf(entry)) if (!rows.has(hash)) rows.set(hash, rows.size);
  }
  const value = new Uint8Array(INDEX_CHECK_SIZE_BYTES + rows.size * ROW_SIZE_BYTES);
  const view = viewOf(value);
  for (const [hash, row] of rows) putHash(view, rowAt(row), hash);
  for (const [index, entry] of entries.entries()) {
    for (const hash of hashesOf(entry)) {
      const at = wordAt(rows.get(hash) ?? 0, index);
      view.setUint32(at, (view.getUint32(at) | (1 << (index % WORD_BITS))) >>> 0);
    }
  }
  sealIndex(registerKey(register), value);
  return value;
}

/** The segments, counted from the first of a sound register, in which a tag occurs. */
export function segmentsIn(register: Uint8Array, hash: number): readonly number[] {
  const view = viewOf(register);
  for (let row = 0; rowAt(row) < register.length; row += 1) {
    if (readHash(view, rowAt(row)) === hash) return segmentsOfRow(view, row);
  }
  return [];
}

function segmentsOfRow(view: DataView, row: number): readonly number[] {
  const segments: number[] = [];
  for (let index = 0; index < REGISTER_SEGMENTS; index += 1) {
    if ((view.getUint32(wordAt(row, index)) >>> (index % WORD_BITS)) & 1) segments.push(index);
  }
  return segments;
}

function rowAt(row: number): number {
  return INDEX_CHECK_SIZE_BYTES + row * ROW_SIZE_BYTES;
}

function wordAt(row: number, index: number): number {
  return rowAt(row) + TAG_HASH_SIZE_BYTES + Math.floor(index / WORD_BITS) * 4;
}
