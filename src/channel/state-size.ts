/** How much of a message a state takes, at most: a state that fits none could be agreed on by nobody. */
import { type Hex, hexSizeBytes } from "../primitives/hex.ts";
import type { Allocation, SingleAssetExit } from "./outcome.ts";
import type { VariablePart } from "./state.ts";

/**
 * Bytes of a state in a message: 48,000. A payload has 65,536, and beside a state stand at most 17,388:
 * 257 signatures of 67, the name of the objective with 130, the channel's with 34, and the heads.
 */
export const STATE_IN_MESSAGE_BYTES_MAX = 48_000;

/** Heads of the lists and of app data, the largest turn and the flag. */
const STATE_BYTES = 17;
/** An asset of 22 bytes, its type of 2, and the heads around them. */
const EXIT_BYTES = 32;
/** A destination of 34 bytes, the largest amount of 34, a type of 2, and the heads around them. */
const ALLOCATION_BYTES = 74;

/**
 * The most that a state of this shape takes, whatever its amounts and its turn are: a payment never
 * makes a state too large that was small enough before.
 */
export function sizeInMessageMax({ appData, outcome }: VariablePart): number {
  return STATE_BYTES + hexSizeBytes(appData) + sumOf(outcome, exitSize);
}

function exitSize({ allocations, assetMetadata }: SingleAssetExit): number {
  return EXIT_BYTES + hexSizeBytes(assetMetadata.metadata) + sumOf(allocations, allocationSize);
}

function allocationSize({ metadata }: { readonly metadata: Hex }): number {
  return ALLOCATION_BYTES + hexSizeBytes(metadata);
}

function sumOf<Part extends SingleAssetExit | Allocation>(
  parts: readonly Part[],
  sizeOf: (part: Part) => number,
): number {
  return parts.reduce((sum, part) => sum + sizeOf(part), 0);
}
