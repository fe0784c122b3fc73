/** Schemas: one description that writes a value, reads it back, and checks it on both ways. */
import { assert } from "./assert.ts";
import type { Hex } from "./hex.ts";
import {
  createReader,
  DecodeFailure,
  expectEnd,
  type Reader,
  readBigUint,
  readBoolean,
  readFixedHex,
  readHex,
  readText,
  readUint,
  readView,
  refuse,
} from "./message-pack-reader.ts";
import {
  createWriter,
  resetWriter,
  type Writer,
  writeBigUint,
  writeBoolean,
  writeHex,
  writeRaw,
  writeText,
  writeUint,
  writtenBytes,
} from "./message-pack-writer.ts";
import { accept, type Result, reject } from "./result.ts";

/**
 * How values of one type are written and read. A value has one encoding: what reads well, writes
 * back to the same bytes. Writing a value outside the schema is a bug and asserts; reading one
 * throws `DecodeFailure`, which `decode` turns into a result.
 */
export type Schema<Value> = {
  readonly write: (writer: Writer, value: Value) => void;
  readonly read: (reader: Reader) => Value;
  /** Describes the layout. Equal layouts have equal text, for ever: golden tests keep it. */
  readonly shape: string;
};

/** The values that a schema describes. */
export type Infer<Described extends { readonly read: (reader: Reader) => unknown }> = ReturnType<
  Described["read"]
>;

/** Why bytes were refused: the sender is at fault, or the disk. */
export type Undecodable = {
  readonly code: "Undecodable";
  /** Where in the bytes the refused value starts. */
  readonly offset: number;
  readonly problem: string;
};

/** What is written into when no writer is given: a new buffer costs more than most values do. */
const SCRATCH: Writer = createWriter();

/** Bytes of a buffer that is kept: 64 KiB, as much as a message has at most. */
const SCRATCH_BYTES_MAX = 65_536;

/** Encodes a value into new bytes. A writer that is given is reset and used. */
export function encode<Value>(
  schema: Schema<Value>,
  value: NoInfer<Value>,
  writer: Writer = SCRATCH,
): Uint8Array<ArrayBuffer> {
  if (SCRATCH.bytes.length > SCRATCH_BYTES_MAX) Object.assign(SCRATCH, createWriter());
  resetWriter(writer);
  schema.write(writer, value);
  return writtenBytes(writer);
}

/** Decodes all of `encoded`, which nobody has checked. What it returns shares no memory with them. */
export function decode<Value>(
  schema: Schema<Value>,
  encoded: Uint8Array,
): Result<Value, Undecodable> {
  const reader = createReader(encoded);
  try {
    const value = schema.read(reader);
    expectEnd(reader);
    return accept(value);
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    return reject({ code: "Undecodable", offset: error.offset, problem: error.message });
  }
}

/** An integer from 0 to `max`, itself at most 2^53 - 1. */
export function uint(max: number): Schema<number> {
  assert(Number.isSafeInteger(max) && max >= 0, "the largest integer is one itself");
  return {
    shape: `uint(${max})`,
    write: (writer, value) => {
      assert(value <= max, "an integer fits its schema");
      writeUint(writer, value);
    },
    read: (reader) => {
      const at = reader.offset;
      const value = readUint(reader);
      return value <= max ? value : refuse(at, `an integer above ${max}`);
    },
  };
}

/** An integer from 0 to 2^bits - 1, held as bigint. `bits` is a multiple of 8 up to 256. */
export function bigUint(bits: number): Schema<bigint> {
  assert(bits % 8 === 0 && bits >= 8 && bits <= 256, "bits make whole bytes, at most 32");
  const max = 2n ** BigInt(bits) - 1n;
  return {
    shape: `uint${bits}`,
    write: (writer, value) => {
      assert(value <= max, "an integer fits its schema");
      writeBigUint(writer, value);
    },
    read: (reader) => {
      const at = reader.offset;
      const value = readBigUint(reader, bits / 8);
      return value <= max ? value : refuse(at, `an integer above ${bits} bits`);
    },
  };
}

/** An amount or any other uint256 of Solidity. */
export const uint256: Schema<bigint> = bigUint(256);

/** True or false. */
export const boolean: Schema<boolean> = {
  shape: "boolean",
  write: writeBoolean,
  read: readBoolean,
};

/** Text of at most `sizeBytesMax` bytes of UTF-8. That any such text makes a `Text` is the caller's word. */
export function text<Text extends string = string>(sizeBytesMax: number): Schema<Text> {
  return {
    shape: `text(${sizeBytesMax})`,
    write: (writer, value) => {
      assert(writeText(writer, value) <= sizeBytesMax, "text fits its schema");
    },
    read: (reader) => readText(reader, sizeBytesMax) as Text,
  };
}

/** From `min` to `max` bytes: hex in memory, plain bytes when encoded. */
export function bytes<Text extends Hex = Hex>({
  min = 0,
  max,
}: {
  readonly min?: number;
  readonly max: number;
}): Schema<Text> {
  assert(min >= 0 && min <= max, "the fewest bytes are not more than the most");
  return {
    shape: `bytes(${min},${max})`,
    write: (writer, value) => {
      assert(value.length >= 2 + 2 * min && value.length <= 2 + 2 * max, "bytes fit their schema");
      writeHex(writer, value);
    },
    read: (reader) => {
      const at = reader.offset;
      const hex = readHex(reader, max);
      return hex.length >= 2 + 2 * min ? (hex as Text) : refuse(at, `fewer than ${min} bytes`);
    },
  };
}

/** Exactly `sizeBytes` bytes: a hash, an id, an address. That any such bytes make a `Text` is the caller's word. */
export function fixedBytes<Text extends Hex>(sizeBytes: number): Schema<Text> {
  return {
    shape: `bytes(${sizeBytes})`,
    write: (writer, value) => {
      assert(value.length === 2 + 2 * sizeBytes, "bytes fit their schema");
      writeHex(writer, value);
    },
    read: (reader) => readFixedHex(reader, sizeBytes) as Text,
  };
}

/** At most `sizeBytesMax` bytes that are never compared or shown, so that they stay bytes in memory. */
export function rawBytes(sizeBytesMax: number): Schema<Uint8Array> {
  return {
    shape: `raw(${sizeBytesMax})`,
    write: (writer, value) => {
      assert(value.length <= sizeBytesMax, "bytes fit their schema");
      writeRaw(writer, value);
    },
    read: (reader) => readView(reader, sizeBytesMax).slice(),
  };
}
