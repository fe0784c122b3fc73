/** The part of MessagePack that we use, in its one canonical form. Source: the MessagePack specification. */

/*
 * Left out on purpose: floats, negative integers, maps and extension types. What remains has one
 * encoding per value once every length and integer takes its shortest form, so that equal values
 * have equal hashes. Any MessagePack tool reads it.
 */

/** First bytes of the forms that carry their size or value after them. */
export const HEAD = {
  nil: 0xc0,
  false: 0xc2,
  true: 0xc3,
  /** `bin` with 1, 2 or 4 bytes of length: 0xc4, 0xc5, 0xc6. */
  bin: 0xc4,
  /** `uint` of 1, 2, 4 or 8 bytes: 0xcc, 0xcd, 0xce, 0xcf. */
  uint: 0xcc,
  /** `str` with 1, 2 or 4 bytes of length: 0xd9, 0xda, 0xdb. */
  text: 0xd9,
  /** `array` with 2 or 4 bytes of length: 0xdc, 0xdd. */
  array: 0xdc,
  /** `array` of up to 15 items, the count in the low bits. */
  shortArray: 0x90,
  /** `str` of up to 31 bytes, the size in the low bits. */
  shortText: 0xa0,
} as const;

/** Arrays inside arrays, at most. Deeper than any schema of ours, far from the end of the stack. */
export const DEPTH_MAX = 32;

/** Bytes of one encoded value, at most: 16 MiB, many times the largest event or message. */
export const ENCODED_SIZE_BYTES_MAX: number = 2 ** 24;

/** The largest integer with a `uint` form of its own: 2^64 - 1. Above it an integer is a `bin`. */
export const UINT64_MAX: bigint = 2n ** 64n - 1n;
