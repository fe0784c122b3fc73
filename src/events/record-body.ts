/** What a record says behind its hash: canonical MessagePack `[offset, number, version, timeMs, [fields]]`. */
import { assert, assertDefined } from "../primitives/assert.ts";
import { ENCODED_SIZE_BYTES_MAX } from "../primitives/message-pack.ts";
import {
  DecodeFailure,
  expectEnd,
  type Reader,
  readArrayEnd,
  readArrayStart,
  readUint,
  refuse,
} from "../primitives/message-pack-reader.ts";
import {
  EncodedTooLarge,
  type Writer,
  writeArrayEnd,
  writeArrayStart,
  writeUint,
  writeUnframed,
} from "../primitives/message-pack-writer.ts";
import { NodeError } from "../primitives/node-error.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Schema } from "../primitives/schema.ts";
import { tagged } from "../primitives/schema-composite.ts";
import type { Catalogue, CatalogueEntry } from "./catalogue-entry.ts";

/** An entry of the catalogue, ready for use: the reader of each version, at the index of its number. */
export type EventType<Event> = {
  readonly name: string;
  readonly number: number;
  readonly version: number;
  readonly schema: Schema<Event>;
  readonly readers: readonly (((reader: Reader) => Event) | undefined)[];
};

/** All event types of a catalogue, for writing by name and for reading by number. */
export type EventTypes<Event> = {
  readonly byName: ReadonlyMap<string, EventType<Event>>;
  readonly byNumber: readonly (EventType<Event> | undefined)[];
};

/** A record as its body and its place tell it. */
export type ReadRecord<Event, Hash> = {
  readonly offset: number;
  readonly timeMs: number;
  readonly event: Event;
  readonly hash: Hash;
};

/** What is wrong with a record whose bytes are as they were written. `offset` is its place in the log. */
export type BodyDamage =
  /** The record says that it belongs elsewhere. */
  | { readonly code: "OffsetMismatch"; readonly offset: number; readonly found: number }
  /** A newer program wrote it, or it is none of ours. */
  | {
      readonly code: "UnknownEvent";
      readonly offset: number;
      readonly number: number;
      readonly version: number;
    }
  /** `byteOffset` counts from the start of the stored bytes, the 32 of the hash among them. */
  | {
      readonly code: "Undecodable";
      readonly offset: number;
      readonly byteOffset: number;
      readonly problem: string;
    };

/** Items of a record: offset, number, version, time, payload. */
const RECORD_ITEMS = 5;

/** Items of what a content id is the hash of: number, version, payload. */
const CONTENT_ITEMS = 3;

/** Put in front of an event's content, so that its hash is no other hash of the project. */
const CONTENT_DOMAIN: Uint8Array = new TextEncoder().encode("channels event 1\n");

/** Makes the readers and writers of a catalogue. */
export function createEventTypes<Event extends { readonly type: string }>(
  catalogue: Catalogue<Event>,
): EventTypes<Event> {
  const entries = catalogue as Readonly<Record<string, CatalogueEntry<object>>>;
  const types = Object.entries(entries).map(([name, entry]) => eventType<Event>(name, entry));
  const byName = new Map(types.map((type) => [type.name, type]));
  const byNumber: EventType<Event>[] = [];
  for (const type of types) {
    assert(byNumber[type.number] === undefined, "no two event types share a number");
    byNumber[type.number] = type;
  }
  return { byName, byNumber };
}

/** Writes a record without its hash. Throws `NodeError` with `EventTooLarge`. */
export function writeBody<Event extends { readonly type: string }>(
  types: EventTypes<Event>,
  writer: Writer,
  { offset, timeMs }: { readonly offset: number; readonly timeMs: number },
  event: Event,
): void {
  const type = typeOf(types, event);
  writeArrayStart(writer, RECORD_ITEMS);
  writeUint(writer, offset);
  writeUint(writer, type.number);
  writeUint(writer, type.version);
  writeUint(writer, timeMs);
  writePayload(writer, type, event);
}

/** Writes what a content id is the hash of. Throws `NodeError` with `EventTooLarge`. */
export function writeContent<Event extends { readonly type: string }>(
  types: EventTypes<Event>,
  writer: Writer,
  event: Event,
): void {
  const type = typeOf(types, event);
  writeUnframed(writer, CONTENT_DOMAIN);
  writeArrayStart(writer, CONTENT_ITEMS);
  writeUint(writer, type.number);
  writeUint(writer, type.version);
  writePayload(writer, type, event);
}

/**
 * Reads the record that a reader was aimed at, which stands at `offset` of its log. `start` is where its
 * stored bytes start, for telling what is wrong.
 */
export function readBody<Event, Hash>(
  { byNumber }: EventTypes<Event>,
  reader: Reader,
  start: number,
  offset: number,
  hash: Hash,
): Result<ReadRecord<Event, Hash>, BodyDamage> {
  try {
    const at = reader.offset;
    if (readArrayStart(reader) !== RECORD_ITEMS) refuse(at, "not a record");
    const found = readUint(reader);
    if (found !== offset) return reject({ code: "OffsetMismatch", offset, found });
    const number = readUint(reader);
    const version = readUint(reader);
    const read = byNumber[number]?.readers[version];
    if (read === undefined) return reject({ code: "UnknownEvent", offset, number, version });
    const timeMs = readUint(reader);
    const event = read(reader);
    readArrayEnd(reader);
    expectEnd(reader);
    return accept({ offset, timeMs, event, hash });
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const { message, offset: at } = error;
    return reject({ code: "Undecodable", offset, byteOffset: at - start, problem: message });
  }
}

function eventType<Event>(
  name: string,
  { number, schema, upcasts, version }: CatalogueEntry<object>,
): EventType<Event> {
  const current = tagged("type", name, schema) as unknown as Schema<Event>;
  const older = upcasts.map(
    ({ read }) =>
      (reader: Reader) =>
        ({ type: name, ...read(reader) }) as unknown as Event,
  );
  return { name, number, version, schema: current, readers: [undefined, ...older, current.read] };
}

function typeOf<Event extends { readonly type: string }>(
  { byName }: EventTypes<Event>,
  { type }: Event,
): EventType<Event> {
  return assertDefined(byName.get(type), "the type of the event in the catalogue");
}

/** An event above the limit is nobody's bug: a peer may have sent what it holds. */
function writePayload<Event>(
  writer: Writer,
  { name, schema }: EventType<Event>,
  event: Event,
): void {
  try {
    schema.write(writer, event);
    writeArrayEnd(writer);
  } catch (cause) {
    if (!(cause instanceof EncodedTooLarge)) throw cause;
    const sizeBytesMax = ENCODED_SIZE_BYTES_MAX;
    const message = `an event ${name} is too large: its record may have ${sizeBytesMax} bytes`;
    throw new NodeError("EventTooLarge", message, { data: { type: name, sizeBytesMax }, cause });
  }
}
