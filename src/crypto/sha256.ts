/** SHA-256, the hash of the event log and of traces. */
import { createSHA256 } from "hash-wasm";

const hash = typeof Bun === "undefined" ? await portable() : native;

/** Hashes bytes into 32 new ones. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash(bytes);
}

/** Bun's own, which uses the processor's instructions: seven times the portable one. */
function native(bytes: Uint8Array): Uint8Array {
  return Bun.SHA256.hash(bytes) as Uint8Array;
}

async function portable(): Promise<typeof native> {
  const hasher = await createSHA256();
  return (bytes) => hasher.init().update(bytes).digest("binary");
}
