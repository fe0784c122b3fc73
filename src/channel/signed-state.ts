/** A state with the signatures that are known for it. */
import type { Signature } from "../crypto/signature.ts";
import { assert } from "../primitives/assert.ts";
import type { VariablePart } from "./state.ts";

/**
 * One slot per participant. Every signature in it was checked before it got there. The hash that they are
 * over is not kept: whoever checks one makes it, and a log is folded without a single one.
 */
export type SignedState = {
  readonly variablePart: VariablePart;
  readonly signatures: readonly (Signature | undefined)[];
};

/** True when everybody signed: what all our apps call supported. */
export function isSupported({ signatures }: SignedState): boolean {
  return signatures.every((signature) => signature !== undefined);
}

/** The state with the signature of participant `index`, which the caller has checked. */
export function withSignature(
  state: SignedState,
  index: number,
  signature: Signature,
): SignedState {
  assert(index >= 0 && index < state.signatures.length, "the signer is a participant");
  return { ...state, signatures: state.signatures.with(index, signature) };
}
