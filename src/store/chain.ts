/** The chain of hashes along stored records, checked without reading what the records say. */
import { sha256 } from "../crypto/sha256.ts";
import { HASH_SIZE_BYTES, type RecordHash, storedHash } from "../events/record.ts";
import { concatBytes, equalBytes } from "../primitives/bytes.ts";
import { fromHex } from "../primitives/hex.ts";

/** How far a chain holds. */
export type ChainCheck = {
  /** Records, from the first, that are chained to the one before them. */
  readonly chained: number;
  /** Hash of the last of them, or the one that the chain began with. */
  readonly hash: RecordHash;
};

/** Hashes along `stored`, whose first record must be chained to `previousHash`. */
export function checkChain(previousHash: RecordHash, stored: readonly Uint8Array[]): ChainCheck {
  let hash: Uint8Array = fromHex(previousHash);
  let chained = 0;
  for (const bytes of stored) {
    const found = bytes.subarray(0, HASH_SIZE_BYTES);
    const expected = sha256(concatBytes(hash, bytes.subarray(HASH_SIZE_BYTES)));
    if (!equalBytes(found, expected)) break;
    hash = expected;
    chained += 1;
  }
  const last = stored[chained - 1];
  return { chained, hash: last === undefined ? previousHash : storedHash(last) };
}
