/**
 * The value that was read last, by its bytes: what a log tells several times in a row, as it does of a state
 * with each of its signatures, is read once. It only saves time: nobody sees whether it was asked.
 */

/** One value, and the bytes that it was read from. */
export type LastValue = {
  /** The bytes as words; the last word may overlap the one before it. */
  readonly words: Int32Array;
  /** 0 while nothing is kept. */
  sizeBytes: number;
  /** Who read it: the same bytes are other values to others. */
  reader: unknown;
  value: unknown;
};

/** Bytes in which values lie. */
type Source = { readonly view: DataView };

/** Sizes that are kept: from one word to 1 KiB, five times the state of a channel between two. */
export const KEPT_BYTES: { readonly min: 4; readonly max: 1_024 } = { min: 4, max: 1_024 };

const WORD_BYTES = 4;

/** A place for a value. */
export function createLastValue(): LastValue {
  const words = new Int32Array(KEPT_BYTES.max / WORD_BYTES);
  return { words, sizeBytes: 0, reader: undefined, value: undefined };
}

/** True when `reader` read the value that is kept, and its bytes stand at `at`, before `end`. */
export function isLastValue(
  { reader: by, sizeBytes, words }: LastValue,
  { view }: Source,
  at: number,
  end: number,
  reader: unknown,
): boolean {
  if (sizeBytes === 0 || by !== reader || at + sizeBytes > end) return false;
  const last = sizeBytes - WORD_BYTES;
  let byte = 0;
  let word = 0;
  while (byte < last && words[word] === view.getInt32(at + byte, true)) {
    byte += WORD_BYTES;
    word += 1;
  }
  return byte >= last && words[word] === view.getInt32(at + last, true);
}

/** Keeps a value that `reader` read from the bytes at `at`, unless they are too few or too many. */
export function keepLastValue(
  kept: LastValue,
  { view }: Source,
  at: number,
  sizeBytes: number,
  reader: unknown,
  value: unknown,
): void {
  if (sizeBytes < KEPT_BYTES.min || sizeBytes > KEPT_BYTES.max) return;
  const { words } = kept;
  const last = sizeBytes - WORD_BYTES;
  let word = 0;
  for (let byte = 0; byte < last; byte += WORD_BYTES) {
    words[word] = view.getInt32(at + byte, true);
    word += 1;
  }
  words[word] = view.getInt32(at + last, true);
  kept.sizeBytes = sizeBytes;
  kept.reader = reader;
  kept.value = value;
}
