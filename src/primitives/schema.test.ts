/** Schemas: the bytes that they write, and the foreign bytes that they refuse. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../test/kind.ts";
import { concatBytes, equalBytes } from "./bytes.ts";
import { type Hex, toHex } from "./hex.ts";
import { ENCODED_SIZE_BYTES_MAX } from "./message-pack.ts";
import type { Reader } from "./message-pack-reader.ts";
import {
  bigUint,
  boolean,
  bytes,
  decode,
  encode,
  fixedBytes,
  rawBytes,
  type Schema,
  text,
  uint,
  uint256,
} from "./schema.ts";
import { list, optional, record, refine, tagged, union } from "./schema-composite.ts";

const anyUint = uint(Number.MAX_SAFE_INTEGER);

const write = <Value>(schema: Schema<Value>, value: NoInfer<Value>): string =>
  encode(schema, value).toHex();

const problemOf = <Value>(schema: Schema<Value>, hex: string): string => {
  const result = decode(schema, Uint8Array.fromHex(hex));
  return result.ok ? "none" : `${result.reason.problem} at ${result.reason.offset}`;
};

/** Every form of a value in one type, with the arbitrary values that belong to it. */
type Sample = {
  readonly turnNum: number;
  readonly amount: bigint;
  readonly id: Hex;
  readonly metadata: Hex;
  readonly label: string;
  readonly isFinal: boolean;
  readonly raw: Uint8Array;
  readonly parent: string | undefined;
  readonly changes: readonly Change[];
};
type Change =
  | { readonly type: "Pay"; readonly to: number; readonly amount: bigint }
  | { readonly type: "Close" };

const change: Schema<Change> = union("type", {
  Pay: [1, record({ to: uint(255), amount: uint256 })],
  Close: [2, record({})],
});
const sample: Schema<Sample> = record({
  turnNum: uint(2 ** 48 - 1),
  amount: uint256,
  id: fixedBytes<Hex>(32),
  metadata: bytes({ min: 1, max: 300 }),
  label: text(400),
  isFinal: boolean,
  raw: rawBytes(300),
  parent: optional(text(40)),
  changes: list(change, 70),
});

const edges = [0, 1, 7, 8, 15, 16, 31, 32, 47, 48, 52].flatMap((bits) => [
  2 ** bits - 1,
  2 ** bits,
]);
const anyTurn = fc.oneof(
  fc.constantFrom(...edges.filter((edge) => edge < 2 ** 48)),
  fc.nat({ max: 2 ** 48 - 1 }),
);
const anyAmount = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((bits) => 2n ** BigInt(bits)),
  fc.integer({ min: 0, max: 256 }).map((bits) => 2n ** BigInt(bits) - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
);
const anyBytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength, size: "max" });
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant("Pay" as const), to: fc.nat({ max: 255 }), amount: anyAmount }),
  fc.constant({ type: "Close" as const }),
);
const anySample: fc.Arbitrary<Sample> = fc.record({
  turnNum: anyTurn,
  amount: anyAmount,
  id: anyBytes(32, 32).map(toHex),
  metadata: anyBytes(1, 300).map(toHex),
  label: fc.string({ unit: "binary", maxLength: 100, size: "max" }),
  isFinal: fc.boolean(),
  raw: anyBytes(0, 300),
  parent: fc.option(fc.string({ unit: "grapheme-ascii", maxLength: 40 }), { nil: undefined }),
  changes: fc.array(anyChange, { maxLength: 70, size: "max" }),
});

describe("encode", () => {
  golden("writes integers in their shortest form", () => {
    const table: readonly (readonly [number, string])[] = [
      [0, "00"],
      [127, "7f"],
      [128, "cc80"],
      [255, "ccff"],
      [256, "cd0100"],
      [65_535, "cdffff"],
      [65_536, "ce00010000"],
      [2 ** 32 - 1, "ceffffffff"],
      [2 ** 32, "cf0000000100000000"],
      [2 ** 53 - 1, "cf001fffffffffffff"],
    ];
    for (const [value, hex] of table) expect(write(anyUint, value)).toBe(hex);
    for (const [value, hex] of table) expect(write(uint256, BigInt(value))).toBe(hex);
  });

  golden(
    "writes integers above 53 bits as uint64, above 64 bits as bytes without leading zeros",
    () => {
      expect(write(uint256, 2n ** 53n)).toBe("cf0020000000000000");
      expect(write(uint256, 2n ** 64n - 1n)).toBe("cfffffffffffffffff");
      expect(write(uint256, 2n ** 64n)).toBe("c409010000000000000000");
      expect(write(uint256, 2n ** 256n - 1n)).toBe(`c420${"ff".repeat(32)}`);
    },
  );

  golden("writes text, bytes, missing values and booleans as MessagePack does", () => {
    expect(write(text(9), "")).toBe("a0");
    expect(write(text(9), "é€")).toBe("a5c3a9e282ac");
    expect(write(text(99), "a".repeat(31))).toBe(`bf${"61".repeat(31)}`);
    expect(write(text(99), "a".repeat(32))).toBe(`d920${"61".repeat(32)}`);
    expect(write(text(99), "é".repeat(16))).toBe(`d920${"c3a9".repeat(16)}`);
    expect(write(text(256), "a".repeat(256))).toBe(`da0100${"61".repeat(256)}`);
    expect(write(bytes({ max: 2 }), "0x")).toBe("c400");
    expect(write(bytes({ max: 256 }), `0x${"ab".repeat(256)}`)).toBe(`c50100${"ab".repeat(256)}`);
    expect(write(rawBytes(70_000), new Uint8Array(65_536))).toBe(
      `c600010000${"00".repeat(65_536)}`,
    );
    expect(write(optional(boolean), undefined)).toBe("c0");
    expect(write(optional(boolean), false)).toBe("c2");
    expect(write(optional(boolean), true)).toBe("c3");
  });

  golden("writes records and lists as arrays, and a union as its number and its fields", () => {
    expect(write(list(change, 9), [{ type: "Pay", to: 1, amount: 5n }, { type: "Close" }])).toBe(
      "929301010" + "59102",
    );
    expect(write(list(boolean, 16), Array(16).fill(true))).toBe(`dc0010${"c3".repeat(16)}`);
    expect(change.shape).toBe("union(1:Pay{to:uint(255),amount:uint256},2:Close{})");
    const named: Schema<{ readonly type: "A"; readonly on: boolean }> = tagged(
      "type",
      "A",
      record({ on: boolean }),
    );
    expect(write(named, { type: "A", on: true })).toBe("91c3");
    expect(decode(named, Uint8Array.of(0x91, 0xc3))).toEqual({
      ok: true,
      value: { type: "A", on: true },
    });
  });

  unit("stops the program when a value is outside its schema", () => {
    expect(() => write(uint(9), 10)).toThrow("an integer fits its schema");
    expect(() => write(uint(9), -1)).toThrow("between 0 and 2^53 - 1");
    expect(() => write(uint(9), 0.5)).toThrow("between 0 and 2^53 - 1");
    expect(() => write(bigUint(8), 256n)).toThrow("an integer fits its schema");
    expect(() => write(uint256, -1n)).toThrow("not negative");
    expect(() => write(text(3), "éé")).toThrow("text fits its schema");
    expect(() => write(text(9), "\ud800")).toThrow("no lone surrogates");
    expect(() => write(bytes({ min: 1, max: 2 }), "0x")).toThrow("bytes fit their schema");
    expect(() => write(fixedBytes(1), "0xABCD".slice(0, 4) as Hex)).toThrow("hex is canonical");
    expect(() => write(rawBytes(1), new Uint8Array(2))).toThrow("bytes fit their schema");
    expect(() => write(list(boolean, 1), [true, true])).toThrow("a list fits its schema");
    expect(() => write(change, { type: "Other" } as never)).toThrow("a case of the union");
    expect(() =>
      write(
        refine(anyUint, (value) => value > 1, "too small"),
        1,
      ),
    ).toThrow("passes");
  });

  unit("leaves nothing of a value behind, be it large, or outside its schema", () => {
    const first = encode(rawBytes(100_000), new Uint8Array(100_000).fill(7));
    expect(() => encode(list(uint(9), 4), [1, 2, 10])).toThrow("fits");
    const second = encode(list(uint(9), 4), [1, 2]);

    expect(second.toHex()).toBe("920102");
    expect(first.subarray(-2).toHex()).toBe("0707");
    expect(second.buffer).not.toBe(encode(list(uint(9), 4), [3]).buffer);
  });

  unit("grows its buffer up to the size limit, and no further", () => {
    const large = rawBytes(2 * ENCODED_SIZE_BYTES_MAX);

    expect(encode(large, new Uint8Array(10_000_000)).length).toBe(10_000_005);
    expect(() => encode(large, new Uint8Array(ENCODED_SIZE_BYTES_MAX))).toThrow("size limit");
  });
});

describe("decode", () => {
  property("gives back what was encoded", () => {
    fc.assert(
      fc.property(anySample, (value) => {
        expect(decode(sample, encode(sample, value))).toEqual({ ok: true, value });
      }),
    );
  });

  unit("gives back text with a byte order mark and every plane of Unicode", () => {
    const value = "\ufeffa\u0000é€𝄞\u{10ffff}";

    expect(decode(text(99), encode(text(99), value))).toEqual({ ok: true, value });
  });

  unit("shares no memory with its input", () => {
    const encoded = encode(rawBytes(9), Uint8Array.of(1, 2));
    const result = decode(rawBytes(9), encoded);
    encoded.fill(0);

    expect(result).toEqual({ ok: true, value: Uint8Array.of(1, 2) });
  });

  adversarial("refuses every form but the shortest", () => {
    for (const hex of ["cc7f", "cd00ff", "ce0000ffff", "cf00000000ffffffff"]) {
      expect(problemOf(anyUint, hex)).toContain("shortest form at 0");
      expect(problemOf(uint256, hex)).toContain("shortest form at 0");
    }
    expect(problemOf(anyUint, "cf0020000000000000")).toBe("an integer above 2^53 - 1 at 0");
    expect(problemOf(uint256, "c408ffffffffffffffff")).toContain("shortest form");
    expect(problemOf(uint256, "c40a00ffffffffffffffffff")).toContain("shortest form");
    expect(problemOf(uint256, "c400")).toContain("shortest form");
    expect(problemOf(text(99), `d91f${"61".repeat(31)}`)).toContain("shortest form");
    expect(problemOf(text(99), `da0020${"61".repeat(32)}`)).toContain("shortest form");
    expect(problemOf(rawBytes(99), "c50001ff")).toContain("shortest form");
    expect(problemOf(list(boolean, 9), "dc0001c3")).toContain("shortest form");
  });

  adversarial("refuses what the schema does not allow, and says where", () => {
    expect(problemOf(uint(9), "0a")).toBe("an integer above 9 at 0");
    expect(problemOf(bigUint(8), "cd0100")).toBe("an integer above 8 bits at 0");
    expect(problemOf(uint256, `c421${"ff".repeat(33)}`)).toBe("more than 32 bytes at 0");
    expect(problemOf(boolean, "c0")).toBe("not a boolean at 0");
    expect(problemOf(anyUint, "ff")).toBe("not an unsigned integer at 0");
    expect(problemOf(text(3), "a461616161")).toBe("more than 3 bytes of text at 0");
    expect(problemOf(text(9), "c40161")).toBe("not text at 0");
    expect(problemOf(bytes({ min: 1, max: 2 }), "c400")).toBe("fewer than 1 bytes at 0");
    expect(problemOf(fixedBytes(2), "c401ff")).toBe("not 2 bytes at 0");
    expect(problemOf(fixedBytes(2), "c403ffffff")).toBe("not 2 bytes at 0");
    expect(problemOf(fixedBytes(2), "c402ff")).toBe("the bytes end too early at 2");
    expect(problemOf(rawBytes(2), "a161")).toBe("not bytes at 0");
    expect(problemOf(list(boolean, 1), "92c3c3")).toBe("more than 1 items at 0");
    expect(problemOf(list(boolean, 9), "80")).toBe("not an array at 0");
    expect(problemOf(record({ on: boolean }), "92c3c3")).toBe("not 1 items at 0");
    expect(problemOf(change, "9103")).toBe("an unknown case at 0");
    expect(problemOf(change, "920205")).toBe("not 1 items at 0");
    expect(problemOf(list(change, 9), "9293010105" + "9103")).toBe("an unknown case at 5");
    expect(problemOf(boolean, "c3c3")).toBe("bytes after the value at 1");
    expect(
      problemOf(
        refine(anyUint, (value) => value > 1, "too small"),
        "01",
      ),
    ).toBe("too small at 0");
  });

  adversarial("refuses text that is not UTF-8: overlong, surrogates, cut short", () => {
    for (const hex of ["a2c080", "a3eda080", "a1c3", "a4f4908080", "a1ff"]) {
      expect(problemOf(text(9), hex)).toContain("text that is not UTF-8");
    }
  });

  adversarial("believes no length: five bytes never cost memory", () => {
    expect(problemOf(list(boolean, 2 ** 32), "ddffffffff")).toBe("more items than bytes at 0");
    expect(problemOf(text(2 ** 32), "dbffffffff")).toBe("the bytes end too early at 5");
    expect(problemOf(rawBytes(2 ** 32), "c6ffffffff")).toBe("the bytes end too early at 5");
    expect(problemOf(anyUint, "cf00")).toBe("the bytes end too early at 2");
    expect(problemOf(anyUint, "")).toBe("the bytes end too early at 0");
  });

  adversarial("refuses arrays nested deeper than the limit, where a schema contains itself", () => {
    const nested: Schema<readonly unknown[]> = {
      shape: "nested",
      write: (writer, value) => list(nested, 1).write(writer, value as never),
      read: (reader: Reader) => list(nested, 1).read(reader),
    };

    expect(problemOf(nested, `${"91".repeat(31)}90`)).toBe("none");
    expect(problemOf(nested, `${"91".repeat(32)}90`)).toBe("arrays nested too deep at 32");
    expect(problemOf(nested, "91".repeat(100_000))).toBe("arrays nested too deep at 32");
  });

  adversarial(
    "gives clean refusals or canonical values for 100,000 mutated inputs",
    () => {
      const seeds = fc
        .sample(anySample, { numRuns: 100, seed: 1 })
        .map((value) => encode(sample, value));
      const edits = fc.sample(
        fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }), kind: fc.nat({ max: 3 }) }),
        { numRuns: 1000, seed: 2 },
      );
      const outcomes = seeds.flatMap((original) =>
        edits.map((edit) => decodeMutated(mutate(original, edit))),
      );

      const refused = outcomes.filter(({ ok }) => !ok).length;
      const slowestMs = outcomes.reduce((slowest, { tookMs }) => Math.max(slowest, tookMs), 0);
      expect(refused).toBeGreaterThan(20_000);
      // A decode takes microseconds; the rest is room for a machine that does something else meanwhile.
      expect(slowestMs).toBeLessThan(1000);
    },
    60_000,
  );
});

describe("combinators", () => {
  unit("refuse schemas with two meanings", () => {
    expect(() => optional(optional(boolean))).toThrow("one encoding");
    expect(() => record({ "0": boolean })).toThrow("camelCase");
    expect(() => union("type", { A: [1, record({})], B: [1, record({})] })).toThrow(
      "share a number",
    );
    expect(() => union("type", { A: [128, record({})] })).toThrow("between 0 and 127");
    expect(() => uint(2 ** 53)).toThrow("the largest integer");
    expect(() => bigUint(12)).toThrow("whole bytes");
    expect(() => bytes({ min: 3, max: 2 })).toThrow("the fewest bytes");
  });

  unit("let a bug in a schema through instead of calling it a refusal", () => {
    const broken: Schema<number> = {
      ...anyUint,
      read: () => {
        throw new TypeError("a bug");
      },
    };

    expect(() => decode(broken, Uint8Array.of(1))).toThrow("a bug");
  });
});

/** Decodes once, and fails the test when what was accepted has a second encoding. */
function decodeMutated(mutated: Uint8Array): { readonly ok: boolean; readonly tookMs: number } {
  const startMs = performance.now();
  const result = decode(sample, mutated);
  const tookMs = performance.now() - startMs;
  const again = result.ok ? encode(sample, result.value) : mutated;
  if (!equalBytes(again, mutated)) throw new Error(`two encodings: ${mutated.toHex()}`);
  return { ok: result.ok, tookMs };
}

type Edit = { readonly at: number; readonly byte: number; readonly kind: number };

/** Changes a byte, cuts the end, inserts a byte, or removes one. */
function mutate(original: Uint8Array, { at, byte, kind }: Edit): Uint8Array {
  const cut = at % original.length;
  const before = original.subarray(0, cut);
  if (kind === 0) return concatBytes(before, Uint8Array.of(byte), original.subarray(cut + 1));
  if (kind === 1) return before;
  if (kind === 2) return concatBytes(before, Uint8Array.of(byte), original.subarray(cut));
  return concatBytes(before, original.subarray(cut + 1));
}
