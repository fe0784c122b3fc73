/** Writes Solidity's ABI words into one buffer. For the few hot shapes; anything else is viem's. */
import { type Hex, hexSizeBytes } from "../primitives/hex.ts";

/** Bytes of one ABI word. */
export const WORD = 32;

/** A buffer of zeros, and how far it is written. Fields are set in order, each word by word. */
export type WordWriter = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  offset: number;
};

/** A writer for exactly `sizeBytes`. */
export function createWordWriter(sizeBytes: number): WordWriter {
  const bytes = new Uint8Array(sizeBytes);
  return { bytes, view: new DataView(bytes.buffer), offset: 0 };
}

/** Words that `bytes` of this length take, without their length word. */
export function paddedSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / WORD) * WORD;
}

/** A number below 2^53: an offset, a length, a turn, a flag. */
export function writeNumber(writer: WordWriter, value: number): void {
  const { offset, view } = writer;
  view.setUint32(offset + 24, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 28, value >>> 0);
  writer.offset += WORD;
}

const LOW_64 = (1n << 64n) - 1n;

/** An unsigned number of up to 256 bits. */
export function writeUint256(writer: WordWriter, value: bigint): void {
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
  writer.bytes.subarray(writer.offset).setFromHex(value.slice(2));
  writer.offset += WORD;
}

/** An address, at the low end of its word. */
export function writeAddress(writer: WordWriter, value: Hex): void {
  writer.bytes.subarray(writer.offset + 12).setFromHex(value.slice(2));
  writer.offset += WORD;
}

/** Dynamic bytes: the length, then the bytes, filled up to whole words. */
export function writeBytes(writer: WordWriter, value: Hex): void {
  const sizeBytes = hexSizeBytes(value);
  writeNumber(writer, sizeBytes);
  if (sizeBytes > 0) writer.bytes.subarray(writer.offset).setFromHex(value.slice(2));
  writer.offset += paddedSize(sizeBytes);
}

/** Bytes that `writeBytes` takes for a value. */
export function bytesSize(value: Hex): number {
  return WORD + paddedSize(hexSizeBytes(value));
}
