/** SHA-256, the hash of the event log and of traces. */
import { createSHA256 } from "hash-wasm";

/** For where there is no Bun: browsers and Node.js. */
const portable = typeof Bun === "undefined" ? await createSHA256() : undefined;

/** Hashes bytes into 32 new ones. Bun's own uses the processor: seven times as fast as the portable one. */
export function sha256(bytes: Uint8Array): Uint8Array {
  if (portable === undefined) return Bun.SHA256.hash(bytes) as Uint8Array;
  return portable.init().update(bytes).digest("binary");
}
