/** The signature backend in use: the fastest that loads on this machine. */
import { createNativeBackend } from "./native-secp256k1.ts";
import { nobleBackend } from "./noble-secp256k1.ts";
import type { SignatureBackend } from "./signature.ts";

/** Set to `noble` to run without native code. */
const forced = typeof process === "undefined" ? undefined : process.env["CHANNELS_SIGNATURES"];

/** Native code where a prebuilt binary exists, otherwise JavaScript with the same bytes. */
export const signatureBackend: SignatureBackend =
  (forced === "noble" ? undefined : createNativeBackend()) ?? nobleBackend;
