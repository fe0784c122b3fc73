/** keccak-256, the hash of Ethereum. */
import { createKeccak } from "hash-wasm";

const hasher = await createKeccak(256);

/** Hashes bytes into 32 new ones. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}
