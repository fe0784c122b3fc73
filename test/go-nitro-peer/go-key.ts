/** The one key of a go-nitro node, and how it checks those of others. */
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash, PrivateKey, Signature, SignatureBackend } from "../../src/crypto/signature.ts";

export type GoKey = {
  readonly address: Address;
  readonly sign: (hash: Hash) => Signature;
  /** The signer; the zero address where there is none. */
  readonly recover: (hash: Hash, signature: Signature) => Address;
};

export function goKeyOf(backend: SignatureBackend, key: PrivateKey): GoKey {
  return {
    address: backend.addressOf(key),
    sign: (hash) => backend.signHash(hash, key),
    recover: (hash, signature) => backend.recoverSigner(hash, signature) ?? ZERO_ADDRESS,
  };
}
