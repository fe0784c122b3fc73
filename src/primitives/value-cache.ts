/**
 * Values by the bytes that they were read from: an id that comes again costs a comparison instead of a new
 * string, and is the same string, whose hash is known. It only saves time: nobody sees whether it was asked.
 */

/** A fixed number of slots. Each holds the last value that fell into it. */
export type ValueCache<Value> = {
  /** The bytes of each value, as many for each slot as the largest has. */
  readonly bytes: DataView<ArrayBuffer>;
  /** How many of them count. 0 marks an empty slot. */
  readonly sizes: Uint8Array;
  readonly values: (Value | undefined)[];
};

/** Bytes in which values lie. */
type Source = { readonly bytes: Uint8Array; readonly view: DataView };

/** Sizes that are kept: from one word to 96 bytes, which the id of an objective needs. */
const SIZE_BYTES_MIN = 4;
const SIZE_BYTES_MAX = 96;

/** 1,024 slots, some 100 KB: the ids of a few hundred channels that are busy at one time. */
const SLOT_BITS = 10;

/** The golden ratio in 32 bits: spreads neighbours over all slots. Source: Knuth, volume 3, section 6.4. */
const SPREAD = 0x9e3779b1;

/** An empty cache. */
export function createValueCache<Value>(): ValueCache<Value> {
  const slots = 2 ** SLOT_BITS;
  return {
    bytes: new DataView(new ArrayBuffer(slots * SIZE_BYTES_MAX)),
    sizes: new Uint8Array(slots),
    values: new Array<Value | undefined>(slots).fill(undefined),
  };
}

/**
 * The value of the `sizeBytes` bytes at `at`, which must lie in `source`: the known one, or what `read`
 * makes of them. Very short and very long values are read every time.
 */
export function cachedValue<Value, From extends Source>(
  cache: ValueCache<Value>,
  source: From,
  at: number,
  sizeBytes: number,
  read: (source: From, at: number, sizeBytes: number) => Value,
): Value {
  if (sizeBytes < SIZE_BYTES_MIN || sizeBytes > SIZE_BYTES_MAX) return read(source, at, sizeBytes);
  const slot = slotOf(source.view, at, sizeBytes);
  const known = cache.values[slot];
  if (known !== undefined && holds(cache, slot, source.view, at, sizeBytes)) return known;
  const value = read(source, at, sizeBytes);
  copyWords(source.view, at, sizeBytes, cache.bytes, slot * SIZE_BYTES_MAX);
  cache.sizes[slot] = sizeBytes;
  cache.values[slot] = value;
  return value;
}

/** Ids often differ at one end only, or in the middle. */
function slotOf(view: DataView, at: number, sizeBytes: number): number {
  const middle = view.getInt32(at + ((sizeBytes - 4) >> 1));
  const mixed = Math.imul(view.getInt32(at) ^ middle, SPREAD) ^ view.getInt32(at + sizeBytes - 4);
  return Math.imul(mixed, SPREAD) >>> (32 - SLOT_BITS);
}

/** Compares word by word. The last word may overlap the one before it. */
function holds(
  { bytes, sizes }: ValueCache<unknown>,
  slot: number,
  view: DataView,
  at: number,
  sizeBytes: number,
): boolean {
  if (sizes[slot] !== sizeBytes) return false;
  const start = slot * SIZE_BYTES_MAX;
  const last = sizeBytes - 4;
  if (view.getInt32(at + last) !== bytes.getInt32(start + last)) return false;
  for (let word = 0; word < last; word += 4) {
    if (view.getInt32(at + word) !== bytes.getInt32(start + word)) return false;
  }
  return true;
}

function copyWords(from: DataView, at: number, size: number, to: DataView, start: number): void {
  const last = size - 4;
  for (let word = 0; word < last; word += 4) {
    to.setInt32(start + word, from.getInt32(at + word));
  }
  to.setInt32(start + last, from.getInt32(at + last));
}
