/** The states that a virtual channel opens with, kept for as long as it may be disputed. */
import type { ChannelUse } from "./channel-use.ts";
import type { SignedState } from "./signed-state.ts";
import { TURN } from "./state.ts";

/**
 * The prefund and the postfund of a virtual channel as all have signed them, as far as they have; none of any
 * other channel. The prefund alone lets an intermediary finalise a channel that never opened, the postfund is
 * the proof that vouchers count: both outlive the states that follow them. Source: ADR 0014.
 */
export type OpeningStates = readonly SignedState[];

/** The opening states after a state became the supported one. */
export function withOpeningState(
  states: OpeningStates,
  use: ChannelUse,
  state: SignedState,
): OpeningStates {
  const isOpening = use.type === "Virtual" && state.variablePart.turnNum <= TURN.postfund;
  return isOpening ? [...states, state] : states;
}
