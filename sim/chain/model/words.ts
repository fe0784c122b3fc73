/** Words of 32 bytes as the machine of a chain has them, written as hex without `0x`, and their arithmetic. */
import { keccak256 } from "../../../src/crypto/keccak.ts";
import { fromHex, type Hex, toHex } from "../../../src/primitives/hex.ts";

/** Values that a word can have: 2 to the power of 256. */
export const WORD_VALUES: bigint = 1n << 256n;

/** A number as a word. */
export function wordOf(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

/** Bytes in hex without `0x`, filled with zeros on the right up to whole words. */
export function padded(digits: string): string {
  return digits.padEnd(Math.ceil(digits.length / 64) * 64, "0");
}

/** A text as the ABI writes it behind its offset: size in bytes, then the bytes. */
export function encodeText(text: string): string {
  const digits = new TextEncoder().encode(text).toHex();
  return wordOf(BigInt(digits.length / 2)) + padded(digits);
}

/** keccak-256 of bytes in hex without `0x`. */
export function hashOf(digits: string): Hex {
  return toHex(keccak256(fromHex(`0x${digits}`)));
}
