/** Readers of objects: those made from text and those that loop give the same objects. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { createReader } from "./message-pack-reader.ts";
import { loopingReader, objectReader, type ReadField } from "./object-reader.ts";
import { boolean, text, uint } from "./schema.ts";

const reader = (): ReturnType<typeof createReader> =>
  createReader(Uint8Array.of(5, 0xc3, 0xa1, 0x62));
const fields: readonly ReadField[] = [
  { key: "type", read: () => "Paid" },
  { key: "amount", read: uint(9).read },
  { key: "isFinal", read: boolean.read },
  { key: "to", read: text(9).read },
];

describe("objectReader", () => {
  unit("reads the fields in their order, as the loop does", () => {
    const expected = { type: "Paid", amount: 5, isFinal: true, to: "b" };

    expect(objectReader(fields)(reader())).toEqual(expected);
    expect(loopingReader(fields)(reader())).toEqual(expected);
    expect(Object.keys(objectReader(fields)(reader()))).toEqual(Object.keys(expected));
    expect(objectReader([])(reader())).toEqual({});
  });

  unit("loops where the runtime makes no code from text", () => {
    const made = globalThis.Function;
    const forbidden = (): never => {
      throw new EvalError("forbidden by the page");
    };
    try {
      globalThis.Function = forbidden as unknown as typeof made;
      const read = objectReader(fields);
      globalThis.Function = made;

      expect(read(reader())).toEqual({ type: "Paid", amount: 5, isFinal: true, to: "b" });
    } finally {
      globalThis.Function = made;
    }
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
    }
  });
});
