/** Who signed, told again and again. */
import { describe, expect } from "bun:test";
import type { Hash } from "../../../src/crypto/signature.ts";
import { signatureBackend } from "../../../src/crypto/signatures.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { unit } from "../../../test/kind.ts";
import { keyOf } from "../../actors.ts";
import { addressOf } from "../../simulated-chain.ts";
import { type ContractSignature, ecrecover } from "./ecrecover.ts";

const digestOf = (n: number): Hash => `0x${n.toString(16).padStart(64, "0")}` as Hash;

function signatureOf(digest: Hash): ContractSignature {
  const signed = signatureBackend.signDigest(digest, keyOf("alice"));
  const r: Hex = `0x${signed.slice(2, 66)}`;
  const s: Hex = `0x${signed.slice(66, 130)}`;
  return { r, s, v: BigInt(`0x${signed.slice(130)}`) };
}

describe("ecrecover", () => {
  unit("names the signer, and somebody else for every other digest, r, s and v", () => {
    const [digest, other] = [digestOf(1), digestOf(2)];
    const signature = signatureOf(digest);
    const elsewhere = signatureOf(other);
    const ask = (changes: Partial<ContractSignature>): Hex | undefined =>
      ecrecover(digest, { ...signature, ...changes });

    for (const _ of ["anew", "from memory"]) {
      expect<Hex | undefined>(ask({})).toBe(addressOf("alice"));
      expect<Hex | undefined>(ecrecover(other, signature)).not.toBe(addressOf("alice"));
      expect<Hex | undefined>(ask({ r: elsewhere.r })).not.toBe(addressOf("alice"));
      expect<Hex | undefined>(ask({ s: elsewhere.s })).not.toBe(addressOf("alice"));
      expect<Hex | undefined>(ask({ v: 55n - signature.v })).not.toBe(addressOf("alice"));
      expect(ask({ v: 29n })).toBeUndefined();
    }
  });

  unit("still names the signer when more was asked since than is remembered", () => {
    const digest = digestOf(3);
    const signature = signatureOf(digest);
    expect<Hex | undefined>(ecrecover(digest, signature)).toBe(addressOf("alice"));
    for (let n = 0; n < 1_100; n++) ecrecover(digestOf(n), { ...signature, v: 0n });

    expect<Hex | undefined>(ecrecover(digest, signature)).toBe(addressOf("alice"));
  });
});
