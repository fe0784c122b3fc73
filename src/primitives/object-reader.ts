/** Reads the fields of one kind of object, which are the items of an array in the order of the fields. */
import type { Reader } from "./message-pack-reader.ts";

/** A field's name, and how its value is read. */
export type ReadField = {
  readonly key: string;
  readonly read: (reader: Reader) => unknown;
};

/** An object by the names of its fields. */
export type Fields = Record<string, unknown>;

/**
 * Makes the reader of objects with these fields. A literal that has all its names at once is made in a
 * third of the time of an object that gets them one by one, hence a literal for each small number of fields.
 */
export function objectReader(fields: readonly ReadField[]): (reader: Reader) => Fields {
  const readFirst = literalReader(fields);
  const rest = fields.slice(LITERAL_FIELDS_MAX);
  if (rest.length === 0) return readFirst;
  return (reader) => {
    const value = readFirst(reader);
    for (const { key, read } of rest) value[key] = read(reader);
    return value;
  };
}

/** Fields of the longest literal: nearly all events have as many or fewer. */
const LITERAL_FIELDS_MAX = 6;

/** Stands in where there is no field; nobody reads it. */
const NO_FIELD: ReadField = { key: "", read: () => undefined };

/** Reads the first fields, at most `LITERAL_FIELDS_MAX`. */
function literalReader(fields: readonly ReadField[]): (reader: Reader) => Fields {
  const [a = NO_FIELD, b = NO_FIELD, c = NO_FIELD, d = NO_FIELD, e = NO_FIELD, f = NO_FIELD] =
    fields;
  const readA = (r: Reader): Fields => ({ [a.key]: a.read(r) });
  const readTwo = (r: Reader): Fields => ({ [a.key]: a.read(r), [b.key]: b.read(r) });
  const readThree = (r: Reader): Fields => ({
    [a.key]: a.read(r),
    [b.key]: b.read(r),
    [c.key]: c.read(r),
  });
  const readFour = (r: Reader): Fields => ({
    [a.key]: a.read(r),
    [b.key]: b.read(r),
    [c.key]: c.read(r),
    [d.key]: d.read(r),
  });
  const readFive = (r: Reader): Fields => ({
    [a.key]: a.read(r),
    [b.key]: b.read(r),
    [c.key]: c.read(r),
    [d.key]: d.read(r),
    [e.key]: e.read(r),
  });
  const readSix = (r: Reader): Fields => ({
    [a.key]: a.read(r),
    [b.key]: b.read(r),
    [c.key]: c.read(r),
    [d.key]: d.read(r),
    [e.key]: e.read(r),
    [f.key]: f.read(r),
  });
  const byCount = [() => ({}), readA, readTwo, readThree, readFour, readFive, readSix];
  return byCount[fields.length] ?? readSix;
}
