/** Who may close a channel, and when. */
import {
  type Channel,
  moverOf,
  nextTurn,
  phaseOf,
  supportedState,
  supportsTurn,
} from "../channel/channel.ts";
import { coversOpening } from "../channel/holdings.ts";
import { guaranteeCount } from "../channel/ledger-outcome.ts";
import { directDefundId, type ObjectiveId, virtualDefundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isIdleLedger } from "../protocols/ledger.ts";
import { checkGameEnd } from "../protocols/message-log-app.ts";
import type { Goal, Objective } from "../protocols/objective.ts";
import type { Context } from "../protocols/protocol.ts";
import type { Rejection } from "../protocols/rejection.ts";

type Checked = Result<undefined, Rejection>;

/** What closes a channel of this use. */
export function closingGoal({ id, use }: Channel): {
  readonly id: ObjectiveId;
  readonly goal: Goal;
} {
  return use.type === "Virtual"
    ? { id: virtualDefundId(id), goal: { type: "VirtualDefund" } }
    : { id: directDefundId(id), goal: { type: "DirectDefund" } };
}

/**
 * True for a closing of this node's own that somebody refused: a ledger channel that was in use then may be
 * closed later, whoever asks, and under the same name.
 */
export function mayAskAgain({ myIndex }: Channel, known: Objective): boolean {
  const isMine = known.goal.type === "DirectDefund" && known.openedBy === myIndex;
  return isMine && known.status === "Rejected";
}

/**
 * Refuses a state that nobody asked me for where it cannot begin an objective now. A ledger channel ends only
 * without guarantees: what I still want of it beside them ends with it.
 */
export function checkBeginning(channel: Channel, isFinal: boolean): Checked {
  const phase = phaseOf(channel);
  const isReady =
    channel.use.type === "Virtual" ? supportsTurn(channel, TURN.prefund) : phase === "Running";
  if (!isReady) return reject({ code: "ChannelNotRunning", phase });
  if (!isFinal || channel.ledger === undefined) return accept(undefined);
  const isEmpty = guaranteeCount(supportedState(channel).variablePart.outcome) === 0;
  return isEmpty ? accept(undefined) : reject({ code: "LedgerNotEmpty" });
}

/**
 * Refuses participant `by` to close what is not open, funds other channels, or is a game that somebody else has to go
 * on with. A virtual channel that never came to be open is
 * closed in the same way: its guarantees may be there already.
 */
export function checkClosing(channel: Channel, by: number, { appOf }: Context): Checked {
  if (channel.use.type === "Virtual") {
    const isKnown = supportsTurn(channel, TURN.prefund) && phaseOf(channel) !== "Finalized";
    return isKnown
      ? accept(undefined)
      : reject({ code: "ChannelNotRunning", phase: phaseOf(channel) });
  }
  const open = checkOpenToWishes(channel);
  if (!open.ok) return open;
  const app = appOf(channel.fixedPart.appDefinition);
  if (app?.type === "MessageLog") return checkGameEnd(channel, by, app);
  if (channel.ledger === undefined) return open;
  if (!coversOpening(channel)) return reject({ code: "LedgerNotFunded" });
  return isIdleLedger(channel) ? open : reject({ code: "LedgerNotEmpty" });
}

/**
 * With three or more participants one may know before another that the channel runs: it does once all
 * have signed the postfund, and whoever has signed it herself can wait for the last signature.
 */
export function checkOpenToWishes(channel: Channel): Checked {
  const phase = phaseOf(channel);
  const isAlmostOpen =
    phase === "Funding" &&
    channel.supported !== undefined &&
    channel.mySignedTurn === TURN.postfund &&
    channel.fixedPart.participants.length > 2;
  const isOpen = phase === "Running" && !channel.finalSignedByMe;
  return isOpen || isAlmostOpen ? accept(undefined) : reject({ code: "ChannelNotRunning", phase });
}

/** Refuses to sign first in a channel that is not open for it, or at a turn that is never mine. */
export function checkAskable(channel: Channel, turnNum: number): Checked {
  const open = checkOpenToWishes(channel);
  if (!open.ok) return open;
  const expected = nextTurn(channel);
  const furthest = expected + channel.fixedPart.participants.length;
  const isMine = moverOf(channel, turnNum) === channel.myIndex;
  return isMine && turnNum <= furthest
    ? accept(undefined)
    : reject({ code: "TurnOutOfOrder", turnNum, expected });
}
