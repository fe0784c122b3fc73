/** What a guarantee says about who is paid from it: the metadata of its allocation. */
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Destination } from "./destination.ts";

/** The two who fund a target channel through a ledger, in the target's order: the left one pays. */
export type Guarantee = { readonly left: Destination; readonly right: Destination };

/** Two words and the `0x` before them, in characters. */
const TEXT_LENGTH = 2 + 2 * 64;
const MIDDLE = 2 + 64;

/** `abi.encode(left, right)`: 64 bytes. Source: go-nitro, outcome/guarantee.go. */
export function encodeGuarantee({ left, right }: Guarantee): Hex {
  return `${left}${right.slice(2)}` as Hex;
}

/** Reads the metadata of a guarantee. A peer who sends another length is at fault. */
export function decodeGuarantee(
  metadata: Hex,
): Result<Guarantee, { readonly code: "NotAGuarantee" }> {
  if (metadata.length !== TEXT_LENGTH) return reject({ code: "NotAGuarantee" });
  return accept({
    left: metadata.slice(0, MIDDLE) as Destination,
    right: `0x${metadata.slice(MIDDLE)}` as Destination,
  });
}
