/** The signatures of a recording: real ones, or others of the same size and randomness at a fraction of the cost. */
import type { Address } from "../src/crypto/address.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { Hash, PrivateKey, Signature } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";

/**
 * Signatures that can be recovered at a time: 65,536. Nodes that are never more than some hundred messages
 * apart ask for no older ones, and a recording of any length keeps the same memory.
 */
const REMEMBERED_MAX = 65_536;

/** Signs, and knows again what it signed. Only the process that signed can. */
export type RecordingSignatures = {
  readonly addressOf: (key: PrivateKey) => Address;
  readonly sign: (hash: Hash, key: PrivateKey) => Signature;
  readonly recover: (hash: Hash, signature: Hex) => Address | undefined;
};

/** Whose signatures a recording holds: `real` ones can be checked by anybody, and take ten times as long. */
export type SignatureKind = "real" | "stand-in";

/** Makes signatures for one recording. */
export function createRecordingSignatures(kind: SignatureKind): RecordingSignatures {
  return kind === "real" ? REAL : createStandIns();
}

const REAL: RecordingSignatures = {
  addressOf: signatureBackend.addressOf,
  sign: signatureBackend.signHash,
  recover: signatureBackend.recoverSigner,
};

function createStandIns(): RecordingSignatures {
  const signed = new Map<Hex, { readonly hash: Hash; readonly by: Address }>();
  const addresses = new Map<PrivateKey, Address>();
  const addressOf = (key: PrivateKey): Address => {
    const known = addresses.get(key) ?? signatureBackend.addressOf(key);
    addresses.set(key, known);
    return known;
  };
  return {
    addressOf,
    sign: (hash, key) => {
      const signature = signatureOf(hash, key);
      signed.set(signature, { hash, by: addressOf(key) });
      if (signed.size > REMEMBERED_MAX) forgetOldest(signed);
      return signature;
    },
    recover: (hash, signature) => {
      const known = signed.get(signature);
      return known?.hash === hash ? known.by : undefined;
    },
  };
}

function forgetOldest(signed: Map<Hex, unknown>): void {
  for (const signature of signed.keys()) {
    signed.delete(signature);
    return;
  }
}

/** Two digests, each made smaller than what limits r and s in a canonical signature. */
function signatureOf(hash: Hash, key: PrivateKey): Signature {
  const r = sha256(concatBytes(fromHex(hash), fromHex(key)));
  const s = sha256(r);
  const v = (r[31] ?? 0) & 1 ? "1b" : "1c";
  r[0] = (r[0] ?? 0) & 0x7f;
  s[0] = (s[0] ?? 0) & 0x3f;
  return `${toHex(r)}${toHex(s).slice(2)}${v}` as Signature;
}
