/** Writes Solidity's ABI words into one buffer. For the few hot shapes; anything else is viem's. */
import { assert } from "../primitives/assert.ts";
import { type Hex, hexSizeBytes } from "../primitives/hex.ts";

/** Bytes of one ABI word. Source: Solidity ABI specification, "Formal Specification of the Encoding". */
export const WORD = 32;

/** A buffer of zeros, and how far it is written. Fields are set in order, each word by word. */
export type WordWriter = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  offset: number;
};

/** A writer for exactly `sizeBytes`. */
export function createWordWriter(sizeBytes: number): WordWriter {
  // The memory first: a small array that is asked for its memory has to be moved there.
  const memory = new ArrayBuffer(sizeBytes);
  return { bytes: new Uint8Array(memory), view: new DataView(memory), offset: 0 };
}

/** The bytes, all of them written: a size that was computed wrong would be signed as zeros. */
export function writtenWords({ bytes, offset }: WordWriter): Uint8Array<ArrayBuffer> {
  assert(offset === bytes.length, "the words fill the size that was computed for them");
  return bytes;
}

/** Bytes that `writeBytes` takes for a value: a word for the length, and whole words. */
export function bytesSize(value: Hex): number {
  return WORD + paddedSize(hexSizeBytes(value));
}

/** A number from 0 to 2^53 - 1: an offset, a length, a turn, a flag. */
export function writeNumber(writer: WordWriter, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, "a word holds a whole number, not a negative");
  const { offset, view } = writer;
  if (value > 0xffff_ffff) view.setUint32(offset + 24, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 28, value);
  writer.offset += WORD;
}

const LOW_64 = (1n << 64n) - 1n;
const UINT256_MAX = (1n << 256n) - 1n;

/** An unsigned number of up to 256 bits. */
export function writeUint256(writer: WordWriter, value: bigint): void {
  assert(
    value >= 0n && value <= UINT256_MAX,
    "a word holds no negative, and no more than 256 bits",
  );
  const { offset, view } = writer;
  view.setBigUint64(offset + 24, value & LOW_64);
  if (value > LOW_64) {
    view.setBigUint64(offset + 16, (value >> 64n) & LOW_64);
    view.setBigUint64(offset + 8, (value >> 128n) & LOW_64);
    view.setBigUint64(offset, value >> 192n);
  }
  writer.offset += WORD;
}

/** A value of exactly 32 bytes. */
export function writeBytes32(writer: WordWriter, value: Hex): void {
  writeHexAt(writer, writer.offset, value, WORD);
  writer.offset += WORD;
}

/** An address, at the low end of its word. */
export function writeAddress(writer: WordWriter, value: Hex): void {
  writeHexAt(writer, writer.offset + 12, value, 20);
  writer.offset += WORD;
}

/** Dynamic bytes: the length, then the bytes, filled up to whole words. */
export function writeBytes(writer: WordWriter, value: Hex): void {
  const sizeBytes = hexSizeBytes(value);
  writeNumber(writer, sizeBytes);
  if (sizeBytes === 0) return;
  writeHexAt(writer, writer.offset, value, sizeBytes);
  writer.offset += paddedSize(sizeBytes);
}

/** Writes in place. Another length would move all that follows; text that is no hex throws. */
function writeHexAt(writer: WordWriter, at: number, value: Hex, sizeBytes: number): void {
  assert(value.length === 2 + 2 * sizeBytes, "hex has the length of its type");
  writer.bytes.subarray(at, at + sizeBytes).setFromHex(value.slice(2));
}

function paddedSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / WORD) * WORD;
}
