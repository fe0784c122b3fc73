/** Reads canonical MessagePack from foreign bytes: believes no length, and refuses every other form. */
import { type Hex, toHex } from "./hex.ts";
import { createLastValue, type LastValue } from "./last-value.ts";
import { DEPTH_MAX, ENCODED_SIZE_BYTES_MAX, HEAD } from "./message-pack.ts";
import { CACHED_BYTES, cachedValue, createValueCache, type ValueCache } from "./value-cache.ts";

/** The bytes, and where the next value starts. Only the functions here move on. */
export type Reader = {
  bytes: Uint8Array;
  /** Over the same memory as `bytes`. */
  view: DataView;
  offset: number;
  /** Where the bytes to be read end, at most the end of `bytes`. */
  end: number;
  depth: number;
  /** Values that were seen before; undefined where nothing is remembered. */
  readonly known: KnownValues | undefined;
};

/** Kept apart, because the same bytes are one value as hex, another as text and another as an integer. */
export type KnownValues = {
  readonly hexes: ValueCache<Hex>;
  readonly texts: ValueCache<string>;
  readonly integers: ValueCache<bigint>;
  /** What a schema made by `repeated` read. */
  readonly last: LastValue;
};

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

/** Why a length or an integer is refused that would fit into fewer bytes. */
const TOO_LONG = "a length or integer that is not in its shortest form";

const NOT_SHORTEST = "an integer that is not in its shortest form";
const CUT_SHORT = "the bytes end too early";

/** The upper half of 2^53, in which the safe integers end. */
const HIGH_MAX = 2 ** 21 - 1;

/** Bytes of the largest integer with a `uint` form of its own. */
const UINT64_BYTES = 8;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A reader of `bytes`, which must not change while it reads. */
export function createReader(bytes: Uint8Array): Reader {
  return readerOf(bytes, undefined);
}

/**
 * A reader for many values: it remembers short ones, so that those that come again cost less and are the
 * same strings. Point it at bytes with `aimReader`.
 */
export function createLastingReader(): Reader {
  return readerOf(new Uint8Array(), {
    hexes: createValueCache(),
    texts: createValueCache(),
    integers: createValueCache(),
    last: createLastValue(),
  });
}

/** Lets a reader go on at `offset` of other bytes, up to `end`. `view` is over the same memory. */
export function aimReader(
  reader: Reader,
  { bytes, view }: Pick<Reader, "bytes" | "view">,
  offset: number,
  end: number,
): void {
  reader.bytes = bytes;
  reader.view = view;
  reader.offset = offset;
  reader.end = end;
  reader.depth = 0;
}

/** A view for reading numbers out of `bytes`. */
export function viewOf({ buffer, byteLength, byteOffset }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Refuses what starts at `offset`. */
export function refuse(offset: number, problem: string): never {
  throw new DecodeFailure(offset, problem);
}

/** Refuses bytes after the last value. */
export function expectEnd(reader: Reader): void {
  if (reader.offset !== reader.end) refuse(reader.offset, "bytes after the value");
}

/** True when the next value is `nil`, which is then passed. */
export function skipNil(reader: Reader): boolean {
  const { end, offset, view } = reader;
  if (offset >= end || view.getUint8(offset) !== HEAD.nil) return false;
  reader.offset = offset + 1;
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
  const { end, offset: at, view } = reader;
  const head = at < end ? view.getUint8(at) : refuse(at, CUT_SHORT);
  reader.offset = at + 1;
  if (head < 0x80) return head;
  const form = head - HEAD.uint;
  if (form < 0 || form > 3) return refuse(at, "not an unsigned integer");
  if (form === 3) return readLongUint(reader, at);
  return readNumber(reader, at, form, form === 0 ? 0x80 : smallestOf(form));
}

/** Reads an integer of at most `sizeBytesMax` bytes. */
export function readBigUint(reader: Reader, sizeBytesMax: number): bigint {
  const { end, offset, view } = reader;
  const head = offset < end ? view.getUint8(offset) : undefined;
  if (head === HEAD.bin) return readUintOfBytes(reader, sizeBytesMax);
  if (head !== HEAD.uint + 3) return BigInt(readUint(reader));
  const value = view.getBigUint64(pass(reader, offset + 1, UINT64_BYTES));
  return value > 0xffff_ffffn ? value : refuse(offset, NOT_SHORTEST);
}

/** Reads `bin` of at most `sizeBytesMax` bytes, as a view of the input: copy what you keep. */
export function readView(reader: Reader, sizeBytesMax: number): Uint8Array {
  const sizeBytes = readBinSize(reader, sizeBytesMax);
  const at = pass(reader, reader.offset, sizeBytes);
  return reader.bytes.subarray(at, at + sizeBytes);
}

/** Reads `bin` of at most `sizeBytesMax` bytes as hex. */
export function readHex(reader: Reader, sizeBytesMax: number): Hex {
  const { end, offset, view } = reader;
  if (offset + 2 <= end && view.getUint16(offset) === EMPTY_BIN) {
    reader.offset = offset + 2;
    return "0x";
  }
  const sizeBytes = readBinSize(reader, sizeBytesMax);
  return hexOf(reader, pass(reader, reader.offset, sizeBytes), sizeBytes);
}

/** Reads `bin` of exactly `sizeBytes` bytes as hex. */
export function readFixedHex(reader: Reader, sizeBytes: number): Hex {
  const { end, offset, view } = reader;
  const start = offset + 2;
  const isShort = sizeBytes < 0x100 && start + sizeBytes <= end;
  if (isShort && view.getUint16(offset) === (EMPTY_BIN | sizeBytes)) {
    reader.offset = start + sizeBytes;
    return hexOf(reader, start, sizeBytes);
  }
  const found = readBinSize(reader, ENCODED_SIZE_BYTES_MAX);
  if (found !== sizeBytes) refuse(offset, `not ${sizeBytes} bytes`);
  return hexOf(reader, pass(reader, reader.offset, sizeBytes), sizeBytes);
}

/** Reads text of at most `sizeBytesMax` bytes. */
export function readText(reader: Reader, sizeBytesMax: number): string {
  const start = reader.offset;
  const head = readByte(reader);
  const isShort = (head & 0xe0) === HEAD.shortText;
  const sizeBytes = isShort
    ? head & 0x1f
    : readSize(reader, start, head - HEAD.text, "not text", SHORT_TEXT_MAX);
  if (sizeBytes > sizeBytesMax) refuse(start, `more than ${sizeBytesMax} bytes of text`);
  const at = pass(reader, reader.offset, sizeBytes);
  return reader.known === undefined || !isCached(sizeBytes)
    ? textAt(reader, at, sizeBytes)
    : cachedValue(reader.known.texts, reader, at, sizeBytes, textAt);
}

/** Opens an array and returns its number of items, which is never more than the bytes that are left. */
export function readArrayStart(reader: Reader): number {
  const at = reader.offset;
  const head = readByte(reader);
  const count = (head & 0xf0) === HEAD.shortArray ? head & 0x0f : readCount(reader, at, head);
  if (count > reader.end - reader.offset) refuse(at, "more items than bytes");
  reader.depth += 1;
  if (reader.depth > DEPTH_MAX) refuse(at, "arrays nested too deep");
  return count;
}

/** Opens an array of exactly `count` items, and refuses any other. */
export function readArrayOf(reader: Reader, count: number): void {
  const { depth, end, offset, view } = reader;
  const isShort = count <= SHORT_ARRAY_MAX && depth < DEPTH_MAX && offset + count < end;
  if (isShort && view.getUint8(offset) === (HEAD.shortArray | count)) {
    reader.offset = offset + 1;
    reader.depth = depth + 1;
  } else if (readArrayStart(reader) !== count) refuse(offset, `not ${count} items`);
}

/** Closes the array that was opened last. */
export function readArrayEnd(reader: Reader): void {
  reader.depth -= 1;
}

/** The largest size and count that the low bits of a head hold. */
const SHORT_TEXT_MAX = 31;
const SHORT_ARRAY_MAX = 15;

/** The two bytes in front of `bin` of up to 255 bytes, without their number. */
const EMPTY_BIN: number = HEAD.bin * 0x100;

/** The largest small integer of JavaScript engines. */
const SIZE_MAX = 2 ** 31 - 1;

function readerOf(bytes: Uint8Array, known: KnownValues | undefined): Reader {
  return { bytes, view: viewOf(bytes), offset: 0, end: bytes.length, depth: 0, known };
}

/** Passes over `sizeBytes` bytes from `at` on, and returns where they start. */
function pass(reader: Reader, at: number, sizeBytes: number): number {
  const end = at + sizeBytes;
  if (end > reader.end) refuse(at, CUT_SHORT);
  reader.offset = end;
  return at;
}

function readByte(reader: Reader): number {
  const { end, offset, view } = reader;
  if (offset >= end) return refuse(offset, CUT_SHORT);
  reader.offset = offset + 1;
  return view.getUint8(offset);
}

/** Reads 1, 2 or 4 bytes, for the form 0, 1 or 2 of the value at `at`. */
function readNumber(reader: Reader, at: number, form: number, smallest: number): number {
  const { end, offset, view } = reader;
  const next = offset + (1 << form);
  if (next > end) return refuse(end, CUT_SHORT);
  reader.offset = next;
  const value =
    form === 0
      ? view.getUint8(offset)
      : form === 1
        ? view.getUint16(offset)
        : view.getUint32(offset);
  return value >= smallest ? value : refuse(at, TOO_LONG);
}

/** What the form 1 or 2 is needed for: more than one byte, more than two. */
function smallestOf(form: number): number {
  return form === 1 ? 0x100 : 0x1_0000;
}

function readLongUint(reader: Reader, at: number): number {
  const { end, offset, view } = reader;
  if (offset + UINT64_BYTES > end) return refuse(end, CUT_SHORT);
  reader.offset = offset + UINT64_BYTES;
  const high = view.getUint32(offset);
  if (high === 0) return refuse(at, TOO_LONG);
  if (high > HIGH_MAX) return refuse(at, "an integer above 2^53 - 1");
  return high * 2 ** 32 + view.getUint32(offset + 4);
}

/** Reads an integer above 2^64 - 1, which has 9 bytes or more and no zero in front. */
function readUintOfBytes(reader: Reader, sizeBytesMax: number): bigint {
  const start = reader.offset;
  const sizeBytes = readBinSize(reader, sizeBytesMax);
  const at = pass(reader, reader.offset, sizeBytes);
  if (sizeBytes <= UINT64_BYTES || reader.view.getUint8(at) === 0) refuse(start, NOT_SHORTEST);
  return reader.known === undefined
    ? uintAt(reader, at, sizeBytes)
    : cachedValue(reader.known.integers, reader, at, sizeBytes, uintAt);
}

/** The integer of 8 bytes or more at `at`. */
function uintAt({ view }: Reader, at: number, sizeBytes: number): bigint {
  const odd = sizeBytes % UINT64_BYTES;
  let value = view.getBigUint64(at) >> BigInt(odd === 0 ? 0 : 8 * (UINT64_BYTES - odd));
  for (let next = at + (odd || UINT64_BYTES); next < at + sizeBytes; next += UINT64_BYTES) {
    value = (value << 64n) | view.getBigUint64(next);
  }
  return value;
}

function readBinSize(reader: Reader, sizeBytesMax: number): number {
  const at = reader.offset;
  const form = readByte(reader) - HEAD.bin;
  const sizeBytes = readSize(reader, at, form, "not bytes", -1);
  return sizeBytes <= sizeBytesMax ? sizeBytes : refuse(at, `more than ${sizeBytesMax} bytes`);
}

/** Reads the size of bytes or text, where the head itself holds sizes up to `shortMax`. */
function readSize(
  reader: Reader,
  at: number,
  form: number,
  problem: string,
  shortMax: number,
): number {
  if (form < 0 || form > 2) return refuse(at, problem);
  return asSize(readNumber(reader, at, form, form === 0 ? shortMax + 1 : smallestOf(form)));
}

/** Reads a count of 16 or more. */
function readCount(reader: Reader, at: number, head: number): number {
  const form = head - HEAD.array + 1;
  if (form < 1 || form > 2) return refuse(at, "not an array");
  return asSize(readNumber(reader, at, form, form === 1 ? SHORT_ARRAY_MAX + 1 : 0x1_0000));
}

/**
 * A size as a small integer. All above 2 GiB are alike: too large. Without it the engine takes offsets for
 * floating point numbers from the first long size on, which halves the speed of everything here.
 */
function asSize(value: number): number {
  return Math.min(value, SIZE_MAX) | 0;
}

function isCached(sizeBytes: number): boolean {
  return sizeBytes >= CACHED_BYTES.min && sizeBytes <= CACHED_BYTES.max;
}

function hexOf(reader: Reader, at: number, sizeBytes: number): Hex {
  return reader.known === undefined || !isCached(sizeBytes)
    ? hexAt(reader, at, sizeBytes)
    : cachedValue(reader.known.hexes, reader, at, sizeBytes, hexAt);
}

function hexAt({ bytes }: Reader, at: number, sizeBytes: number): Hex {
  return toHex(bytes.subarray(at, at + sizeBytes));
}

function textAt({ bytes }: Reader, at: number, sizeBytes: number): string {
  try {
    return decoder.decode(bytes.subarray(at, at + sizeBytes));
  } catch {
    // The head of text up to 31 bytes is one byte long, of longer text two, three or five.
    return refuse(textStart(at, sizeBytes), "text that is not UTF-8");
  }
}

/** Where the head of a text stands whose bytes begin at `at`. */
function textStart(at: number, sizeBytes: number): number {
  if (sizeBytes <= SHORT_TEXT_MAX) return at - 1;
  if (sizeBytes < 0x100) return at - 2;
  return sizeBytes < 0x1_0000 ? at - 3 : at - 5;
}
