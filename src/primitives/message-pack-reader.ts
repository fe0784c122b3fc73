/** Reads canonical MessagePack from foreign bytes: believes no length, and refuses every other form. */
import { type Hex, toHex } from "./hex.ts";
import { DEPTH_MAX, HEAD, UINT64_MAX } from "./message-pack.ts";

/** The bytes, and where the next value starts. Only the functions here move on. */
export type Reader = { readonly bytes: Uint8Array; offset: number; depth: number };

/** Thrown at the first byte that is not what the schema asks for. `decode` catches it; nobody else does. */
export class DecodeFailure extends Error {
  override readonly name = "DecodeFailure";
  /** Where the refused value starts. */
  readonly offset: number;

  constructor(offset: number, problem: string) {
    super(problem);
    this.offset = offset;
  }
}

/** Bytes of length after a head: its own low bits for none, else the next 1, 2 or 4 bytes. */
type SizeForm = { readonly sizeBytes: number; readonly smallest: number };

const UINT_FORMS: readonly SizeForm[] = [
  { sizeBytes: 1, smallest: 0x80 },
  { sizeBytes: 2, smallest: 0x100 },
  { sizeBytes: 4, smallest: 0x1_0000 },
  { sizeBytes: 8, smallest: 0x1_0000_0000 },
];
const BIN_FORMS: readonly SizeForm[] = [
  { sizeBytes: 1, smallest: 0 },
  { sizeBytes: 2, smallest: 0x100 },
  { sizeBytes: 4, smallest: 0x1_0000 },
];
const TEXT_FORMS: readonly SizeForm[] = [
  { sizeBytes: 1, smallest: 32 },
  { sizeBytes: 2, smallest: 0x100 },
  { sizeBytes: 4, smallest: 0x1_0000 },
];
const ARRAY_FORMS: readonly SizeForm[] = [
  { sizeBytes: 2, smallest: 16 },
  { sizeBytes: 4, smallest: 0x1_0000 },
];

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A reader that starts at `offset` of `bytes`, which must not change while it reads. */
export function createReader(bytes: Uint8Array, offset = 0): Reader {
  return { bytes, offset, depth: 0 };
}

/** Refuses what starts at `offset`. */
export function refuse(offset: number, problem: string): never {
  throw new DecodeFailure(offset, problem);
}

/** Refuses bytes after the last value. */
export function expectEnd(reader: Reader): void {
  if (reader.offset !== reader.bytes.length) refuse(reader.offset, "bytes after the value");
}

/** True when the next value is `nil`, which is then passed. */
export function skipNil(reader: Reader): boolean {
  if (reader.bytes[reader.offset] !== HEAD.nil) return false;
  reader.offset += 1;
  return true;
}

/** Reads a boolean. */
export function readBoolean(reader: Reader): boolean {
  const at = reader.offset;
  const head = readByte(reader);
  if (head === HEAD.true) return true;
  if (head === HEAD.false) return false;
  return refuse(at, "not a boolean");
}

/** Reads an integer from 0 to 2^53 - 1. */
export function readUint(reader: Reader): number {
  const at = reader.offset;
  const head = readByte(reader);
  if (head < 0x80) return head;
  const value = readForm(reader, at, UINT_FORMS[head - HEAD.uint], "not an unsigned integer");
  return value <= Number.MAX_SAFE_INTEGER ? value : refuse(at, "an integer above 2^53 - 1");
}

/** Reads an integer of at most `sizeBytesMax` bytes. */
export function readBigUint(reader: Reader, sizeBytesMax: number): bigint {
  const head = reader.bytes[reader.offset];
  if (head === HEAD.uint + 3) return readUint64(reader);
  if (head !== HEAD.bin) return BigInt(readUint(reader));
  const at = reader.offset;
  const bytes = readView(reader, sizeBytesMax);
  const value = bytes.length === 0 ? 0n : BigInt(toHex(bytes));
  if (bytes[0] === 0 || value <= UINT64_MAX)
    refuse(at, "an integer that is not in its shortest form");
  return value;
}

/** Reads `bin` of at most `sizeBytesMax` bytes, as a view of the input: copy what you keep. */
export function readView(reader: Reader, sizeBytesMax: number): Uint8Array {
  const at = reader.offset;
  const head = readByte(reader);
  const sizeBytes = readForm(reader, at, BIN_FORMS[head - HEAD.bin], "not bytes");
  if (sizeBytes > sizeBytesMax) refuse(at, `more than ${sizeBytesMax} bytes`);
  return take(reader, sizeBytes);
}

/** Reads `bin` of at most `sizeBytesMax` bytes as hex. */
export function readHex(reader: Reader, sizeBytesMax: number): Hex {
  return toHex(readView(reader, sizeBytesMax));
}

/**
 * Reads `bin` of exactly as many bytes as `scratch` has, as hex. The scratch saves a view per value,
 * which costs more than the copy.
 */
export function readFixedHex(reader: Reader, scratch: Uint8Array): Hex {
  const at = reader.offset;
  const head = readByte(reader);
  const sizeBytes = readForm(reader, at, BIN_FORMS[head - HEAD.bin], "not bytes");
  if (sizeBytes !== scratch.length) refuse(at, `not ${scratch.length} bytes`);
  const { bytes, offset } = reader;
  if (offset + sizeBytes > bytes.length) refuse(offset, "the bytes end too early");
  for (let index = 0; index < sizeBytes; index += 1) scratch[index] = bytes[offset + index] ?? 0;
  reader.offset = offset + sizeBytes;
  return toHex(scratch);
}

/** Reads text of at most `sizeBytesMax` bytes. */
export function readText(reader: Reader, sizeBytesMax: number): string {
  const at = reader.offset;
  const head = readByte(reader);
  const sizeBytes =
    (head & 0xe0) === HEAD.shortText
      ? head & 0x1f
      : readForm(reader, at, TEXT_FORMS[head - HEAD.text], "not text");
  if (sizeBytes > sizeBytesMax) refuse(at, `more than ${sizeBytesMax} bytes of text`);
  const utf8 = take(reader, sizeBytes);
  try {
    return decoder.decode(utf8);
  } catch {
    return refuse(at, "text that is not UTF-8");
  }
}

/** Opens an array and returns its number of items, which is never more than the bytes that are left. */
export function readArrayStart(reader: Reader): number {
  const at = reader.offset;
  const head = readByte(reader);
  const count =
    (head & 0xf0) === HEAD.shortArray
      ? head & 0x0f
      : readForm(reader, at, ARRAY_FORMS[head - HEAD.array], "not an array");
  if (count > reader.bytes.length - reader.offset) refuse(at, "more items than bytes");
  reader.depth += 1;
  if (reader.depth > DEPTH_MAX) refuse(at, "arrays nested too deep");
  return count;
}

/** Closes the array that was opened last. */
export function readArrayEnd(reader: Reader): void {
  reader.depth -= 1;
}

/** Passes over `sizeBytes` bytes and returns a view of them. */
export function take(reader: Reader, sizeBytes: number): Uint8Array {
  const end = reader.offset + sizeBytes;
  if (end > reader.bytes.length) refuse(reader.offset, "the bytes end too early");
  const view = reader.bytes.subarray(reader.offset, end);
  reader.offset = end;
  return view;
}

function readUint64(reader: Reader): bigint {
  const at = reader.offset;
  reader.offset += 1;
  const high = readBigEndian(reader, 4);
  const low = readBigEndian(reader, 4);
  if (high === 0) refuse(at, "an integer that is not in its shortest form");
  return (BigInt(high) << 32n) | BigInt(low);
}

function readForm(reader: Reader, at: number, form: SizeForm | undefined, problem: string): number {
  if (form === undefined) return refuse(at, problem);
  const value = readBigEndian(reader, form.sizeBytes);
  return value >= form.smallest
    ? value
    : refuse(at, "a length or integer that is not in its shortest form");
}

function readBigEndian(reader: Reader, sizeBytes: number): number {
  const end = reader.offset + sizeBytes;
  let value = 0;
  while (reader.offset < end) value = value * 0x100 + readByte(reader);
  return value;
}

function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.offset];
  if (byte === undefined) return refuse(reader.offset, "the bytes end too early");
  reader.offset += 1;
  return byte;
}
