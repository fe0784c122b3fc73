/** SHA-256, the hash of the event log and of traces. */
import { createSHA256 } from "hash-wasm";

const hasher = await createSHA256();

/** Hashes bytes into 32 new ones. */
export const sha256: (bytes: Uint8Array) => Uint8Array =
  typeof Bun === "undefined" ? portableSha256 : native;

/** SHA-256 in WebAssembly, for runtimes other than Bun: the same bytes. */
export function portableSha256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}

/** Bun's own, which uses the processor's instructions: several times as fast. */
function native(bytes: Uint8Array): Uint8Array {
  return Bun.SHA256.hash(bytes) as Uint8Array;
}
