/** Ethereum addresses: who a participant is, and what an asset is. */
import type { Brand } from "../primitives/brand.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";

/** An account or a contract: 20 bytes as lower-case hex, without checksum capitals. */
export type Address = Brand<Hex, "Address">;

/** Stands for the chain's own coin where an asset is named, and is refused where a person is. */
export const ZERO_ADDRESS: Address = `0x${"00".repeat(20)}` as Address;

/** Reads an address in any capitals. Checksum capitals are not checked: the bytes count. */
export function parseAddress(text: unknown): Result<Address, { readonly code: "NotAnAddress" }> {
  const lowered = typeof text === "string" ? text.toLowerCase() : text;
  return isHex(lowered, 20) ? accept(lowered as Address) : reject({ code: "NotAnAddress" });
}
