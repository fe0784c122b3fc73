/** keccak-256 against another implementation. */
import { describe, expect } from "bun:test";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { golden, property, unit } from "../../test/kind.ts";
import { keccak256 } from "./keccak.ts";

const byteArrays = fc.uint8Array({ minLength: 0, maxLength: 600 });

describe("keccak256", () => {
  golden("hashes no bytes and three letters as Ethereum does", () => {
    const ofLetters = keccak256(new TextEncoder().encode("abc"));

    expect(keccak256(new Uint8Array()).toHex()).toBe(
      "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
    );
    expect(ofLetters.toHex()).toBe(
      "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
    );
  });

  property("gives the bytes of another implementation for every length up to 600", () => {
    fc.assert(
      fc.property(byteArrays, (bytes) => {
        expect(keccak256(bytes)).toEqual(keccak_256(bytes));
      }),
      { numRuns: 1_000 },
    );
    for (let length = 0; length <= 600; length += 1) {
      const bytes = new Uint8Array(length).fill(length);
      expect(keccak256(bytes)).toEqual(keccak_256(bytes));
    }
  });

  unit("hashes what is longer than the library's own buffer", () => {
    const bytes = new Uint8Array(100_003).fill(7);

    expect(keccak256(bytes)).toEqual(keccak_256(bytes));
  });

  unit("returns new bytes each time, which the next hash leaves alone", () => {
    const first = keccak256(Uint8Array.of(1));
    const before = first.toHex();
    const second = keccak256(Uint8Array.of(2));
    second.fill(0);

    expect(first.toHex()).toBe(before);
    expect(keccak256(Uint8Array.of(1)).toHex()).toBe(before);
  });
});
