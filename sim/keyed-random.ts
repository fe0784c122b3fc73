/**
 * Chance in a simulation: every draw is a function of the seed and of what it is for, never of how many
 * draws came before. Leaving one step out of a run leaves the fate of all others as it was.
 */
import { SHA256_SIZE_BYTES, sha256, sha256Into } from "../src/crypto/sha256.ts";
import { assert } from "../src/primitives/assert.ts";

const text = new TextEncoder();

/** 32 bytes for the `n`-th draw under `key` of `component`: PRF(seed, component, key, n). */
export function drawBytes(seed: number, component: string, key: string, n: number): Uint8Array {
  return sha256(keyBytes(seed, component, key, n));
}

function keyBytes(seed: number, component: string, key: string, n: number): Uint8Array {
  return text.encode(JSON.stringify([seed, component, key, n]));
}

/** A whole number from `min` to `max`, both included, each as likely as the others. */
export function drawBetween(
  bounds: readonly [min: number, max: number],
  seed: number,
  component: string,
  key: string,
  n: number,
): number {
  const [min, max] = bounds;
  assert(min <= max, "the bounds are in order");
  return min + Math.floor(drawFraction(seed, component, key, n) * (max - min + 1));
}

/** Of the bytes drawn for a number only the number is kept: every frame and every question takes one. */
const drawn = new DataView(new ArrayBuffer(SHA256_SIZE_BYTES));
const drawnBytes = new Uint8Array(drawn.buffer);

/** A number from 0 up to, but not including, 1. */
export function drawFraction(seed: number, component: string, key: string, n: number): number {
  sha256Into(keyBytes(seed, component, key, n), drawnBytes);
  // 21 and 32 bits fill the 53 bits that a double can tell apart.
  return ((drawn.getUint32(0) >>> 11) * 2 ** 32 + drawn.getUint32(4)) / 2 ** 53;
}
