/** The check in front of each value of the index: what was changed or is another key's value counts as not there. */
import { sha256 } from "../crypto/sha256.ts";
import { concatBytes } from "../primitives/bytes.ts";

/** Bytes of the check: the first of SHA-256(domain, key, bytes behind the check). */
export const INDEX_CHECK_SIZE_BYTES = 8;

/** Put in front of what the check hashes, so that it is no other hash of the project. */
const CHECK_DOMAIN: Uint8Array = new TextEncoder().encode("channels index 1\n");

/** Writes the check over the first bytes of a value. */
export function sealIndex(key: Uint8Array, value: Uint8Array): void {
  value.set(checkOf(key, value));
}

/** True for a value as it was written under this key. Whoever writes the disk can make it true. */
export function isSealed(key: Uint8Array, value: Uint8Array): boolean {
  return checkOf(key, value).every((byte, at) => value[at] === byte);
}

function checkOf(key: Uint8Array, value: Uint8Array): Uint8Array {
  const checked = concatBytes(CHECK_DOMAIN, key, value.subarray(INDEX_CHECK_SIZE_BYTES));
  return sha256(checked).subarray(0, INDEX_CHECK_SIZE_BYTES);
}
