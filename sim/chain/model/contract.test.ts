/** Where contracts keep what they know. */
import { describe, expect } from "bun:test";
import { encodeAbiParameters, keccak256, parseAbiParameters } from "viem";
import type { Hex } from "../../../src/primitives/hex.ts";
import { unit } from "../../../test/kind.ts";
import { BYTES, tuple } from "./abi.ts";
import { type Frame, mappingSlot, method } from "./contract.ts";

const keyOf = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;

/** viem's hashes of the same words. */
function expectedSlot(key: Hex, mapping: bigint | Hex): Hex {
  const types = parseAbiParameters("address, uint256");
  return keccak256(encodeAbiParameters(types, [key, BigInt(mapping)]));
}

describe("mappingSlot", () => {
  unit(
    "is another for each key and each mapping, also when more was asked than is remembered",
    () => {
      const inner = expectedSlot(keyOf(1), 2n);
      for (const _ of ["anew", "from memory"]) {
        for (const mapping of [1n, 2n, inner]) {
          for (let n = 1; n <= 400; n++) {
            expect(mappingSlot(keyOf(n), mapping)).toBe(expectedSlot(keyOf(n), mapping));
          }
        }
      }
    },
  );
});

describe("method", () => {
  unit("hands on what each call says, also of long ones that were read before", () => {
    const codec = tuple<{ readonly bytes: Hex }>({ bytes: BYTES });
    const [, run] = method("tell(bytes)", codec, (_, { bytes }) => bytes);
    const ask = (digits: string): Hex =>
      run({ valueWei: 0n, data: `0x12345678${digits}` } as unknown as Frame);
    const long = Array.from(
      { length: 40 },
      (_, n): Hex => `0x${"00".repeat(600)}0${n % 10}${n + 10}`,
    );

    for (const _ of ["anew", "from memory"]) {
      for (const bytes of long) expect(ask(codec.encode({ bytes }))).toBe(bytes);
      for (const bytes of long) expect(ask(codec.encode({ bytes }))).toBe(bytes);
      // Cut short: what it refuses once it refuses again.
      expect(() => ask(codec.encode({ bytes: long[0] ?? "0x" }).slice(0, -200))).toThrow();
    }
  });
});
