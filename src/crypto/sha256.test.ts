/** SHA-256, native and portable, against another implementation. */
import { describe, expect } from "bun:test";
import { sha256 as reference } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { golden, property, unit } from "../../test/kind.ts";
import { portableSha256, portableSha256Into, sha256, sha256Into } from "./sha256.ts";

const byteArrays = fc.uint8Array({ minLength: 0, maxLength: 600 });

describe("sha256", () => {
  golden("hashes three letters as FIPS 180-2 prints it", () => {
    expect(sha256(new TextEncoder().encode("abc")).toHex()).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  property("native and portable give the bytes of another implementation", () => {
    fc.assert(
      fc.property(byteArrays, (bytes) => {
        const expected = reference(bytes);
        expect(sha256(bytes)).toEqual(expected);
        expect(portableSha256(bytes)).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
    for (let length = 0; length <= 600; length += 1) {
      const bytes = new Uint8Array(length).fill(length);
      expect(sha256(bytes)).toEqual(reference(bytes));
      expect(portableSha256(bytes)).toEqual(reference(bytes));
    }
  });

  unit("hashes into bytes that are given", () => {
    for (const hashInto of [sha256Into, portableSha256Into]) {
      const target = new Uint8Array(32);
      hashInto(Uint8Array.of(1), target);

      expect(target).toEqual(reference(Uint8Array.of(1)));
    }
  });

  unit("returns new bytes each time, which the next hash leaves alone", () => {
    for (const hash of [sha256, portableSha256]) {
      const first = hash(Uint8Array.of(1));
      const before = first.toHex();
      hash(Uint8Array.of(2)).fill(0);

      expect(first.toHex()).toBe(before);
    }
  });
});
