/** Signatures that cost almost nothing, for breadth. Only this process can check them. */

import type { Address } from "../src/crypto/address.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { Hash, PrivateKey, Signature, SignatureBackend } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, isHex, toHex } from "../src/primitives/hex.ts";

/** Begins the r of every stand-in, so that it can be told from a real signature. */
const MARK = "7374616e642d696e";

type Signed = { readonly hash: Hash; readonly key: PrivateKey };

/** A backend of stand-ins, and the way back to real signatures for the chain. */
export type StandInSignatures = SignatureBackend & {
  /** Replaces every stand-in in the data of a call by the real signature: contracts check those. */
  readonly makeReal: (data: Hex) => Hex;
};

/** Makes a backend. It remembers what it signed, so it lives as long as one world. */
export function standInSignatures(): StandInSignatures {
  const signed = new Map<string, Signed>();
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
      signed.set(signature.slice(2, 130), { hash, key });
      return signature;
    },
    recoverSigner: (hash, signature) => {
      if (!isHex(signature, 65)) return undefined;
      const known = signed.get(signature.slice(2, 130));
      return known?.hash === hash && signature.endsWith("1b") ? addressOf(known.key) : undefined;
    },
    signDigest: (digest, key) => signatureBackend.signDigest(digest, key),
    makeReal: (data) => replaceAll(data, signed),
  };
}

/** The data of a call with real signatures, whatever backend signed the states in it. */
export function makeReal(backend: SignatureBackend, data: Hex): Hex {
  return "makeReal" in backend ? (backend as StandInSignatures).makeReal(data) : data;
}

function standIn(hash: Hash, key: PrivateKey): Signature {
  const digest = toHex(sha256(concatBytes(fromHex(hash), fromHex(key)))).slice(2);
  const r = `${MARK}${digest.slice(0, 48)}`;
  return `0x${r}${digest}1b` as Signature;
}

/** In calldata a signature is three words: v, r and s. */
const SIGNATURE_WORDS = new RegExp(`0{62}1b(${MARK}[0-9a-f]{112})`, "g");

function replaceAll(data: Hex, signed: ReadonlyMap<string, Signed>): Hex {
  return data.replace(SIGNATURE_WORDS, (words, rs: string) => {
    const known = signed.get(rs);
    if (known === undefined) return words;
    const real = signatureBackend.signHash(known.hash, known.key).slice(2);
    return `${"0".repeat(62)}${real.slice(128)}${real.slice(0, 128)}`;
  }) as Hex;
}
