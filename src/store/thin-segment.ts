/** A segment whose archived records left only their hashes behind. */
import { HASH_SIZE_BYTES } from "../events/record.ts";
import { packRun, RUN_ENTRY_BYTES, unpackRun } from "../events/record-run.ts";
import { createReader, expectEnd } from "../primitives/message-pack-reader.ts";
import { encode, rawBytes, type Schema } from "../primitives/schema.ts";
import { list, record } from "../primitives/schema-composite.ts";
import { SEGMENT_RECORDS } from "./segment.ts";

/**
 * The records of a segment: each as stored, or only its 32 bytes of hash. On the disk it is MessagePack,
 * `[hash before, [record, ...]]`; a run begins with another byte.
 */
export type ThinSegment = {
  /** Hash of the record before the segment. */
  readonly hashBefore: Uint8Array;
  readonly stored: readonly Uint8Array[];
};

const STORED_BYTES_MAX: number = 2 ** 24;

const thinSchema: Schema<ThinSegment> = record({
  hashBefore: rawBytes(HASH_SIZE_BYTES),
  stored: list(rawBytes(STORED_BYTES_MAX), SEGMENT_RECORDS),
});

/** The first byte of a thin segment: an array of two. Runs begin with a size of four bytes, 0xce. */
const THIN_HEAD = 0x92;

/** True for the hash that an archived record left behind. */
export const isStub = (stored: Uint8Array): boolean => stored.length === HASH_SIZE_BYTES;

/** True for the bytes of a thin segment, false for those of a run. */
export const isThin = ([head]: Uint8Array): boolean => head === THIN_HEAD;

/** Writes a thin segment. */
export const encodeThin = (segment: ThinSegment): Uint8Array => encode(thinSchema, segment);

/** Reads a run or a thin segment. Throws `DecodeFailure` on damaged thin ones. */
export function decodeSegment(bytes: Uint8Array): ThinSegment {
  if (!isThin(bytes)) {
    const hashBefore = bytes.slice(RUN_ENTRY_BYTES - HASH_SIZE_BYTES, RUN_ENTRY_BYTES);
    return { hashBefore, stored: unpackRun(bytes).stored };
  }
  const reader = createReader(bytes);
  const segment = thinSchema.read(reader);
  expectEnd(reader);
  return segment;
}

/** The run of a segment that is whole again. */
export const packThick = ({ hashBefore, stored }: ThinSegment): Uint8Array =>
  packRun(hashBefore, stored);
