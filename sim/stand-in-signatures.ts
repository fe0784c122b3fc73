/** Signatures that cost almost nothing, for breadth. Only this process can check them. */

import type { Address } from "../src/crypto/address.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { Hash, PrivateKey, Signature, SignatureBackend } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";
import { changedHashes } from "./stand-in-signatures-states.ts";

/** Begins the r of every stand-in, so that it can be told from a real signature. */
const MARK = "7374616e642d696e";

/** What every stand-in has for v. */
const V = "1b";

type Signed = { readonly hash: Hash; readonly key: PrivateKey };

/** A backend of stand-ins, and the way back to real signatures for the chain. */
export type StandInSignatures = SignatureBackend & {
  /**
   * Replaces every stand-in in the data of a call by the real signature: contracts check those. Where a state holds
   * stand-ins in its app data its hash changes with them, and its signatures are over the new one. From then on
   * this backend takes the real ones too: nodes read them back from the chain.
   */
  readonly makeReal: (data: Hex) => Hex;
};

/** Makes a backend. It remembers what it signed, so it lives as long as one world. */
export function standInSignatures(): StandInSignatures {
  const signed = new Map<Hex, Signed>();
  const addresses = new Map<PrivateKey, Address>();
  const addressOf = (key: PrivateKey): Address => {
    const known = addresses.get(key) ?? signatureBackend.addressOf(key);
    addresses.set(key, known);
    return known;
  };
  return {
    name: "stand-in",
    addressOf,
    signHash: (hash, key) => {
      const signature = standIn(hash, key);
      signed.set(signature, { hash, key });
      return signature;
    },
    recoverSigner: (hash, signature) => {
      const known = signed.get(signature);
      return known?.hash === hash ? addressOf(known.key) : undefined;
    },
    signDigest: (digest, key) => signatureBackend.signDigest(digest, key),
    recoverDigestSigner: signatureBackend.recoverDigestSigner,
    makeReal: (data) => {
      const none = new Map<Hash, Hash>();
      // Inside app data are signatures of vouchers: what they are over holds no signature itself.
      const hashes = changedHashes(data, (appData) => replaceAll(appData, signed, none));
      return replaceAll(data, signed, hashes);
    },
  };
}

/** The data of a call with real signatures, whatever backend signed the states in it. */
export function makeReal(backend: SignatureBackend, data: Hex): Hex {
  return "makeReal" in backend ? (backend as StandInSignatures).makeReal(data) : data;
}

function standIn(hash: Hash, key: PrivateKey): Signature {
  const digest = toHex(sha256(concatBytes(fromHex(hash), fromHex(key)))).slice(2);
  const r = `${MARK}${digest.slice(0, 48)}`;
  return `0x${r}${digest}${V}` as Signature;
}

/** In calldata and in app data a signature is three words: v, r and s. */
const SIGNATURE_WORDS = new RegExp(`0{62}${V}(${MARK}[0-9a-f]{112})`, "g");

/** Signs anew whatever was signed by a stand-in: what `hashes` names over its new hash. Remembers what it signs. */
function replaceAll(data: Hex, signed: Map<Hex, Signed>, hashes: ReadonlyMap<Hash, Hash>): Hex {
  return data.replace(SIGNATURE_WORDS, (words, rs: string) => {
    const known = signed.get(`0x${rs}${V}`);
    if (known === undefined) return words;
    const { key } = known;
    const hash = hashes.get(known.hash) ?? known.hash;
    const real = signatureBackend.signHash(hash, key);
    signed.set(real, { hash, key });
    const digits = real.slice(2);
    return `${"0".repeat(62)}${digits.slice(128)}${digits.slice(0, 128)}`;
  }) as Hex;
}
