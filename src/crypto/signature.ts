/** Recoverable secp256k1 signatures in the form that the contracts read. */
import type { Brand } from "../primitives/brand.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Address } from "./address.ts";

/** r (32 bytes), s (32 bytes, at most n/2) and v (27 or 28), 65 bytes in all. */
export type Signature = Brand<Hex, "Signature">;

/** A secp256k1 secret, 32 bytes. Never written to a log, an event or a message. */
export type PrivateKey = Brand<Hex, "PrivateKey">;

/** A keccak-256 digest, 32 bytes. */
export type Hash = Brand<Hex, "Hash">;

/**
 * One implementation of the curve. Every implementation gives the same bytes for the same input
 * (RFC 6979 nonces, low s) and refuses the same signatures, so one can stand in for another.
 */
export type SignatureBackend = {
  /** What a run reports as in use: "native", "noble", or the stand-in of a fast simulation. */
  readonly name: string;
  readonly addressOf: (key: PrivateKey) => Address;
  /** Signs `hash` as an EIP-191 personal message of 32 bytes: what every Nitro contract recovers. */
  readonly signHash: (hash: Hash, key: PrivateKey) => Signature;
  /**
   * The address that signed `hash` in that form; undefined when nobody did: a wrong length, r or s
   * zero or out of range, s above n/2, v other than 27 or 28, or a point that does not exist.
   */
  readonly recoverSigner: (hash: Hash, signature: Hex) => Address | undefined;
  /** Signs a 32-byte digest as it is, for transactions and handshakes. Never a digest that a peer chose. */
  readonly signDigest: (digest: Hash, key: PrivateKey) => Signature;
  /** The address that signed a digest as it is; undefined where `recoverSigner` would give undefined. */
  readonly recoverDigestSigner: (digest: Hash, signature: Hex) => Address | undefined;
};
