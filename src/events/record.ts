/** One line of the log: an event in its envelope, and the hash that chains it to the line before. */
import { sha256 } from "../crypto/sha256.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import type { Brand } from "../primitives/brand.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import {
  aimReader,
  createLastingReader,
  DecodeFailure,
  expectEnd,
  type Reader,
  readArrayEnd,
  readArrayStart,
  readUint,
  refuse,
} from "../primitives/message-pack-reader.ts";
import {
  createWriter,
  EncodedTooLarge,
  resetWriter,
  type Writer,
  writeArrayEnd,
  writeArrayStart,
  writeUint,
  writeUnframed,
  writeUnframedHex,
  writtenBytes,
} from "../primitives/message-pack-writer.ts";
import { NodeError } from "../primitives/node-error.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Schema } from "../primitives/schema.ts";
import { tagged } from "../primitives/schema-composite.ts";
import type { Catalogue, CatalogueEntry } from "./catalogue-entry.ts";

/** What an event is about: `channel:0x...`, `objective:...`. Readers pick the events of one entity by it. */
export type Tag = `${string}:${string}`;

/**
 * SHA-256 over the hash of the record before and the bytes of this one. It names where an event stands:
 * behind all that came before it in this log, and nowhere else. Heads, anchors and snapshots hold it. For
 * what happened, wherever it is told, see `ContentId`.
 */
export type RecordHash = Brand<Hex, "RecordHash">;

/**
 * SHA-256 over a fixed text and the canonical `[number, version, [fields]]` of an event. It names what
 * happened, the same in every log and at every offset: for finding one event in two logs, and for
 * telling repetitions. It proves nothing about order or place; the `RecordHash` does.
 */
export type ContentId = Brand<Hex, "ContentId">;

/** An event where it stands in the log. */
export type EventRecord<Event> = {
  /** Counts from 0 without a gap. */
  readonly offset: number;
  /** Milliseconds since 1970-01-01 UTC. Never below that of the record before. */
  readonly timeMs: number;
  readonly event: Event;
  readonly hash: RecordHash;
};

/** Where a record goes: after the record with `previousHash`. */
export type RecordPlace = {
  readonly previousHash: RecordHash;
  readonly offset: number;
  readonly timeMs: number;
};

/** A record and its bytes on disk: 32 bytes of hash, then canonical MessagePack. */
export type EncodedRecord<Event> = {
  readonly record: EventRecord<Event>;
  readonly stored: Uint8Array;
};

/** What is wrong with a stored record. `offset` is its place in the log. */
export type RecordDamage =
  /** The bytes, their place in the log or a record before them were changed after they were written. */
  | { readonly code: "HashMismatch"; readonly offset: number }
  /** The record says that it belongs elsewhere. */
  | { readonly code: "OffsetMismatch"; readonly offset: number; readonly found: number }
  /** A newer program wrote it, or it is none of ours. */
  | {
      readonly code: "UnknownEvent";
      readonly offset: number;
      readonly number: number;
      readonly version: number;
    }
  /** `byteOffset` counts from the start of the stored bytes. */
  | {
      readonly code: "Undecodable";
      readonly offset: number;
      readonly byteOffset: number;
      readonly problem: string;
    };

/** Turns events into stored bytes and back, for one catalogue. */
export type RecordCodec<Event> = {
  /** What an event is about. Derived, never stored. */
  readonly tagsOf: (event: Event) => readonly Tag[];
  readonly contentId: (event: Event) => ContentId;
  /** Throws `NodeError` with `EventTooLarge` when the record would be above `ENCODED_SIZE_BYTES_MAX`. */
  readonly encode: (place: RecordPlace, event: Event) => EncodedRecord<Event>;
  /** Checks the hash first, so that damage is told from a log of another program. */
  readonly decode: (
    previousHash: RecordHash,
    offset: number,
    stored: Uint8Array,
  ) => Result<EventRecord<Event>, RecordDamage>;
};

/** Bytes of the hash in front of each stored record. */
export const HASH_SIZE_BYTES = 32;

/** Bytes of a log's id: enough that two drawn by chance are never the same. */
export const LOG_ID_SIZE_BYTES = 16;

/** Items of a record: offset, number, version, time, payload. */
const RECORD_ITEMS = 5;

/** Items of what a content id is the hash of: number, version, payload. */
const CONTENT_ITEMS = 3;

/** Put in front of a log's id, so that its first hash is no other hash of the project. */
const FIRST_HASH_DOMAIN = "channels log 2\n";

/** Put in front of an event's content, for the same reason. */
const CONTENT_DOMAIN: Uint8Array = new TextEncoder().encode("channels event 1\n");

/**
 * The hash that the first record of a log is chained to. `logId` tells one log from all others: it is
 * drawn or derived once, when the log is created.
 */
export function firstHash(logId: Uint8Array): RecordHash {
  assert(logId.length === LOG_ID_SIZE_BYTES, "a log has an id of 16 bytes");
  const domain = new TextEncoder().encode(FIRST_HASH_DOMAIN);
  return toHex(sha256(concatBytes(domain, logId))) as RecordHash;
}

/** The hash in front of a stored record, not yet checked. */
export function storedHash(stored: Uint8Array): RecordHash {
  return toHex(stored.subarray(0, HASH_SIZE_BYTES)) as RecordHash;
}

/** Makes the codec of a catalogue. `tagsOf` says what each event is about. */
export function createRecordCodec<Event extends { readonly type: string }>(
  catalogue: Catalogue<Event>,
  tagsOf: (event: Event) => readonly Tag[],
): RecordCodec<Event> {
  const types = eventTypes(catalogue);
  const byName = new Map(types.map((type) => [type.name, type]));
  const byNumber = new Map(types.map((type) => [type.number, type]));
  assert(byNumber.size === types.length, "no two event types share a number");
  const typeOf = (event: Event): EventType<Event> =>
    assertDefined(byName.get(event.type), "the type of the event in the catalogue");
  const writer = createWriter();
  const reader = createLastingReader();

  return {
    tagsOf,
    contentId: (event) => {
      resetWriter(writer);
      writeWithinLimit(event.type, () => writeContent(writer, typeOf(event), event));
      return toHex(sha256(writer.bytes.subarray(0, writer.length))) as ContentId;
    },
    encode: (place, event) => {
      resetWriter(writer);
      writeWithinLimit(event.type, () => writeRecord(writer, typeOf(event), place, event));
      const stored = writtenBytes(writer);
      const hash = sha256(stored);
      // The hash takes the place of the one before it, which is no part of the stored record.
      stored.set(hash);
      const { offset, timeMs } = place;
      return { record: { offset, timeMs, event, hash: toHex(hash) as RecordHash }, stored };
    },
    decode: (previousHash, offset, stored) => {
      if (stored.length > ENCODED_SIZE_BYTES_MAX) return reject({ code: "HashMismatch", offset });
      // Everything is read from the writer's buffer: views of short arrays of their own cost a copy each.
      resetWriter(writer);
      writeUnframed(writer, stored);
      writer.bytes.setFromHex(previousHash.slice(2));
      const chained = writer.bytes.subarray(0, writer.length);
      const hash = sha256(chained);
      if (!startsWith(stored, hash)) return reject({ code: "HashMismatch", offset });
      aimReader(reader, writer, HASH_SIZE_BYTES, writer.length);
      return readRecord(byNumber, reader, offset, toHex(hash) as RecordHash);
    },
  };
}

function startsWith(stored: Uint8Array, hash: Uint8Array): boolean {
  for (let at = 0; at < hash.length; at += 1) {
    if (stored[at] !== hash[at]) return false;
  }
  return true;
}

/** An entry of the catalogue, ready for use: the reader of each version, at the index of its number. */
type EventType<Event> = {
  readonly name: string;
  readonly number: number;
  readonly version: number;
  readonly schema: Schema<Event>;
  readonly readers: readonly (((reader: Reader) => Event) | undefined)[];
};

function eventTypes<Event extends { readonly type: string }>(
  catalogue: Catalogue<Event>,
): readonly EventType<Event>[] {
  const entries = catalogue as Readonly<Record<string, CatalogueEntry<object>>>;
  return Object.entries(entries).map(([name, { number, version, schema, upcasts }]) => {
    const current = tagged("type", name, schema) as unknown as Schema<Event>;
    const older = upcasts.map(
      ({ read }) =>
        (reader: Reader) =>
          ({ type: name, ...read(reader) }) as unknown as Event,
    );
    return { name, number, version, schema: current, readers: [undefined, ...older, current.read] };
  });
}

/** The hash of the record before, and the record behind it. */
function writeRecord<Event>(
  writer: Writer,
  { number, schema, version }: EventType<Event>,
  { offset, previousHash, timeMs }: RecordPlace,
  event: Event,
): void {
  writeUnframedHex(writer, previousHash);
  writeArrayStart(writer, RECORD_ITEMS);
  writeUint(writer, offset);
  writeUint(writer, number);
  writeUint(writer, version);
  writeUint(writer, timeMs);
  schema.write(writer, event);
  writeArrayEnd(writer);
}

function writeContent<Event>(
  writer: Writer,
  { number, schema, version }: EventType<Event>,
  event: Event,
): void {
  writeUnframed(writer, CONTENT_DOMAIN);
  writeArrayStart(writer, CONTENT_ITEMS);
  writeUint(writer, number);
  writeUint(writer, version);
  schema.write(writer, event);
  writeArrayEnd(writer);
}

/** An event above the limit is nobody's bug: a peer may have sent what it holds. */
function writeWithinLimit(type: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (!(cause instanceof EncodedTooLarge)) throw cause;
    const sizeBytesMax = ENCODED_SIZE_BYTES_MAX;
    const message = `an event ${type} is too large: its record may have ${sizeBytesMax} bytes`;
    throw new NodeError("EventTooLarge", message, { data: { type, sizeBytesMax }, cause });
  }
}

function readRecord<Event>(
  byNumber: ReadonlyMap<number, EventType<Event>>,
  reader: Reader,
  offset: number,
  hash: RecordHash,
): Result<EventRecord<Event>, RecordDamage> {
  try {
    if (readArrayStart(reader) !== RECORD_ITEMS) refuse(HASH_SIZE_BYTES, "not a record");
    const found = readUint(reader);
    if (found !== offset) return reject({ code: "OffsetMismatch", offset, found });
    const number = readUint(reader);
    const version = readUint(reader);
    const read = byNumber.get(number)?.readers[version];
    if (read === undefined) return reject({ code: "UnknownEvent", offset, number, version });
    const timeMs = readUint(reader);
    const event = read(reader);
    readArrayEnd(reader);
    expectEnd(reader);
    return accept({ offset, timeMs, event, hash });
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const { message, offset: byteOffset } = error;
    return reject({ code: "Undecodable", offset, byteOffset, problem: message });
  }
}
