/** Snapshots as bytes: headers, pages of what was replaced, and entities. All of it is canonical MessagePack. */
import { sha256 } from "../crypto/sha256.ts";
import type { RecordHash } from "../events/record.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import {
  createReader,
  expectEnd,
  type Reader,
  readArrayEnd,
  readArrayStart,
  readUint,
  readView,
} from "../primitives/message-pack-reader.ts";
import {
  createWriter,
  resetWriter,
  type Writer,
  writeArrayStart,
  writeUint,
  writeUnframed,
  writtenBytes,
} from "../primitives/message-pack-writer.ts";
import {
  boolean,
  decode,
  encode,
  fixedBytes,
  rawBytes,
  type Schema,
  text,
  uint,
} from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import type { SetDigest } from "./snapshot-digest.ts";
import type { EntityName } from "./snapshot-keys.ts";

/** What a snapshot says of itself. */
export type SnapshotHeader = {
  /** It holds what the first `length` records of the log fold to. */
  readonly length: number;
  /** Of the last of these records. */
  readonly hash: RecordHash;
  /** Of the tables: see `shapeOf`. */
  readonly shape: Hex;
  /** Length of the snapshot before, whose entities its page holds; 0 when there is none. */
  readonly previousLength: number;
  /** Digest of the header before; zeros when there is none. */
  readonly previousDigest: Hex;
  readonly inUse: SetDigest;
  readonly settled: SetDigest;
  /** The place that the next new entity gets: entities are listed in the order in which they came. */
  readonly nextOrder: number;
};

/** An entity as it was before a snapshot replaced it. */
export type PageEntry = EntityName & {
  readonly isSettled: boolean;
  /** As it is stored, see `StoredEntity`; empty when there was no such entity. */
  readonly before: Uint8Array;
};

/** An entity as a snapshot holds it: `[order, entity]`. */
export type StoredEntity = {
  readonly order: number;
  /** The entity alone, as its schema writes it. */
  readonly encoded: Uint8Array;
};

const SAFE_INTEGER_MAX = Number.MAX_SAFE_INTEGER;

/** Bytes of an entity's key: an effect's id has 256 at most. */
const KEY_BYTES_MAX = 512;

/** Bytes of one entity: as many as of one encoded value. */
const ENTITY_BYTES_MAX: number = 2 ** 24;

/** Items of a stored entity. */
const ENTITY_ITEMS = 2;

const setDigest: Schema<SetDigest> = record({
  count: uint(SAFE_INTEGER_MAX),
  sum: fixedBytes<Hex>(32),
});

const headerSchema: Schema<SnapshotHeader> = record({
  length: uint(SAFE_INTEGER_MAX),
  hash: fixedBytes<RecordHash>(32),
  shape: fixedBytes<Hex>(32),
  previousLength: uint(SAFE_INTEGER_MAX),
  previousDigest: fixedBytes<Hex>(32),
  inUse: setDigest,
  settled: setDigest,
  nextOrder: uint(SAFE_INTEGER_MAX),
});

const entrySchema: Schema<PageEntry> = record({
  table: uint(0xff),
  key: text(KEY_BYTES_MAX),
  isSettled: boolean,
  before: bytesInPlace(ENTITY_BYTES_MAX),
});

const positionSchema: Schema<number> = uint(SAFE_INTEGER_MAX);

/** Writes a header. */
export const encodeHeader = (header: SnapshotHeader): Uint8Array => encode(headerSchema, header);

/** Reads a header; undefined when the bytes are none. */
export function decodeHeader(bytes: Uint8Array): SnapshotHeader | undefined {
  const header = decode(headerSchema, bytes);
  return header.ok ? header.value : undefined;
}

/** SHA-256 of a header: it names the snapshot, and all snapshots before it. */
export const headerDigest = (header: SnapshotHeader): Hex => toHex(sha256(encodeHeader(header)));

/**
 * Writes a page, an array of entries, and tells where each entry begins. Entries are encoded one by one,
 * since all of them together may be larger than one value.
 */
export function encodePage(entries: readonly PageEntry[]): {
  readonly page: Uint8Array;
  readonly positions: readonly number[];
} {
  const writer = createWriter();
  writeArrayStart(writer, entries.length);
  const parts: Uint8Array[] = [writtenBytes(writer)];
  const positions: number[] = [];
  let position = writer.length;
  const scratch = createWriter();
  for (const entry of entries) {
    const part = encode(entrySchema, entry, scratch);
    parts.push(part);
    positions.push(position);
    position += part.length;
  }
  return { page: concatBytes(...parts), positions };
}

/**
 * Reads all entries of a page that this program wrote, whose bytes stay where they are. Throws
 * `DecodeFailure` on anything else.
 */
export function decodePage(page: Uint8Array): readonly PageEntry[] {
  const reader = createReader(page);
  const count = readArrayStart(reader);
  const entries: PageEntry[] = [];
  for (let index = 0; index < count; index += 1) entries.push(entrySchema.read(reader));
  return entries;
}

/** Reads the one entry that begins at `position`. Throws `DecodeFailure` when there is none. */
export function decodeEntryAt(page: Uint8Array, position: number): PageEntry {
  return entrySchema.read(createReader(page.subarray(position)));
}

/** Where an entry begins, as the history keeps it. */
export const encodePosition = (position: number, scratch: Writer): Uint8Array =>
  encode(positionSchema, position, scratch);

/** Reads what `encodePosition` wrote. Throws `DecodeFailure` on anything else. */
export const decodePosition = (bytes: Uint8Array): number =>
  positionSchema.read(createReader(bytes));

/** Puts an entity's order before it. */
export function encodeEntity({ encoded, order }: StoredEntity, scratch: Writer): Uint8Array {
  resetWriter(scratch);
  writeArrayStart(scratch, ENTITY_ITEMS);
  writeUint(scratch, order);
  writeUnframed(scratch, encoded);
  return writtenBytes(scratch);
}

/** Reads a stored entity as far as its value, and passes over its order. Throws `DecodeFailure`. */
export function readEntity<Value>(reader: Reader, schema: Schema<Value>): Value {
  readArrayStart(reader);
  readUint(reader);
  const value = schema.read(reader);
  readArrayEnd(reader);
  expectEnd(reader);
  return value;
}

/** Takes an entity and its order apart. Throws `DecodeFailure` on foreign bytes. */
export function decodeEntity(stored: Uint8Array): StoredEntity {
  const reader = createReader(stored);
  readArrayStart(reader);
  const order = readUint(reader);
  return { order, encoded: stored.subarray(reader.offset) };
}

/** Bytes that are read as a view: pages never change, and most of their entities nobody asks for. */
function bytesInPlace(sizeBytesMax: number): Schema<Uint8Array> {
  return { ...rawBytes(sizeBytesMax), read: (reader) => readView(reader, sizeBytesMax) };
}
