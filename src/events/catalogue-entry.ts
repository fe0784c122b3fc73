/** What the catalogue knows of one event type: its number for ever, and how each version is written. */
import { assert } from "../primitives/assert.ts";
import type { Reader } from "../primitives/message-pack-reader.ts";
import type { Schema } from "../primitives/schema.ts";
import type { RecordSchema } from "../primitives/schema-composite.ts";

/** How an event of an older version is read: as the fields of the version of today. */
export type Upcast<Fields> = {
  readonly version: number;
  readonly shape: string;
  readonly read: (reader: Reader) => Fields;
};

/** One event type. `Fields` is the event without its `type`, which the number stands for. */
export type CatalogueEntry<Fields> = {
  /** Never changed, and never given to another type, even when this one is retired. */
  readonly number: number;
  /** Counts up from 1 with each change of the schema's shape. */
  readonly version: number;
  readonly schema: RecordSchema<Fields>;
  /** One for each older version, from 1 on. */
  readonly upcasts: readonly Upcast<Fields>[];
};

/** An entry for each type of the union `Event`. */
export type Catalogue<Event extends { readonly type: string }> = {
  readonly [Name in Event["type"]]: CatalogueEntry<
    Omit<Extract<Event, { readonly type: Name }>, "type">
  >;
};

/** The highest number of an event type, and the highest version: two bytes each. */
export const EVENT_NUMBER_MAX = 0xffff;

/** Makes an entry. Every version before `version` has its upcast. */
export function eventEntry<Fields>(
  number: number,
  version: number,
  schema: RecordSchema<Fields>,
  upcasts: readonly Upcast<Fields>[] = [],
): CatalogueEntry<Fields> {
  assert(Number.isInteger(number) && number >= 1, "an event's number counts from 1");
  assert(number <= EVENT_NUMBER_MAX && version <= EVENT_NUMBER_MAX, "numbers fit two bytes");
  assert(upcasts.length === version - 1, "every older version has its upcast");
  assert(
    upcasts.every((older, index) => older.version === index + 1),
    "upcasts stand in the order of their versions",
  );
  return { number, version, schema, upcasts };
}

/** Reads events of version `version`, written as `schema`, and turns them into the fields of today. */
export function upcast<Old, Fields>(
  version: number,
  schema: Schema<Old>,
  toFields: (old: Old) => Fields,
): Upcast<Fields> {
  return { version, shape: schema.shape, read: (reader) => toFields(schema.read(reader)) };
}
