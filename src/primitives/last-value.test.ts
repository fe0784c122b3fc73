/** The value that was read last: whatever was read before, a reader gives what its bytes say. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { createLastValue, isLastValue, KEPT_BYTES, keepLastValue } from "./last-value.ts";
import { aimReader, createLastingReader, type Reader, viewOf } from "./message-pack-reader.ts";
import { bytes, encode, type Schema, uint, uint256 } from "./schema.ts";
import { list, record, repeated } from "./schema-composite.ts";

type Payment = { readonly amounts: readonly bigint[]; readonly turn: number };

const plain: Schema<Payment> = record({ amounts: list(uint256, 200), turn: uint(0xffff) });
const payment = repeated(plain);

const read = <Value>(reader: Reader, schema: Schema<Value>, encoded: Uint8Array): Value => {
  aimReader(reader, { bytes: encoded, view: viewOf(encoded) }, 0, encoded.length);
  return schema.read(reader);
};

describe("isLastValue", () => {
  property("is true for the bytes that were kept, up to the last one, and for no others", () => {
    const given = fc.uint8Array({ minLength: KEPT_BYTES.min, maxLength: 40 });
    fc.assert(
      fc.property(given, fc.nat(), fc.nat({ max: 3 }), (kept, change, start) => {
        const last = createLastValue();
        const target = new Uint8Array(kept.length + start);
        target.set(kept, start);
        const view = viewOf(target);
        keepLastValue(last, { view: viewOf(kept) }, 0, kept.length, plain, "value");

        expect(isLastValue(last, { view }, start, target.length, plain)).toBe(true);
        expect(isLastValue(last, { view }, start, target.length, payment)).toBe(false);
        expect(isLastValue(last, { view }, start, target.length - 1, plain)).toBe(false);
        const at = start + (change % kept.length);
        target[at] = (target[at] ?? 0) ^ 1;
        expect(isLastValue(last, { view }, start, target.length, plain)).toBe(false);
      }),
    );
  });

  unit("is false while nothing is kept, and for what is too short or too long to be kept", () => {
    for (const sizeBytes of [KEPT_BYTES.min - 1, KEPT_BYTES.max + 1]) {
      const last = createLastValue();
      const view = viewOf(new Uint8Array(sizeBytes));

      expect(isLastValue(last, { view }, 0, sizeBytes, undefined)).toBe(false);
      keepLastValue(last, { view }, 0, sizeBytes, plain, "value");
      expect(isLastValue(last, { view }, 0, sizeBytes, plain)).toBe(false);
    }
  });
});

describe("repeated", () => {
  unit("gives the same object again while nothing else comes between", () => {
    const reader = createLastingReader();
    const [one, other] = [1, 2].map((turn) => encode(payment, { amounts: [7n], turn }));
    const first = read(reader, payment, one as Uint8Array);

    expect(read(reader, payment, (one as Uint8Array).slice())).toBe(first);
    expect(read(reader, payment, other as Uint8Array)).toEqual({ amounts: [7n], turn: 2 });
    expect(read(reader, payment, one as Uint8Array)).not.toBe(first);
  });

  unit("keeps nothing of the bytes that it was read from", () => {
    const reader = createLastingReader();
    const encoded = encode(payment, { amounts: [7n], turn: 1 });
    read(reader, payment, encoded);
    encoded[encoded.length - 1] = 2;

    expect(read(reader, payment, encoded)).toEqual({ amounts: [7n], turn: 2 });
  });

  unit("goes on behind the value, and refuses what ends before it does", () => {
    const reader = createLastingReader();
    const both = list(payment, 2);
    const value = { amounts: [7n, 2n ** 80n], turn: 1 };
    const encoded = encode(both, [value, value]);

    expect(read(reader, both, encoded)).toEqual([value, value]);
    expect(() => read(reader, both, encoded.subarray(0, -1))).toThrow("end too early");
  });

  property("reads what a reader without memory reads, from values that differ in little", () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { maxLength: 3 });
    const value = fc.record({ amounts, turn: fc.nat({ max: 3 }) });
    const reader = createLastingReader();
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), (values) => {
        for (const one of [...values, ...values].flatMap((each) => [each, each])) {
          expect(read(reader, payment, encode(plain, one))).toEqual(one);
        }
      }),
    );
  });

  unit("leaves larger values and other schemas alone", () => {
    const reader = createLastingReader();
    const large = { amounts: Array<bigint>(200).fill(2n ** 200n), turn: 1 };
    const raw = repeated(record({ digits: bytes({ max: 8 }) }));

    expect(read(reader, payment, encode(payment, large))).toEqual(large);
    expect(read(reader, payment, encode(payment, large))).toEqual(large);
    expect(read(reader, raw, encode(raw, { digits: "0xabcdef01" }))).toEqual({
      digits: "0xabcdef01",
    });
    expect(() => read(reader, payment, encode(raw, { digits: "0xabcdef01" }))).toThrow();
  });
});
