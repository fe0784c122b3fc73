/** The digest of a personal message: what people's wallets sign, and what the contracts recover. */
import { concatBytes } from "../primitives/bytes.ts";
import { fromHex } from "../primitives/hex.ts";
import { keccak256 } from "./keccak.ts";
import type { Hash } from "./signature.ts";

/** Keeps a signed hash from ever being a transaction. It ends in the length of what follows it. */
const PREFIX = new TextEncoder().encode("\x19Ethereum Signed Message:\n32");

/** The 32 bytes that are signed when `hash` is. Source: EIP-191, version 0x45; NitroUtils.recoverSigner. */
export function personalDigest(hash: Hash): Uint8Array {
  return keccak256(concatBytes(PREFIX, fromHex(hash)));
}
