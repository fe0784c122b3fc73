/** A disk in memory: the `KeyValue` of simulations, tests and the browser. */

import type { KeyRange, KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { assert } from "../primitives/assert.ts";

/** What the disk held at one moment. Later writes do not change it. */
export type MemorySnapshot = { readonly entries: readonly Entry[] };

/** A disk that can be taken back to an earlier moment, as after a crash. */
export type MemoryKeyValue = KeyValue & {
  readonly snapshot: () => MemorySnapshot;
  readonly restore: (snapshot: MemorySnapshot) => void;
};

/**
 * Writes in one batch from which on all entries are gone through once, instead of moving those behind each
 * write: 32, well below the hundreds that a snapshot writes.
 */
const MERGED_WRITES_MIN = 32;

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** An empty disk. It keeps and hands out the very arrays it is given, which nobody changes after that. */
export function createMemoryKeyValue(): MemoryKeyValue {
  let entries: Entry[] = [];
  let closed = false;
  const open = (): Entry[] => {
    assert(!closed, "nobody uses a disk that is closed");
    return entries;
  };

  return {
    get: async (key) => {
      const at = lowerBound(open(), key);
      return holds(entries, at, key) ? entries[at]?.[1] : undefined;
    },
    batch: async (writes) => {
      const before = open();
      if (writes.length >= MERGED_WRITES_MIN) entries = merged(before, writes);
      else for (const write of writes) apply(before, write);
    },
    range: (range) => each(select(open(), range)),
    close: async () => {
      closed = true;
    },
    snapshot: () => ({ entries: open().slice() }),
    restore: (snapshot) => {
      open();
      entries = snapshot.entries.slice();
    },
  };
}

function apply(entries: Entry[], write: KeyValueWrite): void {
  const at = lowerBound(entries, write.key);
  const replaced = holds(entries, at, write.key) ? 1 : 0;
  if (write.type === "Delete") {
    entries.splice(at, replaced);
    return;
  }
  const entry: Entry = [write.key, write.value];
  // A log writes at its end, where pushing is far cheaper than splicing.
  if (at === entries.length) entries.push(entry);
  else entries.splice(at, replaced, entry);
}

/** The entries after some writes. Of two writes to one key the later one counts. */
function merged(entries: readonly Entry[], writes: readonly KeyValueWrite[]): Entry[] {
  // The sort keeps the order of writes to one key.
  const inOrder = writes.toSorted((one, other) => compare(one.key, other.key));
  const result: Entry[] = [];
  let next = 0;
  for (const [index, write] of inOrder.entries()) {
    const following = inOrder[index + 1];
    if (following !== undefined && compare(following.key, write.key) === 0) continue;
    const at = lowerBound(entries, write.key, next);
    for (; next < at; next += 1) copyTo(result, entries[next]);
    if (holds(entries, at, write.key)) next += 1;
    if (write.type === "Put") result.push([write.key, write.value]);
  }
  for (; next < entries.length; next += 1) copyTo(result, entries[next]);
  return result;
}

function copyTo(result: Entry[], entry: Entry | undefined): void {
  if (entry !== undefined) result.push(entry);
}

function select(entries: readonly Entry[], { from, to, reverse, limit }: KeyRange): Entry[] {
  const selected = entries.slice(lowerBound(entries, from), lowerBound(entries, to));
  if (reverse) selected.reverse();
  return limit === undefined ? selected : selected.slice(0, limit);
}

async function* each(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}

/** The index of the first entry, from `from` on, whose key is not below `key`. */
function lowerBound(entries: readonly Entry[], key: Uint8Array, from = 0): number {
  const last = entries.at(-1);
  if (last === undefined || compare(last[0], key) < 0) return entries.length;
  let low = from;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && compare(entry[0], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function holds(entries: readonly Entry[], at: number, key: Uint8Array): boolean {
  const entry = entries[at];
  return entry !== undefined && compare(entry[0], key) === 0;
}

/** Byte order; a prefix comes before what continues it. */
function compare(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
