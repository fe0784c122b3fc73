/** Readers and writers of objects: those made from text and those that loop do the same. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { createReader } from "./message-pack-reader.ts";
import { createWriter, writtenBytes } from "./message-pack-writer.ts";
import {
  loopingReader,
  loopingWriter,
  type ObjectReader,
  type ObjectWriter,
  objectReader,
  objectWriter,
  type ReadField,
  type WriteField,
} from "./object-code.ts";
import { boolean, text, uint } from "./schema.ts";

const written: readonly (ReadField & WriteField)[] = [
  { key: "amount", ...uint(9) },
  { key: "isFinal", ...boolean },
  { key: "to", ...text(9) },
].map(({ key, read, write }) => ({ key, read, write: write as WriteField["write"] }));
const fields: readonly ReadField[] = [{ key: "type", read: () => "Paid" }, ...written];
const paid = { type: "Paid", amount: 5, isFinal: true, to: "b" };
const paidBytes = Uint8Array.of(5, 0xc3, 0xa1, 0x62);

const readWith = (read: ObjectReader): unknown => read(createReader(paidBytes));
const writeWith = (write: ObjectWriter): Uint8Array => {
  const writer = createWriter();
  write(writer, paid);
  return writtenBytes(writer);
};

/** Runs in a runtime that makes no code from text, as a page may demand. */
const withoutCodeFromText = <Value>(run: () => Value): Value => {
  const made = globalThis.Function;
  const forbidden = (): never => {
    throw new EvalError("forbidden by the page");
  };
  try {
    globalThis.Function = forbidden as unknown as typeof made;
    return run();
  } finally {
    globalThis.Function = made;
  }
};

describe("objectReader", () => {
  unit("reads the fields in their order, as the loop does", () => {
    expect(readWith(objectReader(fields))).toEqual(paid);
    expect(readWith(loopingReader(fields))).toEqual(paid);
    expect(Object.keys(objectReader(fields)(createReader(paidBytes)))).toEqual(Object.keys(paid));
    expect(objectReader([])(createReader(paidBytes))).toEqual({});
  });

  unit("loops where the runtime makes no code from text", () => {
    expect(readWith(withoutCodeFromText(() => objectReader(fields)))).toEqual(paid);
  });

  unit("makes no code from a name that is none", () => {
    for (const key of [
      "",
      "0",
      "Type",
      "a-b",
      "a: 1, b",
      "__proto__",
      "a }); (() => { throw 1 })(",
    ]) {
      expect(() => objectReader([{ key, read: () => 1 }])).toThrow("camelCase");
      expect(() => objectWriter([{ key, write: () => {} }])).toThrow("camelCase");
    }
  });
});

describe("objectWriter", () => {
  unit("writes the fields in their order, as the loop does", () => {
    expect(writeWith(objectWriter(written))).toEqual(paidBytes);
    expect(writeWith(loopingWriter(written))).toEqual(paidBytes);
  });

  unit("loops where the runtime makes no code from text", () => {
    expect(writeWith(withoutCodeFromText(() => objectWriter(written)))).toEqual(paidBytes);
  });
});
