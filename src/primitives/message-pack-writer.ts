/** Writes canonical MessagePack into one buffer that grows and is used again. */
import { AssertionError, assert } from "./assert.ts";
import type { Hex } from "./hex.ts";
import { DEPTH_MAX, ENCODED_SIZE_BYTES_MAX, HEAD, UINT64_MAX } from "./message-pack.ts";

/** What was written so far: the first `length` of `bytes`. Only the functions here change it. */
export type Writer = {
  bytes: Uint8Array<ArrayBuffer>;
  /** Over the same memory as `bytes`. */
  view: DataView<ArrayBuffer>;
  length: number;
  depth: number;
  /** The length that it never grows beyond. */
  lengthMax: number;
};

/** Bytes of a new buffer: most events fit without growing. */
const FIRST_SIZE_BYTES = 1024;

const SAFE_INTEGER_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Amounts in wei are below it: they are written fast. Larger integers are rare. */
const UINT128_MAX: bigint = 2n ** 128n - 1n;
const UINT128_BYTES = 16;

const encoder = new TextEncoder();

/** What each character below 256 means as a digit of canonical hex; above 15 for those that are none. */
const DIGIT: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code));
  return digit === -1 ? 0xff : digit;
});

/**
 * Thrown in the middle of writing a value above `ENCODED_SIZE_BYTES_MAX`. A bug of the caller, as other
 * assertions are, unless he catches it: only then did he mean to ask.
 */
export class EncodedTooLarge extends AssertionError {}

/** An empty writer. Keep it and reset it: a new buffer costs more than most values do. */
export function createWriter(): Writer {
  const bytes = new Uint8Array(FIRST_SIZE_BYTES);
  const view = new DataView(bytes.buffer);
  return { bytes, view, length: 0, depth: 0, lengthMax: ENCODED_SIZE_BYTES_MAX };
}

/** Forgets what was written, and keeps the buffer. */
export function resetWriter(writer: Writer): void {
  writer.length = 0;
  writer.depth = 0;
}

/** A copy of what was written. */
export function writtenBytes(writer: Writer): Uint8Array<ArrayBuffer> {
  return writer.bytes.slice(0, writer.length);
}

/** Writes `nil`, the value that is not there. */
export function writeNil(writer: Writer): void {
  writeByte(writer, HEAD.nil);
}

/** Writes a boolean. */
export function writeBoolean(writer: Writer, value: boolean): void {
  writeByte(writer, value ? HEAD.true : HEAD.false);
}

/** Writes an integer from 0 to 2^53 - 1 in its shortest form. */
export function writeUint(writer: Writer, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, "an integer is between 0 and 2^53 - 1");
  if (value < 0x80) writeByte(writer, value);
  else if (value < 0x100) writeSized(writer, HEAD.uint, 1, value);
  else if (value < 0x1_0000) writeSized(writer, HEAD.uint + 1, 2, value);
  else if (value < 0x1_0000_0000) writeSized(writer, HEAD.uint + 2, 4, value);
  else writeSized(writer, HEAD.uint + 3, 8, value);
}

/** Writes an integer from 0 on: the shortest `uint` up to 2^64 - 1, above it the bytes without leading zeros. */
export function writeBigUint(writer: Writer, value: bigint): void {
  assert(value >= 0n, "an integer is not negative");
  if (value <= SAFE_INTEGER_MAX) {
    writeUint(writer, Number(value));
  } else if (value <= UINT64_MAX) {
    reserve(writer, 9);
    writer.view.setUint8(writer.length, HEAD.uint + 3);
    writer.view.setBigUint64(writer.length + 1, value);
    writer.length += 9;
  } else if (value <= UINT128_MAX) {
    writeLargeUint(writer, value);
  } else {
    const digits = value.toString(16);
    writeHex(writer, `0x${digits.length % 2 === 0 ? "" : "0"}${digits}`);
  }
}

/** Writes bytes as `bin`. */
export function writeRaw(writer: Writer, bytes: Uint8Array): void {
  writeBinHead(writer, bytes.length);
  writeUnframed(writer, bytes);
}

/** Writes canonical hex as `bin` of the bytes that it stands for. Other text is a bug of the caller. */
export function writeHex(writer: Writer, hex: Hex): void {
  writeBinHead(writer, Math.floor((hex.length - 2) / 2));
  writeUnframedHex(writer, hex);
}

/** Writes the bytes that canonical hex stands for, as they are. */
function writeUnframedHex(writer: Writer, hex: Hex): void {
  const sizeBytes = (hex.length - 2) / 2;
  assert(Number.isInteger(sizeBytes) && hex.startsWith("0x"), "hex is 0x and pairs of digits");
  reserve(writer, sizeBytes);
  const { bytes, length } = writer;
  // Checks and converts in one pass: half of what a regular expression and `setFromHex` take.
  let seen = 0;
  for (let index = 0; index < sizeBytes; index += 1) {
    const highCode = hex.charCodeAt(2 * index + 2);
    const lowCode = hex.charCodeAt(2 * index + 3);
    const high = DIGIT[highCode & 0xff] ?? 0xff;
    const low = DIGIT[lowCode & 0xff] ?? 0xff;
    seen |= high | low | ((highCode | lowCode) & 0xff00);
    bytes[length + index] = (high << 4) | low;
  }
  assert(seen < 16, "hex is canonical");
  writer.length += sizeBytes;
}

/** Writes text as UTF-8 and returns its size in bytes. Halves of surrogate pairs are a bug of the caller. */
export function writeText(writer: Writer, text: string): number {
  const start = writer.length;
  // Most text is short ASCII: it is written on trust, and again when it proves to be something else.
  writeTextHead(writer, text.length);
  if (writeAscii(writer, text)) return text.length;
  assert(text.isWellFormed(), "text has no lone surrogates");
  const utf8 = encoder.encode(text);
  writer.length = start;
  writeTextHead(writer, utf8.length);
  writeUnframed(writer, utf8);
  return utf8.length;
}

/** Opens an array of `count` items. The items follow, then `writeArrayEnd`. */
export function writeArrayStart(writer: Writer, count: number): void {
  writer.depth += 1;
  assert(writer.depth <= DEPTH_MAX, "arrays are not nested deeper than the limit");
  if (count < 16) writeByte(writer, HEAD.shortArray | count);
  else if (count < 0x1_0000) writeSized(writer, HEAD.array, 2, count);
  else writeSized(writer, HEAD.array + 1, 4, count);
}

/** Closes the array that was opened last. */
export function writeArrayEnd(writer: Writer): void {
  writer.depth -= 1;
}

/** Copies bytes as they are: a prefix of another format, or a value that is encoded already. */
export function writeUnframed(writer: Writer, bytes: Uint8Array): void {
  reserve(writer, bytes.length);
  writer.bytes.set(bytes, writer.length);
  writer.length += bytes.length;
}

/** Writes an integer from 2^64 to 2^128 - 1 as `bin`, without leading zeros. */
function writeLargeUint(writer: Writer, value: bigint): void {
  reserve(writer, 2 + UINT128_BYTES + UINT128_BYTES);
  const { bytes, length, view } = writer;
  // Written whole behind its place, then moved there without the zeros.
  const whole = length + 2 + UINT128_BYTES;
  view.setBigUint64(whole, value >> 64n);
  view.setBigUint64(whole + 8, value);
  let from = whole;
  while (bytes[from] === 0) from += 1;
  const sizeBytes = whole + UINT128_BYTES - from;
  bytes[length] = HEAD.bin;
  bytes[length + 1] = sizeBytes;
  for (let index = 0; index < sizeBytes; index += 1) {
    bytes[length + 2 + index] = bytes[from + index] ?? 0;
  }
  writer.length = length + 2 + sizeBytes;
}

function writeBinHead(writer: Writer, sizeBytes: number): void {
  if (sizeBytes < 0x100) writeSized(writer, HEAD.bin, 1, sizeBytes);
  else if (sizeBytes < 0x1_0000) writeSized(writer, HEAD.bin + 1, 2, sizeBytes);
  else writeSized(writer, HEAD.bin + 2, 4, sizeBytes);
}

function writeTextHead(writer: Writer, sizeBytes: number): void {
  if (sizeBytes < 32) writeByte(writer, HEAD.shortText | sizeBytes);
  else if (sizeBytes < 0x100) writeSized(writer, HEAD.text, 1, sizeBytes);
  else if (sizeBytes < 0x1_0000) writeSized(writer, HEAD.text + 1, 2, sizeBytes);
  else writeSized(writer, HEAD.text + 2, 4, sizeBytes);
}

/** Writes text and returns true if all of it is ASCII; writes nothing otherwise. */
function writeAscii(writer: Writer, text: string): boolean {
  reserve(writer, text.length);
  const { bytes, length } = writer;
  let seen = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    seen |= code;
    bytes[length + index] = code;
  }
  if (seen > 0x7f) return false;
  writer.length += text.length;
  return true;
}

function writeSized(writer: Writer, head: number, sizeBytes: number, value: number): void {
  reserve(writer, 1 + sizeBytes);
  const { length, view } = writer;
  view.setUint8(length, head);
  if (sizeBytes === 1) view.setUint8(length + 1, value);
  else if (sizeBytes === 2) view.setUint16(length + 1, value);
  else if (sizeBytes === 4) view.setUint32(length + 1, value);
  else view.setBigUint64(length + 1, BigInt(value));
  writer.length += 1 + sizeBytes;
}

function writeByte(writer: Writer, byte: number): void {
  reserve(writer, 1);
  writer.bytes[writer.length] = byte;
  writer.length += 1;
}

/** Makes room for bytes behind what was written. Throws `EncodedTooLarge`. */
export function reserve(writer: Writer, sizeBytes: number): void {
  const needed = writer.length + sizeBytes;
  if (needed <= writer.bytes.length) return;
  if (needed > writer.lengthMax) {
    throw new EncodedTooLarge("an encoded value stays below the size limit");
  }
  const grown = new Uint8Array(Math.max(needed, 2 * writer.bytes.length));
  grown.set(writer.bytes.subarray(0, writer.length));
  writer.bytes = grown;
  writer.view = new DataView(grown.buffer);
}
