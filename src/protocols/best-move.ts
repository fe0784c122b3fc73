/** What one player of a game with a twin can show to the chain, alone, at any moment. Source: ADR 0039. */
import { type Channel, stateAt } from "../channel/channel.ts";
import { hasTwin } from "../channel/channel-use.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { TURN } from "../channel/state.ts";
import { moverAt, newestPlayed } from "./message-log-app.ts";
import type { Context } from "./protocol.ts";

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
 * The other one's move that ended the game, where the contract has seen it and takes nothing below it any more: unless
 * this node shows it, nobody has to, and nobody is paid. Undefined in every other case.
 */
export function endingMove(channel: Channel, { appOf }: Context): LoneMove | undefined {
  const { adjudication, fixedPart, myIndex, supported } = channel;
  const app = appOf(fixedPart.appDefinition);
  if (adjudication.type !== "Open" || supported === undefined) return undefined;
  if (!hasTwin(channel) || app?.type !== "MessageLog") return undefined;
  const { turnNumRecord } = adjudication;
  const move = newestPlayed(channel, app);
  const on = stateAt(channel, move.variablePart.turnNum - 1);
  const isTaken = supported.variablePart.turnNum < turnNumRecord;
  if (!isTaken || on === undefined || on.signatures[myIndex] === undefined) return undefined;
  const mover = moverAt(channel, move, app);
  return mover.ok && mover.value === undefined ? { move, on } : undefined;
}

/**
 * The newest state that the game can go on from, as the chain would see it: what both signed last, and the moves right
 * above it that are known here. Undefined before the prefund.
 */
export function newestMove(channel: Channel): SignedState | undefined {
  let newest = channel.supported;
  while (newest !== undefined) {
    const next = stateAt(channel, newest.variablePart.turnNum + 1);
    if (next === undefined || !isMoveOn(next)) return newest;
    newest = next;
  }
  return undefined;
}

function isMoveOn({ signatures, variablePart }: SignedState): boolean {
  return !variablePart.isFinal && signatures.some((signature) => signature !== undefined);
}
