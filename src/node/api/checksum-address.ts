/** Addresses with their checksum in capitals, as people and go-nitro's `get_address` write them. */
import type { Address } from "../../crypto/address.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { toHex } from "../../primitives/hex.ts";

/** A digit is a capital where the hash of the lower-case digits has 8 or more. Source: ERC-55. */
export function checksumAddress(address: Address): string {
  const digits = address.slice(2);
  const hash = toHex(keccak256(new TextEncoder().encode(digits))).slice(2);
  const written = [...digits].map((digit, at) =>
    Number.parseInt(hash[at] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${written.join("")}`;
}
