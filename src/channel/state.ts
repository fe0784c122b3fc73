/** A state of a channel, and the hash that participants sign. */
import type { Hex } from "../primitives/hex.ts";
import type { Outcome } from "./outcome.ts";

/** What changes from state to state. Source: INitroTypes.VariablePart. */
export type VariablePart = {
  readonly outcome: Outcome;
  readonly appData: Hex;
  /** uint48. */
  readonly turnNum: number;
  readonly isFinal: boolean;
};

/** Turn numbers that every protocol gives the same meaning. Later turns belong to the application. */
export const TURN: { readonly prefund: 0; readonly postfund: 1 } = { prefund: 0, postfund: 1 };

/** The last turn a contract can store: 2^48 - 1. */
export const TURN_NUM_MAX: number = 2 ** 48 - 1;
