/** JSON whose integers keep their digits. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../../test/kind.ts";
import { jsonDepth, parseJson, writeJson } from "./json-text.ts";

describe("parseJson", () => {
  unit("keeps every digit of an integer, and other numbers as they are", () => {
    const parsed = parseJson('{"a":123456789012345678901234567890,"b":5,"c":1.5,"d":-1e400}');

    expect(parsed).toEqual({
      a: 123_456_789_012_345_678_901_234_567_890n,
      b: 5,
      c: 1.5,
      d: Number.NEGATIVE_INFINITY,
    });
  });

  property("reads what writeJson has written", () => {
    const integer = fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n });
    fc.assert(
      fc.property(fc.array(integer), (amounts) => {
        const read = parseJson(writeJson({ amounts })) as { amounts: (number | bigint)[] };
        expect(read.amounts.map(BigInt)).toEqual(amounts);
      }),
    );
  });

  adversarial("makes no big integer of a million digits, and no prototype of a key", () => {
    const long = parseJson(`[${"9".repeat(1_000_000)}]`);
    const poisoned = parseJson('{"__proto__":{"polluted":1234567890123456789}}') as object;

    expect(long).toEqual([Number.POSITIVE_INFINITY]);
    expect(Object.getPrototypeOf(poisoned)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });
});

describe("jsonDepth", () => {
  unit("counts braces and brackets that are inside each other, and none in a string", () => {
    const depths = ["5", "[]", '{"a":[1]}', '["[[[["]', '["\\"[["]', "[[],[[]]]"].map(jsonDepth);

    expect(depths).toEqual([0, 1, 2, 1, 1, 3]);
  });

  adversarial("counts a million brackets, and what is no JSON at all", () => {
    expect(jsonDepth("[".repeat(1_000_000))).toBe(1_000_000);
    expect(jsonDepth('"unclosed [[[')).toBe(0);
    expect(jsonDepth("]]]]")).toBe(0);
  });
});
