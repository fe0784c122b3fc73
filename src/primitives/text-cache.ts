/**
 * Texts by the bytes that they were read from: an id that comes again costs a comparison instead of a new
 * string, and is the same string, whose hash is known. It only saves time: nobody sees whether it was asked.
 */

/** A fixed number of slots. Each holds the last text that fell into it. */
export type TextCache = {
  /** The bytes of each text, `SLOT_BYTES` for each slot. */
  readonly bytes: DataView<ArrayBuffer>;
  /** How many of them count. 0 marks an empty slot. */
  readonly sizes: Uint8Array;
  readonly texts: string[];
};

/** Sizes that are kept: from one word to 96 bytes, which the id of an objective needs. */
export const CACHED_BYTES: { readonly min: 4; readonly max: 96 } = { min: 4, max: 96 };

/** 1,024 slots, some 100 KB: the ids of a few hundred channels that are busy at one time. */
const SLOT_BITS = 10;

/** The golden ratio in 32 bits: spreads neighbours over all slots. Source: Knuth, volume 3, section 6.4. */
const SPREAD = 0x9e3779b1;

/** An empty cache. */
export function createTextCache(): TextCache {
  const slots = 2 ** SLOT_BITS;
  return {
    bytes: new DataView(new ArrayBuffer(slots * CACHED_BYTES.max)),
    sizes: new Uint8Array(slots),
    texts: new Array<string>(slots).fill(""),
  };
}

/**
 * The text of the `sizeBytes` bytes at `at`, which must lie in `source`: the known one, or what `read`
 * makes of them. Bytes of any other size than `CACHED_BYTES` are read every time.
 */
export function cachedText<Source extends { readonly view: DataView }>(
  cache: TextCache,
  source: Source,
  at: number,
  sizeBytes: number,
  read: (source: Source, at: number, sizeBytes: number) => string,
): string {
  if (sizeBytes < CACHED_BYTES.min || sizeBytes > CACHED_BYTES.max)
    return read(source, at, sizeBytes);
  const { view } = source;
  const slot = slotOf(view, at, sizeBytes);
  if (cache.sizes[slot] === sizeBytes && holds(cache, slot, view, at, sizeBytes)) {
    return cache.texts[slot] ?? "";
  }
  const text = read(source, at, sizeBytes);
  copyWords(view, at, sizeBytes, cache.bytes, slot * CACHED_BYTES.max);
  cache.sizes[slot] = sizeBytes;
  cache.texts[slot] = text;
  return text;
}

/** Ids often differ at one end only, or in the middle. */
function slotOf(view: DataView, at: number, sizeBytes: number): number {
  const middle = view.getInt32(at + ((sizeBytes - 4) >> 1));
  const mixed = Math.imul(view.getInt32(at) ^ middle, SPREAD) ^ view.getInt32(at + sizeBytes - 4);
  return Math.imul(mixed, SPREAD) >>> (32 - SLOT_BITS);
}

/** Compares word by word. The last word may overlap the one before it. */
function holds(
  cache: TextCache,
  slot: number,
  view: DataView,
  at: number,
  sizeBytes: number,
): boolean {
  const { bytes } = cache;
  const start = slot * CACHED_BYTES.max;
  const last = sizeBytes - 4;
  if (view.getInt32(at + last) !== bytes.getInt32(start + last)) return false;
  for (let word = 0; word < last; word += 4) {
    if (view.getInt32(at + word) !== bytes.getInt32(start + word)) return false;
  }
  return true;
}

function copyWords(
  from: DataView,
  at: number,
  sizeBytes: number,
  to: DataView,
  start: number,
): void {
  const last = sizeBytes - 4;
  for (let word = 0; word < last; word += 4) {
    to.setInt32(start + word, from.getInt32(at + word));
  }
  to.setInt32(start + last, from.getInt32(at + last));
}
