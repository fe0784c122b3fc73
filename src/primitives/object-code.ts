/**
 * Functions that read and write the fields of one kind of object. Where the runtime allows it, each is a
 * function of its own, made from text: engines then know the shape of its objects and what it calls, which
 * halves the time of a record. A page may forbid code from text; there the fields are passed in a loop.
 */
import { assert } from "./assert.ts";
import type { Reader } from "./message-pack-reader.ts";
import type { Writer } from "./message-pack-writer.ts";

/** A field's name, and how its value is read. */
export type ReadField = { readonly key: string; readonly read: (reader: Reader) => unknown };

/** A field's name, and how its value is written. */
export type WriteField = {
  readonly key: string;
  readonly write: (writer: Writer, value: unknown) => void;
};

/** An object by the names of its fields. */
export type Fields = Record<string, unknown>;

/** Reads the values of an object one after the other. */
export type ObjectReader = (reader: Reader) => Fields;

/** Writes them. */
export type ObjectWriter = (writer: Writer, value: Fields) => void;

/** Names like numbers would be moved to the front by JavaScript; others would be no code. */
const FIELD_NAME = /^[a-z][A-Za-z0-9]*$/;

/** Makes the reader of objects with these fields, such as `(r) => ({ to: f0(r), amount: f1(r) })`. */
export function objectReader(fields: readonly ReadField[]): ObjectReader {
  const values = fields.map(({ key }, index) => `${key}: f${index}(r)`);
  const text = `(r) => ({ ${values.join(", ")} })`;
  const reads = fields.map(({ read }) => read);
  return compiled<ObjectReader>(text, fields, reads) ?? loopingReader(fields);
}

/** Makes the writer of objects with these fields, such as `(w, o) => { f0(w, o.to); f1(w, o.amount); }`. */
export function objectWriter(fields: readonly WriteField[]): ObjectWriter {
  const writes = fields.map(({ key }, index) => `f${index}(w, o.${key});`);
  const text = `(w, o) => { ${writes.join(" ")} }`;
  const functions = fields.map(({ write }) => write);
  return compiled<ObjectWriter>(text, fields, functions) ?? loopingWriter(fields);
}

/** The reader for runtimes that make no code from text. */
export function loopingReader(fields: readonly ReadField[]): ObjectReader {
  return (reader) => {
    const value: Fields = {};
    for (const { key, read } of fields) value[key] = read(reader);
    return value;
  };
}

/** The writer for them. */
export function loopingWriter(fields: readonly WriteField[]): ObjectWriter {
  return (writer, value) => {
    for (const { key, write } of fields) write(writer, value[key]);
  };
}

/** A function of `text` in which `f0`, `f1` and so on are `functions`; undefined where that is forbidden. */
function compiled<Made>(
  text: string,
  fields: readonly { readonly key: string }[],
  functions: readonly unknown[],
): Made | undefined {
  assert(
    fields.every(({ key }) => FIELD_NAME.test(key)),
    "field names are camelCase",
  );
  const names = functions.map((_, index) => `f${index}`);
  try {
    return new Function(...names, `return ${text};`)(...functions) as Made;
  } catch {
    return undefined;
  }
}
