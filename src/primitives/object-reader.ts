/** Reads the fields of one kind of object, which are the items of an array in the order of the fields. */
import { assert } from "./assert.ts";
import type { Reader } from "./message-pack-reader.ts";

/** A field's name, and how its value is read. */
export type ReadField = {
  readonly key: string;
  readonly read: (reader: Reader) => unknown;
};

/** Reads the values of an object one after the other. */
export type ObjectReader = (reader: Reader) => Record<string, unknown>;

/** Names like numbers would be moved to the front by JavaScript; others would be no code. */
const FIELD_NAME = /^[a-z][A-Za-z0-9]*$/;

/**
 * Makes the reader of objects with these fields. Where the runtime allows it, it is a function of its own,
 * made from text: engines then know the shape of its objects and which functions it calls, which halves the
 * time of reading a record. A page may forbid code from text; there the fields are read in a loop.
 */
export function objectReader(fields: readonly ReadField[]): ObjectReader {
  assert(
    fields.every(({ key }) => FIELD_NAME.test(key)),
    "field names are camelCase",
  );
  return compiledReader(fields) ?? loopingReader(fields);
}

/** The reader for runtimes that make no code from text. */
export function loopingReader(fields: readonly ReadField[]): ObjectReader {
  return (reader) => {
    const value: Record<string, unknown> = {};
    for (const { key, read } of fields) value[key] = read(reader);
    return value;
  };
}

/** A function such as `(r) => ({ to: read0(r), amount: read1(r) })`, or undefined where that is forbidden. */
function compiledReader(fields: readonly ReadField[]): ObjectReader | undefined {
  const names = fields.map((_, index) => `read${index}`);
  const values = fields.map(({ key }, index) => `${key}: read${index}(r)`);
  try {
    const make = new Function(...names, `return (r) => ({ ${values.join(", ")} });`);
    return make(...fields.map(({ read }) => read)) as ObjectReader;
  } catch {
    return undefined;
  }
}
