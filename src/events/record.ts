/** One line of the log: an event in its envelope, and the hash that chains it to the line before. */
import { SHA256_SIZE_BYTES, sha256, sha256Into } from "../crypto/sha256.ts";
import { assert } from "../primitives/assert.ts";
import type { Brand } from "../primitives/brand.ts";
import { concatBytes, startsWith } from "../primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import { aimReader, createLastingReader, type Reader } from "../primitives/message-pack-reader.ts";
import {
  createWriter,
  resetWriter,
  writeUnframed,
  writtenBytes,
} from "../primitives/message-pack-writer.ts";
import { type Result, reject } from "../primitives/result.ts";
import type { Catalogue } from "./catalogue-entry.ts";
import { beginRecord, chainedBytes, endRecord, type GrowingRun } from "./growing-run.ts";
import {
  type BodyDamage,
  createEventTypes,
  type EventTypes,
  readBody,
  writeBody,
  writeContent,
} from "./record-body.ts";
import {
  beginsWith,
  type ChainHash,
  createChainHash,
  entryHash,
  isChained,
} from "./record-chain.ts";
import { isAtEnd, nextEntry, openRun } from "./record-run.ts";

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
 * telling repetitions. An event that an older version wrote has the id of what it is read as today. It proves
 * nothing about order or place; the `RecordHash` does.
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
  { readonly code: "HashMismatch"; readonly offset: number } | BodyDamage;

/** Which records of a run are read, and what they are checked against. */
export type RunReading = {
  /** Offset of the first record in the run. */
  readonly offset: number;
  /** Hash of the record before the first, where it is known from elsewhere. */
  readonly previousHash?: RecordHash | undefined;
  /** Offset of the first record to be read. Those before it are passed over unchecked. */
  readonly from?: number;
  /** Offset behind the last record to be read. What follows is not looked at. */
  readonly to?: number;
  /**
   * `Chain`: each record that is read is chained to the one before. `None`: whoever asks has checked these
   * very bytes before; then a record whose body reads well is believed.
   */
  readonly check: "Chain" | "None";
};

/** Records in their order, up to the first damage. */
export type DecodedRun<Event> = {
  readonly records: readonly EventRecord<Event>[];
  /** What ended the reading before it came to its end: the record behind the last of `records`. */
  readonly damage: RecordDamage | undefined;
};

/** Turns events into stored bytes and back, for one catalogue. */
export type RecordCodec<Event> = {
  /** What an event is about. Derived, never stored. */
  readonly tagsOf: (event: Event) => readonly Tag[];
  readonly contentId: (event: Event) => ContentId;
  /** Throws `NodeError` with `EventTooLarge` when the record would be above `ENCODED_SIZE_BYTES_MAX`. */
  readonly encode: (place: RecordPlace, event: Event) => EncodedRecord<Event>;
  /**
   * Appends an event to a run, behind its last record: faster than `encode`. Throws as `encode` does, and then
   * the run is as it was.
   */
  readonly encodeTo: (
    run: GrowingRun,
    place: Omit<RecordPlace, "previousHash">,
    event: Event,
  ) => EventRecord<Event>;
  /** Checks the hash first, so that damage is told from a log of another program. */
  readonly decode: (
    previousHash: RecordHash,
    offset: number,
    stored: Uint8Array,
  ) => Result<EventRecord<Event>, RecordDamage>;
  /**
   * Reads records that `packRun` has packed, several times as fast as one by one. What is read shares no
   * memory with the run.
   */
  readonly decodeRun: (run: Uint8Array, reading: RunReading) => DecodedRun<Event>;
};

/** Bytes of the hash in front of each stored record. */
export const HASH_SIZE_BYTES: number = SHA256_SIZE_BYTES;

/** Bytes of a log's id: enough that two drawn by chance are never the same. */
export const LOG_ID_SIZE_BYTES = 16;

/** Put in front of a log's id, so that its first hash is no other hash of the project. */
const FIRST_HASH_DOMAIN = "channels log 2\n";

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
  const types = createEventTypes(catalogue);
  const writer = createWriter();
  const reader = createLastingReader();
  const chain = createChainHash();
  const last = createLastHash();

  return {
    tagsOf,
    contentId: (event) => {
      resetWriter(writer);
      writeContent(types, writer, event);
      sha256Into(writer.bytes.subarray(0, writer.length), chain.bytes);
      return toHex(chain.bytes) as ContentId;
    },
    encode: (place, event) => {
      resetWriter(writer);
      writeUnframed(writer, bytesOfHash(last, place.previousHash));
      writeBody(types, writer, place, event);
      const stored = writtenBytes(writer);
      const hash = hashOf(last, stored);
      // The hash takes the place of the one before it, which is no part of the stored record.
      stored.set(last.bytes);
      const { offset, timeMs } = place;
      return { record: { offset, timeMs, event, hash }, stored };
    },
    encodeTo: (run, place, event) => {
      writeBody(types, beginRecord(run), place, event);
      const hash = hashOf(last, chainedBytes(run));
      endRecord(run, last.bytes);
      const { offset, timeMs } = place;
      return { offset, timeMs, event, hash };
    },
    decode: (previousHash, offset, stored) => {
      if (stored.length > ENCODED_SIZE_BYTES_MAX) return reject({ code: "HashMismatch", offset });
      resetWriter(writer);
      writeUnframed(writer, stored);
      writer.bytes.set(bytesOfHash(last, previousHash));
      const hash = hashOf(last, writer.bytes.subarray(0, writer.length));
      if (!startsWith(stored, last.bytes)) return reject({ code: "HashMismatch", offset });
      aimReader(reader, writer, HASH_SIZE_BYTES, writer.length);
      return readBody(types, reader, 0, offset, hash);
    },
    decodeRun: (run, reading) => decodeRun(types, reader, chain, run, reading),
  };
}

/** The hash that was made last, in both forms: most often it is the one that the next record follows. */
type LastHash = { readonly bytes: Uint8Array; hash: RecordHash | undefined };

function createLastHash(): LastHash {
  return { bytes: new Uint8Array(HASH_SIZE_BYTES), hash: undefined };
}

/** Good until the next hash is made. */
function bytesOfHash(last: LastHash, hash: RecordHash): Uint8Array {
  return last.hash === hash ? last.bytes : fromHex(hash);
}

function hashOf(last: LastHash, chained: Uint8Array): RecordHash {
  sha256Into(chained, last.bytes);
  last.hash = toHex(last.bytes) as RecordHash;
  return last.hash;
}

function decodeRun<Event>(
  types: EventTypes<Event>,
  reader: Reader,
  chain: ChainHash,
  run: Uint8Array,
  { check, from = 0, offset: first, previousHash, to = Number.POSITIVE_INFINITY }: RunReading,
): DecodedRun<Event> {
  const cursor = openRun(run);
  const records: EventRecord<Event>[] = [];
  const mismatchAt = (damaged: number): DecodedRun<Event> => ({
    records,
    damage: { code: "HashMismatch", offset: damaged },
  });
  if (previousHash !== undefined && !beginsWith(cursor, previousHash)) return mismatchAt(first);
  let offset = first;
  while (offset < from && nextEntry(cursor)) offset += 1;
  while (offset < to && nextEntry(cursor)) {
    if (check === "Chain" && !isChained(cursor, chain)) return mismatchAt(offset);
    const hash = (check === "Chain" ? toHex(chain.bytes) : entryHash(cursor)) as RecordHash;
    aimReader(reader, cursor, cursor.hashStart + HASH_SIZE_BYTES, cursor.end);
    const read = readBody(types, reader, cursor.hashStart, offset, hash);
    if (!read.ok) return { records, damage: read.reason };
    records.push(read.value);
    offset += 1;
  }
  if (offset < to && !isAtEnd(cursor)) return mismatchAt(offset);
  return { records, damage: undefined };
}
