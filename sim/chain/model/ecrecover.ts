/** The contract of every chain that tells who signed: `ecrecover`. Unlike this program it takes any `s`. Source: EVM, precompile 1. */
import { createRequire } from "node:module";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { fromHex, type Hex, toHex } from "../../../src/primitives/hex.ts";

/** A signature as a contract is given it. */
export type ContractSignature = { readonly v: bigint; readonly r: Hex; readonly s: Hex };

type Recover = (rs: Uint8Array, recovery: 0 | 1, digest: Uint8Array) => Uint8Array;

/** The order of the curve. Source: SEC 2, secp256k1. */
const ORDER: Hex = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const ZERO: Hex = `0x${"00".repeat(32)}`;

const recover: Recover = nativeRecover() ?? nobleRecover;

/** The address whose key signed the digest; undefined when there is none. */
export function ecrecover(digest: Hex, { r, s, v }: ContractSignature): Hex | undefined {
  const inRange = r > ZERO && r < ORDER && s > ZERO && s < ORDER;
  if (!inRange || (v !== 27n && v !== 28n)) return undefined;
  try {
    const key = recover(fromHex(`${r}${s.slice(2)}`), v === 27n ? 0 : 1, fromHex(digest));
    return toHex(keccak256(key.subarray(1)).subarray(12));
  } catch {
    // No point of the curve has this r, or the key is the point at infinity.
    return undefined;
  }
}

function nativeRecover(): Recover | undefined {
  try {
    const native = createRequire(import.meta.url)("secp256k1/bindings.js") as {
      readonly ecdsaRecover: (...args: [...Parameters<Recover>, boolean]) => Uint8Array;
    };
    return (rs, recovery, digest) => native.ecdsaRecover(rs, recovery, digest, false);
  } catch {
    return undefined;
  }
}

function nobleRecover(rs: Uint8Array, recovery: 0 | 1, digest: Uint8Array): Uint8Array {
  const signature = secp256k1.Signature.fromBytes(rs).addRecoveryBit(recovery);
  return signature.recoverPublicKey(digest).toBytes(false);
}
