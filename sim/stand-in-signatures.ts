/** Signatures that cost almost nothing, for breadth. Only this process can check them. */

import type { Address } from "../src/crypto/address.ts";
import { personalDigest } from "../src/crypto/personal-message.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { Hash, PrivateKey, Signature, SignatureBackend } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";
import { rememberSigner } from "./chain/model/ecrecover.ts";
import { changedHashes } from "./stand-in-signatures-states.ts";

/** Begins the r of every stand-in, so that it can be told from a real signature. */
const MARK = "7374616e642d696e";

/** What every stand-in has for v. */
const V = "1b";

type Signed = {
  readonly hash: Hash;
  readonly key: PrivateKey;
  readonly signer: Address;
  /** The real signature over some hash, the last that was made: a state is shown in several calls. */
  real?: { readonly hash: Hash; readonly signature: Signature };
};

/** The call that was completed last, and how many signatures were known then: they only become more. */
type LastCall = { readonly data: Hex; readonly real: Hex; readonly signed: number };

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
  /** A call is completed twice as a rule: when its gas is estimated, and when it is signed. */
  let last: LastCall | undefined;
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
      signed.set(signature, { hash, key, signer: addressOf(key) });
      return signature;
    },
    recoverSigner: (hash, signature) => {
      const known = signed.get(signature);
      return known?.hash === hash ? known.signer : undefined;
    },
    signDigest: (digest, key) => {
      const signature = signatureBackend.signDigest(digest, key);
      rememberSigner(digest, signature, addressOf(key));
      return signature;
    },
    recoverDigestSigner: signatureBackend.recoverDigestSigner,
    makeReal: (data) => {
      // What was signed in between may stand in this call, too.
      if (last?.data === data && last.signed === signed.size) return last.real;
      const none = new Map<Hash, Hash>();
      // Inside app data are signatures of vouchers: what they are over holds no signature itself.
      const hashes = changedHashes(data, (appData) => replaceAll(appData, signed, none));
      const real = replaceAll(data, signed, hashes);
      last = { data, real, signed: signed.size };
      return real;
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
const V_WORD = `${"0".repeat(62)}${V}`;
const RS_DIGITS = 128;

/** Signs anew whatever was signed by a stand-in: what `hashes` names over its new hash. Remembers what it signs. */
function replaceAll(data: Hex, signed: Map<Hex, Signed>, hashes: ReadonlyMap<Hash, Hash>): Hex {
  let real = "";
  let done = 0;
  // A pattern that begins with zeros tries each of the many zeros of calldata.
  for (let at = data.indexOf(MARK); at >= 0; at = data.indexOf(MARK, at + 1)) {
    const begin = at - V_WORD.length;
    if (begin < done || !data.startsWith(V_WORD, begin)) continue;
    const known = signed.get(`0x${data.slice(at, at + RS_DIGITS)}${V}`);
    if (known === undefined) continue;
    real += data.slice(done, begin) + realWords(known, signed, hashes);
    done = at + RS_DIGITS;
  }
  return `${real}${data.slice(done)}` as Hex;
}

function realWords(known: Signed, signed: Map<Hex, Signed>, hashes: ReadonlyMap<Hash, Hash>) {
  const { key, signer } = known;
  const hash = hashes.get(known.hash) ?? known.hash;
  if (known.real?.hash !== hash) known.real = { hash, signature: signForReal(hash, known) };
  const real = known.real.signature;
  signed.set(real, { hash, key, signer });
  const digits = real.slice(2);
  return `${"0".repeat(62)}${digits.slice(RS_DIGITS)}${digits.slice(0, RS_DIGITS)}`;
}

/** The model's contracts recover who signed this, and need no curve for it: its key is here. */
function signForReal(hash: Hash, { key, signer }: Signed): Signature {
  const signature = signatureBackend.signHash(hash, key);
  rememberSigner(toHex(personalDigest(hash)), signature, signer);
  return signature;
}
