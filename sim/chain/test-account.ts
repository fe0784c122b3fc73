/** Accounts with known keys, for tests on local chains. Their money is worth nothing. */
import type { Address } from "../../src/crypto/address.ts";
import type { Hash, PrivateKey, Signature } from "../../src/crypto/signature.ts";
import { signatureBackend } from "../../src/crypto/signatures.ts";

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
  return {
    key,
    address: signatureBackend.addressOf(key),
    signDigest: (digest) => signatureBackend.signDigest(digest, key),
    signHash: (hash) => signatureBackend.signHash(hash, key),
  };
}
