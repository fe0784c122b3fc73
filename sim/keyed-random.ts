/**
 * Chance in a simulation: every draw is a function of the seed and of what it is for, never of how many
 * draws came before. Leaving one step out of a run leaves the fate of all others as it was.
 */
import { sha256 } from "../src/crypto/sha256.ts";
import { assert } from "../src/primitives/assert.ts";

const text = new TextEncoder();

/** 32 bytes for the `n`-th draw under `key` of `component`: PRF(seed, component, key, n). */
export function drawBytes(seed: number, component: string, key: string, n: number): Uint8Array {
  return sha256(text.encode(JSON.stringify([seed, component, key, n])));
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

/** A number from 0 up to, but not including, 1. */
export function drawFraction(seed: number, component: string, key: string, n: number): number {
  const bytes = drawBytes(seed, component, key, n);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  // 21 and 32 bits fill the 53 bits that a double can tell apart.
  return ((view.getUint32(0) >>> 11) * 2 ** 32 + view.getUint32(4)) / 2 ** 53;
}
