/** The one form of a signature that is taken: everybody who reads it reads the same 65 bytes. */
import { fromHex, type Hex, isHex, toHex } from "../primitives/hex.ts";
import type { Address } from "./address.ts";
import { keccak256 } from "./keccak.ts";
import type { Signature } from "./signature.ts";

/** Half the order of the curve: a signature with a larger s is a malleated copy. Source: EIP-2. */
const HALF_ORDER: Hex = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
/** The order of the curve. Source: SEC 2, secp256k1. */
const ORDER: Hex = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const ZERO: Hex = `0x${"00".repeat(32)}`;

/** A signature taken apart: r and s, and the recovery bit. */
export type SignatureParts = { readonly rs: Uint8Array; readonly recovery: 0 | 1 };

/** Takes a signature apart; undefined when it is not in canonical form. */
export function parseSignature(signature: Hex): SignatureParts | undefined {
  if (!isHex(signature, 65)) return undefined;
  const r: Hex = `0x${signature.slice(2, 66)}`;
  const s: Hex = `0x${signature.slice(66, 130)}`;
  const v = signature.slice(130);
  // Equal lengths in lower case: the order of the texts is the order of the numbers.
  const inRange = r > ZERO && r < ORDER && s > ZERO && s <= HALF_ORDER;
  if (!inRange || (v !== "1b" && v !== "1c")) return undefined;
  return { rs: fromHex(signature).subarray(0, 64), recovery: v === "1b" ? 0 : 1 };
}

/** Puts a signature together. */
export function formatSignature(rs: Uint8Array, recovery: number): Signature {
  return `${toHex(rs)}${recovery === 0 ? "1b" : "1c"}` as Signature;
}

/** The address of an uncompressed public key of 65 bytes. */
export function addressOfPublicKey(publicKey: Uint8Array): Address {
  return toHex(keccak256(publicKey.subarray(1)).subarray(12)) as Address;
}
