/** What one player of a game with a twin can show to the chain, alone, at any moment. Source: ADR 0039. */
import { type Channel, stateAt } from "../channel/channel.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { TURN } from "../channel/state.ts";

/** A move that its mover alone has signed, and the state that it is played on, which the other one has signed. */
export type LoneMove = { readonly move: SignedState; readonly on: SignedState };

/**
 * My newest move, where the other one has not signed it: the contract supports it all the same. Undefined where both
 * have signed what I signed last, or where nothing is known of the state below that would prove it.
 */
export function loneMove(channel: Channel): LoneMove | undefined {
  const { myIndex, mySignedTurn = -1, supported, use } = channel;
  if (use.type !== "MessageLog" || !use.hasTwin || supported === undefined) return undefined;
  const move = channel.pending.get(mySignedTurn);
  const on = stateAt(channel, mySignedTurn - 1);
  if (move?.signatures[myIndex] === undefined || move.variablePart.isFinal) return undefined;
  const isProven = on?.signatures[1 - myIndex] !== undefined && !on.variablePart.isFinal;
  const isOpen = mySignedTurn > TURN.postfund && supported.variablePart.turnNum >= TURN.postfund;
  return isProven && isOpen && on !== undefined ? { move, on } : undefined;
}

/**
 * The newest state that the game can go on from, as the chain would see it: my own newest move, or the other one's that
 * is known here, else what both signed last. Undefined before the prefund.
 */
export function newestMove({ pending, supported }: Channel): SignedState | undefined {
  return [...pending.values()].reduce<SignedState | undefined>(
    (newest, state) => (isMoveAfter(state, newest) ? state : newest),
    supported,
  );
}

function isMoveAfter({ signatures, variablePart }: SignedState, newest?: SignedState): boolean {
  const isSigned = signatures.some((signature) => signature !== undefined);
  const { isFinal, turnNum } = variablePart;
  return isSigned && !isFinal && turnNum > (newest?.variablePart.turnNum ?? -1);
}
