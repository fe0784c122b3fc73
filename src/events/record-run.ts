/**
 * Records packed into one value, in their order, so that their chain can be hashed where they lie.
 *
 * A run is a sequence of MessagePack values: three for each record, and two at the end.
 *
 *     ce xxxxxxxx   size of the record below in bytes, always as four bytes, the highest first
 *     c4 20 ...     hash of the record before, 32 bytes
 *     95 ...        the record: [offset, event number, event version, time in ms, [fields]]
 *
 *     ce 00000000   no record follows
 *     c4 20 ...     hash of the last record
 *
 * The hash of a record is taken over the hash before it and the record: here both stand in one piece.
 */
import { SHA256_SIZE_BYTES } from "../crypto/sha256.ts";
import { assert } from "../primitives/assert.ts";
import { ENCODED_SIZE_BYTES_MAX, HEAD } from "../primitives/message-pack.ts";
import { viewOf } from "../primitives/message-pack-reader.ts";

/** A run that is being read. Only `nextEntry` moves on. */
export type RunCursor = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the hash before the present record starts. The record stands right behind it. */
  hashStart: number;
  /** Where the present record ends. */
  end: number;
};

/** What could be read of a run. */
export type UnpackedRun = {
  /** Stored records: the hash of each, then itself. New bytes. */
  readonly stored: readonly Uint8Array[];
  /** False when what follows the last of them is neither a record nor the end. */
  readonly isWhole: boolean;
};

/** Bytes of a size and of a hash, each with the head of its MessagePack value. */
const SIZE_VALUE_BYTES = 5;
const HASH_VALUE_BYTES = 2 + SHA256_SIZE_BYTES;

/** The head of a size, and the two bytes in front of a hash. */
const SIZE_HEAD: number = HEAD.uint + 2;
const HASH_HEAD: number = HEAD.bin * 0x100 + SHA256_SIZE_BYTES;

/** Bytes in front of each record, and at the end. */
export const RUN_ENTRY_BYTES: number = SIZE_VALUE_BYTES + HASH_VALUE_BYTES;

/** Bytes of a record, without its hash: no codec writes or reads more. */
const SIZE_BYTES_MAX: number = ENCODED_SIZE_BYTES_MAX - SHA256_SIZE_BYTES;

/** Packs stored records that follow the record with `hashBefore`. */
export function packRun(hashBefore: Uint8Array, stored: readonly Uint8Array[]): Uint8Array {
  assert(hashBefore.length === SHA256_SIZE_BYTES, "a hash has 32 bytes");
  assert(
    stored.every(({ length }) => length > SHA256_SIZE_BYTES),
    "a stored record has bytes behind its hash",
  );
  const sizes = stored.map(({ length }) => length - SHA256_SIZE_BYTES + RUN_ENTRY_BYTES);
  const run = new Uint8Array(sizes.reduce((sum, size) => sum + size, RUN_ENTRY_BYTES));
  const view = viewOf(run);
  let hash = hashBefore;
  let at = 0;
  for (const record of stored) {
    const body = record.subarray(SHA256_SIZE_BYTES);
    writeEntry(run, view, at, body.length, hash);
    run.set(body, at + RUN_ENTRY_BYTES);
    hash = record.subarray(0, SHA256_SIZE_BYTES);
    at += RUN_ENTRY_BYTES + body.length;
  }
  writeEntry(run, view, at, 0, hash);
  return run;
}

/** Unpacks a run as far as it can be read. No hash is checked. */
export function unpackRun(run: Uint8Array): UnpackedRun {
  const cursor = openRun(run);
  const stored: Uint8Array[] = [];
  while (nextEntry(cursor)) stored.push(storedRecord(cursor));
  return { stored, isWhole: isAtEnd(cursor) };
}

/** A cursor in front of the first record. */
export function openRun(run: Uint8Array): RunCursor {
  return { bytes: run, view: viewOf(run), hashStart: 0, end: 0 };
}

/** Moves to the next record. False at the end, and where no record can be read; then it stays. */
export function nextEntry(cursor: RunCursor): boolean {
  const { bytes, end: at, view } = cursor;
  if (!hasEntryAt(cursor, at)) return false;
  const size = view.getInt32(at + 1);
  const end = at + RUN_ENTRY_BYTES + size;
  // Behind each record stands another entry, or at least the last, which has its hash.
  if (size <= 0 || size > SIZE_BYTES_MAX || end + RUN_ENTRY_BYTES > bytes.length) return false;
  if (!hasEntryAt(cursor, end)) return false;
  cursor.hashStart = at + RUN_ENTRY_BYTES - SHA256_SIZE_BYTES;
  cursor.end = end;
  return true;
}

/** True when the run ends behind the present record as it should. */
export function isAtEnd(cursor: RunCursor): boolean {
  const { bytes, end: at, view } = cursor;
  if (at + RUN_ENTRY_BYTES !== bytes.length) return false;
  return hasEntryAt(cursor, at) && view.getInt32(at + 1) === 0;
}

/** Where the hash of the present record starts. */
export function entryHashStart({ end }: RunCursor): number {
  return end + RUN_ENTRY_BYTES - SHA256_SIZE_BYTES;
}

function storedRecord(cursor: RunCursor): Uint8Array {
  const { bytes, end, hashStart } = cursor;
  const stored = bytes.slice(hashStart, end);
  const hashAt = entryHashStart(cursor);
  stored.set(bytes.subarray(hashAt, hashAt + SHA256_SIZE_BYTES));
  return stored;
}

function hasEntryAt({ bytes, view }: RunCursor, at: number): boolean {
  return (
    at + RUN_ENTRY_BYTES <= bytes.length &&
    view.getUint8(at) === SIZE_HEAD &&
    view.getUint16(at + SIZE_VALUE_BYTES) === HASH_HEAD
  );
}

/** Writes what stands in front of a record of `sizeBytes`, or behind the last one, with 0. */
export function writeEntry(
  run: Uint8Array,
  view: DataView,
  at: number,
  sizeBytes: number,
  hash: Uint8Array,
): void {
  view.setUint8(at, SIZE_HEAD);
  view.setUint32(at + 1, sizeBytes);
  view.setUint16(at + SIZE_VALUE_BYTES, HASH_HEAD);
  run.set(hash, at + RUN_ENTRY_BYTES - SHA256_SIZE_BYTES);
}
