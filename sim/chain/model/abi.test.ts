/** The model reads and writes the ABI as the compiler's code does. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeAbiParameters, parseAbiParameters } from "viem";
import type { Hex } from "../../../src/primitives/hex.ts";
import { property, unit } from "../../../test/kind.ts";
import { ADDRESS, array, BOOL, BYTES, BYTES32, type Codec, sourceOf, tuple, uint } from "./abi.ts";
import { Revert } from "./revert.ts";
import { wordOf } from "./words.ts";

type Inner = { readonly owner: Hex; readonly amount: bigint; readonly note: Hex };
type Sample = {
  readonly isDone: boolean;
  readonly inner: readonly Inner[];
  readonly hash: Hex;
  readonly counts: readonly bigint[];
};

const SAMPLE: Codec<Sample> = tuple<Sample>({
  isDone: BOOL,
  inner: array(tuple<Inner>({ owner: ADDRESS, amount: uint(256), note: BYTES })),
  hash: BYTES32,
  counts: array(uint(48)),
});

const TYPES = parseAbiParameters([
  "bool isDone, Inner[] inner, bytes32 hash, uint48[] counts",
  "struct Inner { address owner; uint256 amount; bytes note; }",
]);

const hex = (sizeBytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
    .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`);

const samples: fc.Arbitrary<Sample> = fc.record({
  isDone: fc.boolean(),
  inner: fc.array(
    fc.record({
      owner: hex(20),
      amount: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      note: fc.nat({ max: 70 }).chain(hex),
    }),
    { maxLength: 4 },
  ),
  hash: hex(32),
  counts: fc.array(fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }), { maxLength: 4 }),
});

type Reader = Pick<Codec<unknown>, "decode">;

function refusalOf(codec: Reader, digits: string): Hex {
  try {
    codec.decode(sourceOf(`0x${digits}`), 0);
  } catch (error) {
    if (error instanceof Revert) return error.data;
    throw error;
  }
  throw new Error("it was read");
}

describe("a codec", () => {
  property("writes what viem writes, and reads it back", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { counts, hash, inner, isDone } = sample;
        const written: Hex = `0x${SAMPLE.encode(sample)}`;

        expect(written).toBe(encodeAbiParameters(TYPES, [isDone, inner, hash, counts.map(Number)]));
        expect(SAMPLE.decode(sourceOf(written), 0)).toEqual(sample);
      }),
    );
  });

  unit("refuses without a word what is out of range or cut off", () => {
    const cases: readonly (readonly [Reader, string])[] = [
      [tuple<{ readonly one: bigint }>({ one: uint(48) }), wordOf(2n ** 48n)],
      [tuple<{ readonly one: boolean }>({ one: BOOL }), wordOf(2n)],
      [tuple<{ readonly one: Hex }>({ one: ADDRESS }), wordOf(2n ** 160n)],
      [tuple<{ readonly one: Hex }>({ one: BYTES32 }), wordOf(1n).slice(2)],
      [tuple<{ readonly one: Hex }>({ one: BYTES }), wordOf(32n) + wordOf(33n) + wordOf(0n)],
      [tuple<{ readonly one: Hex }>({ one: BYTES }), wordOf(2n ** 64n)],
      [array(uint(8)), wordOf(2n) + wordOf(0n)],
    ];

    for (const [codec, digits] of cases) expect(refusalOf(codec, digits)).toBe("0x");
  });

  unit("panics at arrays and bytes that no memory could hold", () => {
    const panic = `0x4e487b71${wordOf(0x41n)}`;

    expect(refusalOf(array(uint(8)), wordOf(2n ** 64n))).toBe(panic as Hex);
    expect(refusalOf(array(uint(8)), wordOf(2n ** 60n))).toBe(panic as Hex);
    expect(refusalOf(BYTES, wordOf(2n ** 64n))).toBe(panic as Hex);
  });
});
