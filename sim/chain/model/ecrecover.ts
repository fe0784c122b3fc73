/** The contract of every chain that tells who signed: `ecrecover`. Unlike this program it takes any `s`. Source: EVM, precompile 1. */
import { createRequire } from "node:module";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "../../../src/crypto/keccak.ts";
import type { Signature } from "../../../src/crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../../../src/primitives/hex.ts";

/** A signature as a contract is given it. */
export type ContractSignature = { readonly v: bigint; readonly r: Hex; readonly s: Hex };

type Recover = (rs: Uint8Array, recovery: 0 | 1, digest: Uint8Array) => Uint8Array;

/** The order of the curve. Source: SEC 2, secp256k1. */
const ORDER: Hex = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const ZERO: Hex = `0x${"00".repeat(32)}`;

const recover: Recover = nativeRecover() ?? nobleRecover;

/**
 * Signers that are remembered: 1,024, of some 350 bytes each. A transaction is looked at when it is estimated, when it
 * is sent, by each endpoint, and when it is mined; and what it shows to a contract each time that it runs.
 */
const SIGNERS_MAX = 1_024;

const signers = new Map<string, Hex | undefined>();

/** The address whose key signed the digest; undefined when there is none. */
export function ecrecover(digest: Hex, signature: ContractSignature): Hex | undefined {
  const name = nameOf(digest, signature);
  if (signers.has(name)) return signers.get(name);
  const signer = recoverAnew(digest, signature);
  remember(name, signer);
  return signer;
}

/** Takes word for it that this address signed the digest: for whoever has just made the signature with its key. */
export function rememberSigner(digest: Hex, signature: Signature, signer: Hex): void {
  const digits = signature.slice(2);
  const r: Hex = `0x${digits.slice(0, 64)}`;
  const s: Hex = `0x${digits.slice(64, 128)}`;
  remember(nameOf(digest, { r, s, v: BigInt(`0x${digits.slice(128)}`) }), signer);
}

function nameOf(digest: Hex, { r, s, v }: ContractSignature): string {
  return `${digest} ${r} ${s} ${v}`;
}

function remember(name: string, signer: Hex | undefined): void {
  if (signers.size >= SIGNERS_MAX) signers.clear();
  signers.set(name, signer);
}

function recoverAnew(digest: Hex, { r, s, v }: ContractSignature): Hex | undefined {
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
