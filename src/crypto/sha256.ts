/** SHA-256, the hash of the event log and of traces. */
import { createSHA256 } from "hash-wasm";

/** Bytes of a SHA-256. */
export const SHA256_SIZE_BYTES = 32;

const hasher = await createSHA256();
const isNative: boolean = typeof Bun !== "undefined";

/** Hashes bytes into 32 new ones. */
export const sha256: (bytes: Uint8Array) => Uint8Array = isNative ? native : portableSha256;

/** Hashes bytes into the 32 of `target`: for many hashes in a row, each of which is soon forgotten. */
export const sha256Into: (bytes: Uint8Array, target: Uint8Array) => void = isNative
  ? nativeInto
  : portableSha256Into;

/** SHA-256 in WebAssembly, for runtimes other than Bun: the same bytes. */
export function portableSha256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}

/** The same, into `target`. */
export function portableSha256Into(bytes: Uint8Array, target: Uint8Array): void {
  target.set(portableSha256(bytes));
}

/** Bun's own, which uses the processor's instructions: several times as fast. */
function native(bytes: Uint8Array): Uint8Array {
  return Bun.SHA256.hash(bytes) as Uint8Array;
}

function nativeInto(bytes: Uint8Array, target: Uint8Array): void {
  Bun.SHA256.hash(bytes, target);
}
