/**
 * Values by the bytes that they were read from: an id that comes again costs a comparison instead of a new
 * string, and is the same string, whose hash is known. It only saves time: nobody sees whether it was asked.
 */

/** A fixed number of slots. Each holds the last value that fell into it. */
export type ValueCache<Value> = {
  /** The bytes of each value as words, `SLOT_WORDS` for each slot. */
  readonly words: Int32Array;
  /** How many bytes each slot holds. */
  readonly sizes: Uint8Array;
  readonly values: (Value | undefined)[];
};

/** Bytes in which values lie. */
type Source = { readonly bytes: Uint8Array; readonly view: DataView };

/** Sizes that are kept: from one word to 96 bytes, which the id of an objective needs. */
export const CACHED_BYTES: { readonly min: 4; readonly max: 96 } = { min: 4, max: 96 };

const SLOT_WORDS = 24;

/** 1,024 slots, some 100 KB: the ids of a few hundred channels that are busy at one time. */
const SLOT_BITS = 10;

/** The golden ratio in 32 bits: spreads neighbours over all slots. Source: Knuth, volume 3, section 6.4. */
const SPREAD: number = 0x9e37_79b1 | 0;

/** An empty cache. */
export function createValueCache<Value>(): ValueCache<Value> {
  const slots = 2 ** SLOT_BITS;
  return {
    words: new Int32Array(slots * SLOT_WORDS),
    sizes: new Uint8Array(slots),
    values: new Array<Value | undefined>(slots).fill(undefined),
  };
}

/**
 * The value of the `sizeBytes` bytes at `at`, which must lie in `source` and be of a size that is kept: the
 * known one, or what `read` makes of them. All in one function, because calls would take longer than it.
 */
export function cachedValue<Value, From extends Source>(
  { sizes, values, words }: ValueCache<Value>,
  source: From,
  at: number,
  sizeBytes: number,
  read: (source: From, at: number, sizeBytes: number) => Value,
): Value {
  const { view } = source;
  // Compared word by word; the last word may overlap the one before it. Ids differ at either end.
  const last = sizeBytes - 4;
  const lastWord = view.getInt32(at + last, true);
  const ends = view.getInt32(at, true) ^ Math.imul(lastWord, SPREAD);
  const middle = view.getInt32(at + (last >> 1), true);
  const slot = Math.imul(ends ^ middle, SPREAD) >>> (32 - SLOT_BITS);
  const start = slot * SLOT_WORDS;
  if (sizes[slot] === sizeBytes) {
    let byte = 0;
    let word = start;
    while (byte < last && words[word] === view.getInt32(at + byte, true)) {
      byte += 4;
      word += 1;
    }
    const known = values[slot];
    if (byte >= last && words[word] === lastWord && known !== undefined) return known;
  }
  const value = read(source, at, sizeBytes);
  sizes[slot] = sizeBytes;
  values[slot] = value;
  let word = start;
  for (let byte = 0; byte < last; byte += 4) {
    words[word] = view.getInt32(at + byte, true);
    word += 1;
  }
  words[word] = lastWord;
  return value;
}
