/** secp256k1 in JavaScript: the reference, and what runs where nothing is prebuilt. */
import { ecdsa, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromHex, type Hex } from "../primitives/hex.ts";
import type { Address } from "./address.ts";
import { addressOfPublicKey, formatSignature, parseSignature } from "./canonical-signature.ts";
import { personalDigest } from "./personal-message.ts";
import type { PrivateKey, Signature, SignatureBackend } from "./signature.ts";

/** Halves the work of a recovery: n * P = a * P + b * beta(P), with a and b half as long. Source: GLV 2001. */
const ENDOMORPHISM = {
  beta: 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een,
  basises: [
    [0x3086d221a7d46bcde86c90e49284eb15n, -0xe4437ed6010e88286f547fa90abfe4c3n],
    [0x114ca50f7a8e2f3f657c1108d9d44cfd8n, 0x3086d221a7d46bcde86c90e49284eb15n],
  ] as [[bigint, bigint], [bigint, bigint]],
};

/**
 * The library masks each signature's arithmetic with random numbers where it finds a source of
 * them. Without one it takes its path of constant control flow, and a run needs no chance at all.
 */
const withoutChance = (): never => {
  throw new Error("signing takes no chance");
};

const { Fn, Fp } = secp256k1.Point;
const point = weierstrass(secp256k1.Point.CURVE(), {
  Fn,
  Fp,
  endo: ENDOMORPHISM,
  randomBytes: withoutChance,
});
const curve = ecdsa(point, sha256, { randomBytes: withoutChance });

/** The digest is hashed already; the format puts the recovery bit first; the nonce is RFC 6979's own. */
const SIGN_OPTIONS = { prehash: false, format: "recovered", extraEntropy: false } as const;

/** The JavaScript backend. */
export const nobleBackend: SignatureBackend = {
  name: "noble",
  addressOf: (key) => addressOfPublicKey(curve.getPublicKey(fromHex(key), false)),
  signHash: (hash, key) => sign(personalDigest(hash), key),
  signDigest: (digest, key) => sign(fromHex(digest), key),
  recoverSigner: (hash, signature) => recover(personalDigest(hash), signature),
  recoverDigestSigner: (digest, signature) => recover(fromHex(digest), signature),
};

function recover(digest: Uint8Array, signature: Hex): Address | undefined {
  const parts = parseSignature(signature);
  if (parts === undefined) return undefined;
  try {
    const signed = curve.Signature.fromBytes(parts.rs).addRecoveryBit(parts.recovery);
    return addressOfPublicKey(signed.recoverPublicKey(digest).toBytes(false));
  } catch {
    // No point of the curve has this r, or the key is the point at infinity: nobody signed.
    return undefined;
  }
}

function sign(digest: Uint8Array, key: PrivateKey): Signature {
  const signed = curve.sign(digest, fromHex(key), SIGN_OPTIONS);
  return formatSignature(signed.subarray(1), signed[0] ?? 0);
}
