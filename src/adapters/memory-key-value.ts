/** A disk in memory: the `KeyValue` of simulations, tests and the browser. */

import type { KeyRange, KeyValue } from "../ports/key-value.ts";
import { assert } from "../primitives/assert.ts";

/** What the disk held at one moment. Later writes do not change it. */
export type MemorySnapshot = { readonly entries: readonly Entry[] };

/** A disk that can be taken back to an earlier moment, as after a crash. */
export type MemoryKeyValue = KeyValue & {
  readonly snapshot: () => MemorySnapshot;
  readonly restore: (snapshot: MemorySnapshot) => void;
};

/**
 * Changed keys from which on all entries are gone through once, instead of moving those behind each: 32, well
 * below the hundreds that a snapshot changes.
 */
const MERGED_MIN = 32;

/** `text` is the key in hexadecimal: it has the order of the bytes. */
type Entry = { readonly text: string; readonly value: Uint8Array };

/** An empty disk. It keeps and hands out the very values it is given, which nobody changes after that. */
export function createMemoryKeyValue(): MemoryKeyValue {
  let entries = new Entries([]);
  let closed = false;
  const open = (): Entries => {
    assert(!closed, "nobody uses a disk that is closed");
    return entries;
  };

  return {
    get: async (key) => open().get(key.toHex()),
    batch: async (writes) => {
      const all = open();
      for (const write of writes) {
        const text = write.key.toHex();
        if (write.type === "Put") all.put({ text, value: write.value });
        else all.delete(text);
      }
    },
    range: (range) => each(select(open().inOrder(), range)),
    close: async () => {
      closed = true;
    },
    snapshot: () => ({ entries: open().inOrder().slice() }),
    restore: (snapshot) => {
      open();
      entries = new Entries(snapshot.entries.slice());
    },
  };
}

/** The entries of a disk. They are found by their keys, and put in order when somebody asks for a range. */
class Entries {
  #ordered: Entry[];
  /** Undefined until somebody asks for a key: whoever goes back in time mostly reads all. */
  #found: Map<string, Entry> | undefined;
  /** The keys that were put or deleted since the entries were in order. */
  readonly #changed = new Set<string>();

  constructor(ordered: Entry[]) {
    this.#ordered = ordered;
  }

  get(text: string): Uint8Array | undefined {
    return this.#byText().get(text)?.value;
  }

  put(entry: Entry): void {
    this.#byText().set(entry.text, entry);
    this.#changed.add(entry.text);
  }

  delete(text: string): void {
    if (this.#byText().delete(text)) this.#changed.add(text);
  }

  inOrder(): readonly Entry[] {
    if (this.#changed.size >= MERGED_MIN) this.#ordered = this.#merged();
    else for (const text of this.#changed) this.#move(text);
    this.#changed.clear();
    return this.#ordered;
  }

  #byText(): Map<string, Entry> {
    this.#found ??= new Map(this.#ordered.map((entry) => [entry.text, entry]));
    return this.#found;
  }

  /** Puts one entry where it belongs, or takes it away. */
  #move(text: string): void {
    const entries = this.#ordered;
    const at = lowerBound(entries, text);
    const replaced = entries[at]?.text === text ? 1 : 0;
    const entry = this.#byText().get(text);
    if (entry === undefined) entries.splice(at, replaced);
    // A log writes at its end, where pushing is far cheaper than splicing.
    else if (at === entries.length) entries.push(entry);
    else entries.splice(at, replaced, entry);
  }

  #merged(): Entry[] {
    const found = this.#byText();
    const result: Entry[] = [];
    let next = 0;
    for (const text of [...this.#changed].sort()) {
      const at = lowerBound(this.#ordered, text, next);
      for (; next < at; next += 1) pushInto(result, this.#ordered[next]);
      if (this.#ordered[at]?.text === text) next += 1;
      pushInto(result, found.get(text));
    }
    for (; next < this.#ordered.length; next += 1) pushInto(result, this.#ordered[next]);
    return result;
  }
}

function pushInto(result: Entry[], entry: Entry | undefined): void {
  if (entry !== undefined) result.push(entry);
}

function select(entries: readonly Entry[], { from, to, reverse, limit }: KeyRange): Entry[] {
  const begin = lowerBound(entries, from.toHex());
  const selected = entries.slice(begin, lowerBound(entries, to.toHex()));
  if (reverse) selected.reverse();
  return limit === undefined ? selected : selected.slice(0, limit);
}

async function* each(
  entries: readonly Entry[],
): AsyncGenerator<readonly [key: Uint8Array, value: Uint8Array]> {
  for (const { text, value } of entries) yield [Uint8Array.fromHex(text), value];
}

/** The index of the first entry, from `from` on, whose key is not below that of `text`. */
function lowerBound(entries: readonly Entry[], text: string, from = 0): number {
  const last = entries.at(-1);
  if (last === undefined || last.text < text) return entries.length;
  let low = from;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.text < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
