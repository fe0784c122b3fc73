/** secp256k1 in native code: libsecp256k1, prebuilt for some platforms. */
import { createRequire } from "node:module";
import { fromHex, type Hex } from "../primitives/hex.ts";
import type { Address } from "./address.ts";
import { addressOfPublicKey, formatSignature, parseSignature } from "./canonical-signature.ts";
import { personalDigest } from "./personal-message.ts";
import type { PrivateKey, Signature, SignatureBackend } from "./signature.ts";

type Native = {
  readonly ecdsaSign: (
    digest: Uint8Array,
    key: Uint8Array,
  ) => { readonly signature: Uint8Array; readonly recid: number };
  readonly ecdsaRecover: (
    rs: Uint8Array,
    recovery: number,
    digest: Uint8Array,
    compressed: boolean,
  ) => Uint8Array;
  readonly publicKeyCreate: (key: Uint8Array, compressed: boolean) => Uint8Array;
};

/** The native backend; undefined where no prebuilt binary loads. */
export function createNativeBackend(): SignatureBackend | undefined {
  const native = load();
  if (native === undefined) return undefined;
  const sign = (digest: Uint8Array, key: PrivateKey): Signature => {
    const { recid, signature } = native.ecdsaSign(digest, fromHex(key));
    return formatSignature(signature, recid);
  };
  const recover = (digest: Uint8Array, signature: Hex): Address | undefined => {
    const parts = parseSignature(signature);
    if (parts === undefined) return undefined;
    try {
      return addressOfPublicKey(native.ecdsaRecover(parts.rs, parts.recovery, digest, false));
    } catch {
      // No point of the curve has this r: nobody signed.
      return undefined;
    }
  };
  return {
    name: "native",
    addressOf: (key) => addressOfPublicKey(native.publicKeyCreate(fromHex(key), false)),
    signHash: (hash, key) => sign(personalDigest(hash), key),
    signDigest: (digest, key) => sign(fromHex(digest), key),
    recoverSigner: (hash, signature) => recover(personalDigest(hash), signature),
    recoverDigestSigner: (digest, signature) => recover(fromHex(digest), signature),
  };
}

/** The package's main entry would fall back to a slow library without a word: only this one is used. */
function load(): Native | undefined {
  try {
    return createRequire(import.meta.url)("secp256k1/bindings.js") as Native;
  } catch {
    return undefined;
  }
}
