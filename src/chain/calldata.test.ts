/** Calls as they are read, with viem's own reader as the second opinion. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { decodeFunctionData, encodeFunctionData, parseAbi } from "viem";
import { adversarial, property, unit } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import { createCallReader } from "./calldata.ts";

const ABI = parseAbi([
  "struct Pair { uint256 left; bytes right; }",
  "function put(Pair[] pairs, bytes32 under)",
  "function take(address owner)",
  "event Taken(address owner)",
]);

const FOREIGN = parseAbi(["function other(address owner)"]);

const read = createCallReader(ABI);

const bytes = (sizeBytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
    .map((drawn): Hex => `0x${drawn.toHex()}`);

const pairs = fc.array(fc.record({ left: fc.bigInt(0n, 2n ** 256n - 1n), right: bytes(40) }), {
  maxLength: 3,
});

describe("createCallReader", () => {
  property("reads what viem reads", () => {
    fc.assert(
      fc.property(pairs, bytes(32), bytes(20), (drawn, under, owner) => {
        for (const data of [
          encodeFunctionData({ abi: ABI, functionName: "put", args: [drawn, under] }),
          encodeFunctionData({ abi: ABI, functionName: "take", args: [owner] }),
        ]) {
          const theirs: unknown = decodeFunctionData({ abi: ABI, data });
          expect<unknown>(read(data)).toEqual(theirs);
        }
      }),
    );
  });

  unit("reads each call as it is, also one that it has read before", () => {
    const calls = Array.from({ length: 40 }, (_, n) => {
      const owner: Hex = `0x${n.toString(16).padStart(40, "0")}`;
      return encodeFunctionData({ abi: ABI, functionName: "take", args: [owner] });
    });
    for (const data of [...calls, ...calls.slice(-3), ...calls.slice(-3)]) {
      const theirs: unknown = decodeFunctionData({ abi: ABI, data });
      expect<unknown>(read(data)).toEqual(theirs);
      expect(read(`${data.slice(0, -2)}` as Hex)).toBeUndefined();
      expect(read(`${data.slice(0, -2)}` as Hex)).toBeUndefined();
    }
  });

  adversarial("reads nothing of another function, and nothing that is cut", () => {
    const owner: Hex = `0x${"11".repeat(20)}`;
    const data = encodeFunctionData({ abi: ABI, functionName: "take", args: [owner] });
    const foreign = encodeFunctionData({ abi: FOREIGN, functionName: "other", args: [owner] });

    expect(read(data)).toBeDefined();
    expect(read(foreign)).toBeUndefined();
    for (const cut of ["0x", "0x12", data.slice(0, 10), data.slice(0, -2)] as Hex[]) {
      expect(read(cut)).toBeUndefined();
    }
  });
});
