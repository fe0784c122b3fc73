/** The channel key of a running node: what can be done with it, and no way to see it. */
import type { Address } from "../../crypto/address.ts";
import type { Hash, PrivateKey, Signature } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { Hex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";

/** Signs with one key. Printed or written as JSON it shows its address alone. */
export type Signer = {
  readonly address: Address;
  /** As an EIP-191 personal message: states, vouchers, challenges. */
  readonly signHash: (hash: Hash) => Signature;
  /** A digest as it is: transactions, and handshakes that this node makes up itself. */
  readonly signDigest: (digest: Hash) => Signature;
};

/** Hides a key behind what it is for. The key is one of the curve: see `parseKey`. */
export function createSigner(key: PrivateKey): Signer {
  return {
    address: signatureBackend.addressOf(key),
    signHash: (hash) => signatureBackend.signHash(hash, key),
    signDigest: (digest) => signatureBackend.signDigest(digest, key),
  };
}

/** Reads a private key: 64 hexadecimal digits, with 0x or without. Never says what it was given. */
export function parseKey(text: string): Result<PrivateKey, { readonly code: "NotAKey" }> {
  const digits = text.trim().replace(/^0x/i, "").toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) return reject({ code: "NotAKey" });
  const key = `0x${digits}` as Hex as PrivateKey;
  try {
    signatureBackend.addressOf(key);
    return accept(key);
  } catch {
    // Zero, or not below the order of the curve.
    return reject({ code: "NotAKey" });
  }
}
