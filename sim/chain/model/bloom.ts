/** The filter in a block's header that says who cannot have written a log in it. Source: Yellow Paper, 4.4.3. */
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { fromHex, type Hex, toHex } from "../../../src/primitives/hex.ts";
import type { ModelLog } from "./machine.ts";

/** Bytes of the filter. */
const SIZE_BYTES = 256;

/** Bits of the filter, of which each entry sets three. */
const BITS = 8 * SIZE_BYTES;

/** The filter of most blocks. */
const EMPTY: Hex = `0x${"00".repeat(SIZE_BYTES)}`;

/** The filter of a block that told these. */
export function bloomOf(logs: readonly ModelLog[]): Hex {
  if (logs.length === 0) return EMPTY;
  const filter = new Uint8Array(SIZE_BYTES);
  for (const entry of new Set(logs.flatMap(({ address, topics }) => [address, ...topics]))) {
    const hash = new DataView(keccak256(fromHex(entry)).buffer);
    for (const at of [0, 2, 4]) {
      const bit = hash.getUint16(at) % BITS;
      const place = SIZE_BYTES - 1 - Math.floor(bit / 8);
      filter[place] = (filter[place] ?? 0) | (1 << (bit % 8));
    }
  }
  return toHex(filter);
}
