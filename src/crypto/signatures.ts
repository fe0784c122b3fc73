/** The signature backend in use: the fastest that loads on this machine. */
import { assert, assertDefined } from "../primitives/assert.ts";
import { createNativeBackend } from "./native-secp256k1.ts";
import { nobleBackend } from "./noble-secp256k1.ts";
import type { SignatureBackend } from "./signature.ts";

/**
 * Native code where a prebuilt binary loads, otherwise JavaScript, which gives the same bytes.
 * `wanted` is `native` or `noble` to have that one and no other; any other word is a mistake.
 */
export function chooseSignatureBackend(wanted: string | undefined): SignatureBackend {
  assert(
    wanted === undefined || wanted === "native" || wanted === "noble",
    "CHANNELS_SIGNATURES is native or noble where it is set",
  );
  if (wanted === "noble") return nobleBackend;
  const native = createNativeBackend();
  if (wanted === "native") return assertDefined(native, "a native secp256k1 for this platform");
  return native ?? nobleBackend;
}

/** The environment is read once, when the program loads; a browser has none. */
const environment = typeof process === "undefined" ? undefined : process.env["CHANNELS_SIGNATURES"];

/** The backend of this process. The environment variable CHANNELS_SIGNATURES chooses another. */
export const signatureBackend: SignatureBackend = chooseSignatureBackend(environment);
