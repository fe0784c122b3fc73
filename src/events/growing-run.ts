/** A packed run of records that grows at its end, and is cut at either: the records that a log still has at hand. */
import { SHA256_SIZE_BYTES } from "../crypto/sha256.ts";
import { assert } from "../primitives/assert.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import {
  createWriter,
  reserve,
  type Writer,
  writeUnframed,
} from "../primitives/message-pack-writer.ts";
import { RUN_ENTRY_BYTES, writeEntry } from "./record-run.ts";

/** Its bytes are laid out as `record-run.ts` says. Only the functions here change it. */
export type GrowingRun = {
  /** Holds the run. What lies behind the last entry is a record that was begun, or nothing. */
  readonly writer: Writer;
  /** Where the entry of each record starts, and at last that of the end. */
  starts: number[];
};

/** Bytes of a new run: a segment of small records fits without growing. */
const FIRST_SIZE_BYTES = 65_536;

/** A run without records, that follow the one with `hashBefore`. */
export function createGrowingRun(hashBefore: Uint8Array): GrowingRun {
  const writer = createWriter();
  reserve(writer, FIRST_SIZE_BYTES);
  writeEntry(writer.bytes, writer.view, 0, 0, hashBefore);
  return { writer, starts: [0] };
}

/** Number of records. */
export function countOfRun({ starts }: GrowingRun): number {
  return starts.length - 1;
}

/** Bytes of its records, and of what stands in front of each. */
export function sizeOfRun({ starts }: GrowingRun): number {
  return endOf(starts);
}

/** Appends the record whose body is `source` from `from` to `to`, and whose hash is `hash`. */
export function appendToRun(
  run: GrowingRun,
  source: Uint8Array,
  from: number,
  to: number,
  hash: Uint8Array,
): void {
  writeUnframed(beginRecord(run), source.subarray(from, to));
  endRecord(run, hash);
}

/**
 * Where the body of the next record is written: behind the hash that it follows. It counts from `endRecord`
 * on; before that, whatever is done to the run forgets it.
 */
export function beginRecord({ starts, writer }: GrowingRun): Writer {
  const at = endOf(starts);
  writer.length = at + RUN_ENTRY_BYTES;
  writer.depth = 0;
  writer.lengthMax = writer.length - SHA256_SIZE_BYTES + ENCODED_SIZE_BYTES_MAX;
  return writer;
}

/** A view of what the hash of a record is taken over, once its body was written. */
export function chainedBytes({ starts, writer: { bytes, length } }: GrowingRun): Uint8Array {
  const at = endOf(starts) + RUN_ENTRY_BYTES - SHA256_SIZE_BYTES;
  // Without `subarray`, which takes as long as half of the hash.
  return new Uint8Array(bytes.buffer, at, length - at);
}

/** Appends the record whose body was written, and whose hash is `hash`. */
export function endRecord({ starts, writer }: GrowingRun, hash: Uint8Array): void {
  const at = endOf(starts);
  const end = writer.length;
  writer.lengthMax += RUN_ENTRY_BYTES;
  reserve(writer, RUN_ENTRY_BYTES);
  // The end of the run is the entry of this record already, but for the size.
  writer.view.setUint32(at + 1, end - at - RUN_ENTRY_BYTES);
  writeEntry(writer.bytes, writer.view, end, 0, hash);
  starts.push(end);
}

/** Takes back all records but the first `count`. */
export function truncateRun(run: GrowingRun, count: number): void {
  assert(count <= countOfRun(run), "a run is cut where it has a record");
  run.starts.length = count + 1;
  run.writer.view.setUint32(sizeOfRun(run) + 1, 0);
}

/** Forgets the first `count` records. */
export function dropFromRun(run: GrowingRun, count: number): void {
  const first = startAt(run, count);
  run.writer.bytes.copyWithin(0, first, sizeOfRun(run) + RUN_ENTRY_BYTES);
  run.starts = run.starts.slice(count).map((start) => start - first);
}

/** The records from number `from` on, packed: a view that holds until the run changes. */
export function runFrom(run: GrowingRun, from: number): Uint8Array {
  return run.writer.bytes.subarray(startAt(run, from), sizeOfRun(run) + RUN_ENTRY_BYTES);
}

/** The records from number `from` to `to` (left out) or to the end, packed, as new bytes. */
export function runBetween(run: GrowingRun, from: number, to: number): Uint8Array {
  const start = startAt(run, from);
  const end = startAt(run, Math.min(to, countOfRun(run)));
  const packed = run.writer.bytes.slice(start, end + RUN_ENTRY_BYTES);
  // What comes next is no part of it: the last entry keeps the hash and loses the size.
  packed.fill(0, end - start + 1, end - start + 5);
  return packed;
}

function startAt({ starts }: GrowingRun, index: number): number {
  const start = starts[index];
  assert(start !== undefined, "a run is read where it has a record");
  return start;
}

function endOf(starts: readonly number[]): number {
  return starts[starts.length - 1] ?? 0;
}
