/** Hexadecimal text: how bytes are held wherever they are compared, used as keys or shown. */
import { assert } from "./assert.ts";

/** Bytes as `0x` and lower-case digits, two per byte. One value has one text, so `===` compares bytes. */
export type Hex = `0x${string}`;

const LOWER_CASE_BYTES = /^0x(?:[0-9a-f]{2})*$/;

/** True for canonical hex of `sizeBytes` bytes, or of any whole number of bytes when no size is given. */
export function isHex(value: unknown, sizeBytes?: number): value is Hex {
  if (typeof value !== "string" || !LOWER_CASE_BYTES.test(value)) return false;
  return sizeBytes === undefined || value.length === 2 + 2 * sizeBytes;
}

/** Writes bytes as canonical hex. */
export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytes.toHex()}`;
}

/** Reads canonical hex. The caller has checked it: other text is a bug here, not a peer's fault. */
export function fromHex(hex: Hex): Uint8Array<ArrayBuffer> {
  assert(hex.startsWith("0x"), "hex starts with 0x");
  return Uint8Array.fromHex(hex.slice(2));
}

/** Number of bytes that a hex text stands for. */
export function hexSizeBytes(hex: Hex): number {
  return (hex.length - 2) / 2;
}
