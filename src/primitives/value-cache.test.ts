/** The cache of values by their bytes: whatever was asked before, it gives what reading gives. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { aimReader, createLastingReader, type Reader, viewOf } from "./message-pack-reader.ts";
import { bytes, encode, fixedBytes, type Schema, text, uint256 } from "./schema.ts";
import { list } from "./schema-composite.ts";
import { CACHED_BYTES, cachedValue, createValueCache } from "./value-cache.ts";

type Source = { readonly bytes: Uint8Array; readonly view: DataView };
const sourceOf = (given: Uint8Array): Source => ({ bytes: given, view: viewOf(given) });
const hexOf = ({ bytes: from }: Source, at: number, size: number): string =>
  from.slice(at, at + size).toHex();

describe("cachedValue", () => {
  unit("reads bytes once, wherever they lie, and gives the same value again", () => {
    const cache = createValueCache<string>();
    const source = sourceOf(Uint8Array.from({ length: 64 }, (_, at) => at % 32));
    let reads = 0;
    const read = (from: Source, at: number, size: number): string => {
      reads += 1;
      return hexOf(from, at, size);
    };

    expect(cachedValue(cache, source, 3, 21, read)).toBe(hexOf(source, 3, 21));
    expect(cachedValue(cache, source, 35, 21, read)).toBe(hexOf(source, 3, 21));
    expect(reads).toBe(1);
    expect(cachedValue(cache, source, 3, 20, read)).toBe(hexOf(source, 3, 20));
    expect(reads).toBe(2);
  });

  property("gives what reading gives, for bytes that differ in little and share slots", () => {
    const size = fc.integer({ min: CACHED_BYTES.min, max: CACHED_BYTES.max });
    // Few different bytes in few places: most values meet others in their slot, or are nearly the same.
    const changes = fc.array(fc.tuple(fc.nat({ max: 95 }), fc.nat({ max: 2 })), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(size, changes), { minLength: 30, maxLength: 60 }), (values) => {
        const cache = createValueCache<string>();
        for (const [sizeBytes, edits] of [...values, ...values]) {
          const given = new Uint8Array(100);
          for (const [at, byte] of edits) given[at + 2] = byte;
          const source = sourceOf(given);

          expect(cachedValue(cache, source, 2, sizeBytes, hexOf)).toBe(hexOf(source, 2, sizeBytes));
        }
      }),
    );
  });
});

describe("a reader that lasts", () => {
  const read = <Value>(reader: Reader, schema: Schema<Value>, encoded: Uint8Array): Value => {
    aimReader(reader, sourceOf(encoded), 0, encoded.length);
    return schema.read(reader);
  };

  property("keeps hex, text and integers of the same bytes apart", () => {
    const reader = createLastingReader();
    const anyBytes = fc.uint8Array({ minLength: 9, maxLength: 32 });
    const ascii = anyBytes.map((given) => given.map((byte) => (byte & 0x3f) + 0x30));
    fc.assert(
      fc.property(ascii, (given) => {
        const hex = `0x${given.toHex()}` as const;
        const plain = new TextDecoder().decode(given);
        for (let time = 0; time < 2; time += 1) {
          expect(read(reader, bytes({ max: 32 }), encode(bytes({ max: 32 }), hex))).toBe(hex);
          expect(read(reader, text(32), encode(text(32), plain))).toBe(plain);
          expect(read(reader, uint256, encode(uint256, BigInt(hex)))).toBe(BigInt(hex));
        }
      }),
    );
  });

  unit("refuses in the same words what it has read before under another schema", () => {
    const reader = createLastingReader();
    const encoded = encode(fixedBytes(20), `0x${"ab".repeat(20)}`);

    expect(read(reader, fixedBytes(20), encoded)).toBe(`0x${"ab".repeat(20)}`);
    expect(() => read(reader, fixedBytes(19), encoded)).toThrow("not 19 bytes");
    expect(() => read(reader, bytes({ max: 19 }), encoded)).toThrow("more than 19 bytes");
    expect(() => read(reader, fixedBytes(20), encoded.subarray(0, 21))).toThrow("end too early");
    expect(() => read(reader, list(fixedBytes(20), 1), encoded)).toThrow("not an array");
  });
});
