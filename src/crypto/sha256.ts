/** SHA-256, the hash of the event log and of traces. */
import { createSHA256 } from "hash-wasm";

/** Hashes bytes into 32 new ones. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Hashes bytes into 32 new ones. */
export const sha256: Sha256 = typeof Bun === "undefined" ? await createPortableSha256() : native;

/** SHA-256 in WebAssembly, for runtimes other than Bun. */
export async function createPortableSha256(): Promise<Sha256> {
  const hasher = await createSHA256();
  return (bytes) => hasher.init().update(bytes).digest("binary");
}

/** Bun's own, which uses the processor's instructions: several times as fast. */
function native(bytes: Uint8Array): Uint8Array {
  return Bun.SHA256.hash(bytes) as Uint8Array;
}
