/** secp256k1 in JavaScript: the reference, and what runs where nothing is prebuilt. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { fromHex } from "../primitives/hex.ts";
import {
  addressOfPublicKey,
  formatSignature,
  parseSignature,
  personalDigest,
} from "./canonical-signature.ts";
import type { PrivateKey, Signature, SignatureBackend } from "./signature.ts";

/** The digest is hashed already; the format puts the recovery bit first. */
const RECOVERED = { prehash: false, format: "recovered" } as const;

/** The JavaScript backend. */
export const nobleBackend: SignatureBackend = {
  name: "noble",
  addressOf: (key) => addressOfPublicKey(secp256k1.getPublicKey(fromHex(key), false)),
  signHash: (hash, key) => sign(personalDigest(hash), key),
  signDigest: (digest, key) => sign(fromHex(digest), key),
  recoverSigner: (hash, signature) => {
    const parts = parseSignature(signature);
    if (parts === undefined) return undefined;
    try {
      const recoverable = new Uint8Array(65);
      recoverable[0] = parts.recovery;
      recoverable.set(parts.rs, 1);
      const key = secp256k1.recoverPublicKey(recoverable, personalDigest(hash), { prehash: false });
      return addressOfPublicKey(secp256k1.Point.fromBytes(key).toBytes(false));
    } catch {
      // No point of the curve has this r: nobody signed.
      return undefined;
    }
  },
};

function sign(digest: Uint8Array, key: PrivateKey): Signature {
  const signed = secp256k1.sign(digest, fromHex(key), RECOVERED);
  return formatSignature(signed.subarray(1), signed[0] ?? 0);
}
