/** A packed run of records that grows at its end, and is cut at either: the records that a log still has at hand. */
import { SHA256_SIZE_BYTES } from "../crypto/sha256.ts";
import { assert } from "../primitives/assert.ts";
import { RUN_ENTRY_BYTES, writeEntry } from "./record-run.ts";

/** Its bytes are laid out as `record-run.ts` says. Only the functions here change it. */
export type GrowingRun = {
  bytes: Uint8Array<ArrayBuffer>;
  /** Over the same memory as `bytes`. */
  view: DataView<ArrayBuffer>;
  /** Where the entry of each record starts, and at last that of the end. */
  starts: number[];
};

/** Bytes of a new run: a segment of small records fits without growing. */
const FIRST_SIZE_BYTES = 65_536;

/** A run without records, that follow the one with `hashBefore`. */
export function createGrowingRun(hashBefore: Uint8Array): GrowingRun {
  const bytes = new Uint8Array(FIRST_SIZE_BYTES);
  const run = { bytes, view: new DataView(bytes.buffer), starts: [0] };
  writeEntry(run.bytes, run.view, 0, 0, hashBefore);
  return run;
}

/** Number of records. */
export function countOfRun({ starts }: GrowingRun): number {
  return starts.length - 1;
}

/** Bytes of its records, and of what stands in front of each. */
export function sizeOfRun({ starts }: GrowingRun): number {
  return starts[starts.length - 1] ?? 0;
}

/** Appends the record whose body is `source` from `from` to `to`, and whose hash is `hash`. */
export function appendToRun(
  run: GrowingRun,
  source: Uint8Array,
  from: number,
  to: number,
  hash: Uint8Array,
): void {
  const at = sizeOfRun(run);
  const end = at + RUN_ENTRY_BYTES + to - from;
  if (end + RUN_ENTRY_BYTES > run.bytes.length) grow(run, end + RUN_ENTRY_BYTES);
  // The end of the run is the entry of this record already, but for the size.
  run.view.setUint32(at + 1, to - from);
  run.bytes.set(source.subarray(from, to), at + RUN_ENTRY_BYTES);
  writeEntry(run.bytes, run.view, end, 0, hash);
  run.starts.push(end);
}

/** A view of the hash of the last record, or of the one before the run. It holds until the run changes. */
export function lastHashOfRun(run: GrowingRun): Uint8Array {
  const end = sizeOfRun(run) + RUN_ENTRY_BYTES;
  return run.bytes.subarray(end - SHA256_SIZE_BYTES, end);
}

/** Takes back all records but the first `count`. */
export function truncateRun(run: GrowingRun, count: number): void {
  assert(count <= countOfRun(run), "a run is cut where it has a record");
  run.starts.length = count + 1;
  run.view.setUint32(sizeOfRun(run) + 1, 0);
}

/** Forgets the first `count` records. */
export function dropFromRun(run: GrowingRun, count: number): void {
  const first = startAt(run, count);
  run.bytes.copyWithin(0, first, sizeOfRun(run) + RUN_ENTRY_BYTES);
  run.starts = run.starts.slice(count).map((start) => start - first);
}

/** The records from number `from` on, packed: a view that holds until the run changes. */
export function runFrom(run: GrowingRun, from: number): Uint8Array {
  return run.bytes.subarray(startAt(run, from), sizeOfRun(run) + RUN_ENTRY_BYTES);
}

/** The records from number `from` to `to` (left out) or to the end, packed, as new bytes. */
export function runBetween(run: GrowingRun, from: number, to: number): Uint8Array {
  const start = startAt(run, from);
  const end = startAt(run, Math.min(to, countOfRun(run)));
  const packed = run.bytes.slice(start, end + RUN_ENTRY_BYTES);
  // What comes next is no part of it: the last entry keeps the hash and loses the size.
  packed.fill(0, end - start + 1, end - start + 5);
  return packed;
}

function startAt({ starts }: GrowingRun, index: number): number {
  const start = starts[index];
  assert(start !== undefined, "a run is read where it has a record");
  return start;
}

function grow(run: GrowingRun, sizeBytesMin: number): void {
  const larger = new Uint8Array(Math.max(sizeBytesMin, 2 * run.bytes.length));
  larger.set(run.bytes);
  run.bytes = larger;
  run.view = new DataView(larger.buffer);
}
