/** Reads the JSON that go-nitro writes, and no more of JSON than that: whole numbers without loss, plain text. */

/** A value as it was written. Objects are maps: no name that a peer writes is a property of anything. */
export type Json = null | boolean | bigint | string | readonly Json[] | JsonObject;

/** The fields of an object, in the order in which they were written. */
export type JsonObject = ReadonlyMap<string, Json>;

/** Objects and lists within each other: the values of go-nitro need six. */
export const JSON_DEPTH_MAX = 8;

/** Digits of the largest uint256. More would take time that grows with their square. */
export const JSON_DIGITS_MAX = 78;

/** Text that was refused. Thrown while reading, and turned into a result by whoever began to read. */
export class JsonFailure extends Error {
  override readonly name = "JsonFailure";
}

/** Stops reading. `place` is what was being read; nothing of a peer's own words is in the message. */
export function refuse(place: string, problem: string): never {
  throw new JsonFailure(`${place}: ${problem}`);
}

/**
 * Reads all of `text`, whose length the caller has bounded. Go's encoder writes no space between the
 * parts and, in the values of go-nitro, no sign, fraction, exponent or escape: they are refused, as is
 * a field that comes twice. Throws `JsonFailure`.
 */
export function readJson(text: string, place: string): Json {
  const reader: Reader = { text, place, offset: 0 };
  const value = readValue(reader, 0);
  return reader.offset === text.length ? value : fail(reader, "something follows the value");
}

type Reader = { readonly text: string; readonly place: string; offset: number };

function fail({ offset, place }: Reader, problem: string): never {
  return refuse(`${place}, character ${offset}`, problem);
}

function readValue(reader: Reader, depth: number): Json {
  switch (reader.text[reader.offset]) {
    case "{":
      return readObject(reader, inner(reader, depth));
    case "[":
      return readList(reader, inner(reader, depth));
    case '"':
      return readText(reader);
    case "n":
      return readWord(reader, "null", null);
    case "t":
      return readWord(reader, "true", true);
    case "f":
      return readWord(reader, "false", false);
    default:
      return readWhole(reader);
  }
}

function inner(reader: Reader, depth: number): number {
  return depth < JSON_DEPTH_MAX ? depth + 1 : fail(reader, `deeper than ${JSON_DEPTH_MAX}`);
}

function readObject(reader: Reader, depth: number): JsonObject {
  const fields = new Map<string, Json>();
  readParts(reader, "}", () => {
    const name = readText(reader);
    if (fields.has(name)) fail(reader, "a field comes twice");
    if (!skip(reader, ":")) fail(reader, "no colon after the name of a field");
    fields.set(name, readValue(reader, depth));
  });
  return fields;
}

function readList(reader: Reader, depth: number): readonly Json[] {
  const items: Json[] = [];
  readParts(reader, "]", () => items.push(readValue(reader, depth)));
  return items;
}

/** Reads from the opening to the closing character, with commas between the parts. */
function readParts(reader: Reader, end: "}" | "]", readPart: () => void): void {
  reader.offset += 1;
  if (skip(reader, end)) return;
  do {
    readPart();
  } while (skip(reader, ","));
  if (!skip(reader, end)) fail(reader, "neither a comma nor an end");
}

function skip(reader: Reader, character: string): boolean {
  if (reader.text[reader.offset] !== character) return false;
  reader.offset += 1;
  return true;
}

/** Printable ASCII. All that Go would escape is outside of it, but for these five. */
const PLAIN = /^[ -~]*$/;
const ESCAPED = /[\\<>&]/;

function readText(reader: Reader): string {
  if (reader.text[reader.offset] !== '"') return fail(reader, "no text");
  const start = reader.offset + 1;
  const end = reader.text.indexOf('"', start);
  if (end < 0) return fail(reader, "a text without an end");
  const text = reader.text.slice(start, end);
  if (!PLAIN.test(text) || ESCAPED.test(text)) return fail(reader, "a text that is not plain");
  reader.offset = end + 1;
  return text;
}

function readWord<Value>(reader: Reader, word: string, value: Value): Value {
  if (!reader.text.startsWith(word, reader.offset)) return fail(reader, "no value");
  reader.offset += word.length;
  return value;
}

function readWhole(reader: Reader): bigint {
  const start = reader.offset;
  let end = start;
  while (end - start <= JSON_DIGITS_MAX && isDigit(reader.text.charCodeAt(end))) end += 1;
  if (end === start) return fail(reader, "no value");
  if (end - start > JSON_DIGITS_MAX) return fail(reader, "a number that is too long");
  const digits = reader.text.slice(start, end);
  if (digits.startsWith("0") && digits.length > 1)
    return fail(reader, "a number that starts with 0");
  reader.offset = end;
  return BigInt(digits);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
