/** Accounts with known keys, for tests on local chains. Their money is worth nothing. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak256 } from "viem";
import type { Address } from "../../src/crypto/address.ts";
import type { Hash, PrivateKey, Signature } from "../../src/crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../../src/primitives/hex.ts";

/** An account that signs. */
export type TestAccount = {
  readonly key: PrivateKey;
  readonly address: Address;
  /** Signs a digest as it is. */
  readonly signDigest: (digest: Hash) => Signature;
  /** Signs 32 bytes as an EIP-191 personal message, as participants of a channel do. */
  readonly signHash: (hash: Hash) => Signature;
};

/** The account whose key is the number, 1 or more. The same number is the same account in every run. */
export function testAccount(number: number): TestAccount {
  const key = `0x${number.toString(16).padStart(64, "0")}` as PrivateKey;
  const publicKey = secp256k1.getPublicKey(fromHex(key), false);
  const address = `0x${keccak256(publicKey.slice(1)).slice(-40)}` as Address;
  const signDigest = (digest: Hash): Signature => sign(digest, key);
  return { key, address, signDigest, signHash: (hash) => signDigest(personalDigest(hash)) };
}

/** Source: EIP-191, version 0x45, for a message of 32 bytes. */
function personalDigest(hash: Hash): Hash {
  const prefix = Buffer.from("\x19Ethereum Signed Message:\n32", "latin1").toString("hex");
  return keccak256(`0x${prefix}${hash.slice(2)}`) as Hash;
}

function sign(digest: Hash, key: PrivateKey): Signature {
  const options = { prehash: false, format: "recovered" } as const;
  const [recovery = 0, ...rs] = secp256k1.sign(fromHex(digest), fromHex(key), options);
  const v: Hex = `0x${(27 + recovery).toString(16)}`;
  return `${toHex(Uint8Array.from(rs))}${v.slice(2)}` as Signature;
}
