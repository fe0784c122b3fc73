/** X25519: two make one secret, and who only listens does not. Source: RFC 7748. */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import type { Random } from "../../ports/random.ts";
import { assert } from "../../primitives/assert.ts";
import { concatBytes, equalBytes } from "../../primitives/bytes.ts";

/** Bytes of a secret, of a public key and of what two make together. */
export const KEY_BYTES = 32;

/** What stands before the 32 bytes of a secret in PKCS #8. Source: RFC 8410, section 7. */
const SECRET_HEAD: Uint8Array = Uint8Array.fromHex("302e020100300506032b656e04220420");

/** What stands before the 32 bytes of a public key. Source: RFC 8410, section 4. */
const PUBLIC_HEAD: Uint8Array = Uint8Array.fromHex("302a300506032b656e032100");

const NOTHING: Uint8Array = new Uint8Array(KEY_BYTES);

/** A secret and its public key. The secret stays inside the runtime's key object. */
export type KeyPair = { readonly secret: KeyObject; readonly publicKey: Uint8Array };

/** The pair of a secret of 32 bytes, any of which is one. */
export function keyPairOf(secretBytes: Uint8Array): KeyPair {
  assert(secretBytes.length === KEY_BYTES, "a secret has 32 bytes");
  const key = Buffer.from(concatBytes(SECRET_HEAD, secretBytes));
  const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const encoded = createPublicKey(secret).export({ format: "der", type: "spki" });
  return { secret, publicKey: new Uint8Array(encoded.subarray(PUBLIC_HEAD.length)) };
}

/** A new pair, by chance. */
export function drawKeyPair(random: Random): KeyPair {
  return keyPairOf(random.bytes(KEY_BYTES));
}

/**
 * What two make together; undefined for a public key of low order, which would make the same with everybody:
 * the other side's fault, and never that of an honest one.
 */
export function sharedSecret({ secret }: KeyPair, theirs: Uint8Array): Uint8Array | undefined {
  assert(theirs.length === KEY_BYTES, "a public key has 32 bytes");
  try {
    const key = Buffer.from(concatBytes(PUBLIC_HEAD, theirs));
    const publicKey = createPublicKey({ key, format: "der", type: "spki" });
    const shared = new Uint8Array(diffieHellman({ privateKey: secret, publicKey }));
    return equalBytes(shared, NOTHING) ? undefined : shared;
  } catch {
    // The runtime refuses such keys itself.
    return undefined;
  }
}
