/** The states that a virtual channel opens with, kept for as long as it may be disputed. */
import type { ChannelUse } from "./channel-use.ts";
import { isSupported, type SignedState } from "./signed-state.ts";
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

type Opened = {
  readonly use: ChannelUse;
  readonly supported: SignedState | undefined;
  readonly pending: ReadonlyMap<number, SignedState>;
  readonly wasOpen: boolean;
  readonly openingStates: OpeningStates;
};

/**
 * The states that can still be signed by all once `turnNum` was: those above it, and the postfund of a virtual
 * channel, which somebody may show to be whole after a final state has come.
 */
export function pendingAfter(
  { pending, use, wasOpen }: Opened,
  turnNum: number,
): Map<number, SignedState> {
  const isOpening = use.type === "Virtual" && !wasOpen;
  return new Map(
    [...pending].filter(
      ([turn]) => turn > turnNum || (isOpening && turn === TURN.postfund && turn < turnNum),
    ),
  );
}

/** The last signature on the postfund may come after the final state: the channel was open all the same. */
export function withLateOpening<Channel extends Opened>(channel: Channel): Channel {
  const { openingStates, supported, use } = channel;
  const postfund = channel.pending.get(TURN.postfund);
  const isLate = supported !== undefined && supported.variablePart.turnNum > TURN.postfund;
  if (!isLate || postfund === undefined || !isSupported(postfund)) return channel;
  const pending = new Map(channel.pending);
  pending.delete(TURN.postfund);
  const states = withOpeningState(openingStates, use, postfund);
  return { ...channel, pending, openingStates: states, wasOpen: true };
}
