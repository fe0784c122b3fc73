/** Schemas made of schemas: lists, records, unions, values that may be missing. */
import { assert, assertDefined } from "./assert.ts";
import { isLastValue, keepLastValue } from "./last-value.ts";
import {
  type Reader,
  readArrayEnd,
  readArrayOf,
  readArrayStart,
  readUint,
  refuse,
  skipNil,
} from "./message-pack-reader.ts";
import { writeArrayEnd, writeArrayStart, writeNil, writeUint } from "./message-pack-writer.ts";
import {
  type Fields,
  objectReader,
  objectWriter,
  type ReadField,
  type WriteField,
} from "./object-code.ts";
import type { Infer, Schema } from "./schema.ts";

/** A record, whose fields a union or a named record can take over. */
export type RecordSchema<Value> = Schema<Value> & { readonly fields: readonly Field[] };

/** A field of a record. The type of its value is the record's business. */
export type Field = { readonly key: string; readonly schema: Schema<unknown> };

/** The cases of a union: the number that stands for each, for ever, and the rest of its fields. */
export type UnionCases = Readonly<
  Record<
    string,
    readonly [caseNumber: number, rest: Pick<RecordSchema<unknown>, "read" | "fields">]
  >
>;

/** What a union of such cases holds: objects told apart by the field `Tag`. */
export type UnionValue<Tag extends string, Cases extends UnionCases> = {
  [Name in keyof Cases]: { readonly [Key in Tag]: Name } & Infer<Cases[Name][1]>;
}[keyof Cases];

/** The highest number of a union's case. One byte when encoded. */
const CASE_NUMBER_MAX = 127;

/** At most `countMax` values, in order. */
export function list<Item>(item: Schema<Item>, countMax: number): Schema<readonly Item[]> {
  return {
    shape: `list(${item.shape},${countMax})`,
    write: (writer, items) => {
      assert(items.length <= countMax, "a list fits its schema");
      writeArrayStart(writer, items.length);
      for (const value of items) item.write(writer, value);
      writeArrayEnd(writer);
    },
    read: (reader) => {
      const at = reader.offset;
      const count = readArrayStart(reader);
      if (count > countMax) refuse(at, `more than ${countMax} items`);
      const items = readItems(reader, item, count);
      readArrayEnd(reader);
      return items;
    },
  };
}

/** A value that may be missing: `undefined` in memory, `nil` when encoded. */
export function optional<Value>(item: Schema<Value>): Schema<Value | undefined> {
  assert(!item.shape.startsWith("optional("), "a missing value has one encoding");
  return {
    shape: `optional(${item.shape})`,
    write: (writer, value) => {
      if (value === undefined) writeNil(writer);
      else item.write(writer, value);
    },
    read: (reader) => (skipNil(reader) ? undefined : item.read(reader)),
  };
}

/** An object: an array of its fields in the order given here. The names are not written. */
export function record<Value extends object>(
  fields: {
    readonly [Key in keyof Value]: Schema<Value[Key]>;
  },
): RecordSchema<Value> {
  const ordered = Object.entries(fields as Readonly<Record<string, Schema<unknown>>>).map(
    ([key, schema]): Field => ({ key, schema }),
  );
  const writeObject = objectWriter(writeFields(ordered));
  return {
    fields: ordered,
    shape: recordShape(ordered),
    write: (writer, value) => {
      writeArrayStart(writer, ordered.length);
      writeObject(writer, value as Fields);
      writeArrayEnd(writer);
    },
    read: arrayReader(ordered.length, readFields(ordered)) as (reader: Reader) => Value,
  };
}

/** A record that carries `tag: name` in memory and not when encoded: where it stands tells what it is. */
export function tagged<Tag extends string, Name extends string, Value extends object>(
  tag: Tag,
  name: Name,
  rest: RecordSchema<Value>,
): Schema<{ readonly [Key in Tag]: Name } & Value> {
  return {
    shape: rest.shape,
    write: rest.write,
    read: arrayReader(rest.fields.length, [tagField(tag, name), ...readFields(rest.fields)]) as (
      reader: Reader,
    ) => { readonly [Key in Tag]: Name } & Value,
  };
}

/** One of several records, told apart by the field `tag`: an array of the case's number and its fields. */
export function union<Tag extends string, const Cases extends UnionCases>(
  tag: Tag,
  cases: Cases,
): Schema<UnionValue<Tag, Cases>> {
  const all = Object.entries(cases).map(([name, [number, { fields }]]) => ({
    name,
    number,
    fields,
    itemCount: fields.length + 1,
    read: objectReader([tagField(tag, name), ...readFields(fields)]),
    write: objectWriter(writeFields(fields)),
  }));
  const byName = new Map(all.map((entry) => [entry.name, entry]));
  const byNumber = new Map(all.map((entry) => [entry.number, entry]));
  assert(byNumber.size === all.length, "no two cases share a number");
  assert(
    all.every(({ number }) => Number.isInteger(number) && number >= 0 && number <= CASE_NUMBER_MAX),
    "a case's number is between 0 and 127",
  );
  return {
    shape: `union(${all.map(({ name, number, fields }) => `${number}:${name}${recordShape(fields)}`)})`,
    write: (writer, value) => {
      const { itemCount, number, write } = assertDefined(
        byName.get(value[tag] as string),
        "a case of the union",
      );
      writeArrayStart(writer, itemCount);
      writeUint(writer, number);
      write(writer, value as Fields);
      writeArrayEnd(writer);
    },
    read: (reader) => {
      const at = reader.offset;
      const count = readArrayStart(reader);
      const found = byNumber.get(readUint(reader)) ?? refuse(at, "an unknown case");
      if (count !== found.itemCount) refuse(at, `not ${found.itemCount} items`);
      const value = found.read(reader);
      readArrayEnd(reader);
      return value as UnionValue<Tag, Cases>;
    },
  };
}

/** Only the values of `schema` that also pass `check`; `problem` says what is wrong with the others. */
export function refine<Value>(
  schema: Schema<Value>,
  check: (value: Value) => boolean,
  problem: string,
): Schema<Value> {
  return {
    shape: `refine(${schema.shape},${problem})`,
    write: (writer, value) => {
      assert(check(value), "a value passes the check of its schema");
      schema.write(writer, value);
    },
    read: (reader) => {
      const at = reader.offset;
      const value = schema.read(reader);
      return check(value) ? value : refuse(at, problem);
    },
  };
}

/**
 * The same, for values that are often told several times in a row: a reader that lasts reads those once, and
 * gives the same object for each.
 */
export function repeated<Value extends object>(schema: Schema<Value>): Schema<Value> {
  const { read } = schema;
  return {
    ...schema,
    read: (reader) => {
      const last = reader.known?.last;
      if (last === undefined) return read(reader);
      const at = reader.offset;
      if (isLastValue(last, reader, at, reader.end, read)) {
        reader.offset = at + last.sizeBytes;
        return last.value as Value;
      }
      const value = read(reader);
      keepLastValue(last, reader, at, reader.offset - at, read, value);
      return value;
    },
  };
}

/** Most lists of ours have no item, one or two: a literal has its size from the start. */
function readItems<Item>(reader: Reader, item: Schema<Item>, count: number): Item[] {
  if (count === 1) return [item.read(reader)];
  if (count === 2) return [item.read(reader), item.read(reader)];
  const items: Item[] = [];
  for (let index = 0; index < count; index += 1) items.push(item.read(reader));
  return items;
}

function writeFields(fields: readonly Field[]): readonly WriteField[] {
  return fields.map(({ key, schema: { write } }) => ({ key, write }));
}

function readFields(fields: readonly Field[]): readonly ReadField[] {
  return fields.map(({ key, schema: { read } }) => ({ key, read }));
}

/** A field that is not written: where its object stands tells what it holds. */
function tagField(key: string, name: string): ReadField {
  return { key, read: () => name };
}

/** Reads an array of `count` items into an object of `fields`. */
function arrayReader(count: number, fields: readonly ReadField[]): (reader: Reader) => Fields {
  const readObject = objectReader(fields);
  return (reader) => {
    readArrayOf(reader, count);
    const value = readObject(reader);
    readArrayEnd(reader);
    return value;
  };
}

function recordShape(fields: readonly Field[]): string {
  return `{${fields.map(({ key, schema }) => `${key}:${schema.shape}`).join(",")}}`;
}
