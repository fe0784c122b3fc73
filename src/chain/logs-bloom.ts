/** The filter in a block's header that tells which logs it cannot hold. Source: Ethereum yellow paper, 4.3.1. */
import { keccak256 } from "../crypto/keccak.ts";
import { fromHex, type Hex } from "../primitives/hex.ts";

/** Bits of the filter. */
const BLOOM_BITS = 2_048;

/** Pairs of bytes of a hash that each choose one bit. */
const BITS_PER_ENTRY = 3;

/** False when no log of the block is of that contract or topic. True says nothing for sure. */
export function mayHold(bloom: Hex, entry: Hex): boolean {
  const digest = keccak256(fromHex(entry));
  const bytes = fromHex(bloom);
  for (let pair = 0; pair < BITS_PER_ENTRY; pair++) {
    const bit = (((digest[2 * pair] ?? 0) << 8) | (digest[2 * pair + 1] ?? 0)) % BLOOM_BITS;
    const byte = bytes[bytes.length - 1 - (bit >> 3)] ?? 0;
    if ((byte & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
