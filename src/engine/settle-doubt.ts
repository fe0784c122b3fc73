/** What a node does about signatures that it may have made, and that nobody can show it. */

import {
  type Channel,
  moverOf,
  nextTurn,
  phaseOf,
  supportedState,
  supportsTurn,
} from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { hasTwin } from "../channel/channel-use.ts";
import { COUNTER_MAX } from "../channel/payment-voucher.ts";
import { TURN } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import { LEDGER_TURN_STEP_MAX } from "../protocols/ledger.ts";
import { isCounted, paymentEnd } from "../protocols/payments.ts";
import { toOthers } from "../protocols/signing.ts";
import type { Draft } from "./draft.ts";
import { successorUnderWay } from "./held-successor.ts";

/**
 * Passes over the turns of a running channel at which this node may have signed, unseen by everybody, and
 * tells the others. The opening turns need none of it: what they say is fixed with the channel.
 */
export function settleDoubt(draft: Draft, channelId: ChannelId): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || channel.missingMax === 0) return;
  if (channel.use.type === "Virtual") {
    passCounters(draft, channel);
    return;
  }
  if (phaseOf(channel) === "Funding") return;
  const passedTurnNum = isReplaced(draft, channel) ? undefined : turnToPass(channel);
  draft.record({ type: "DoubtSettled", channelId, passedTurnNum });
  if (passedTurnNum === undefined) return;
  mark("resync/turns-passed");
  draft.request(...toOthers(channel, { type: "TurnPassed", channelId, turnNum: passedTurnNum }));
}

/**
 * True once I have signed, with the other one, what goes on in a ledger channel's place. I did so when nothing
 * waited, and since then I have signed nothing there but its end, which follows from what I signed.
 */
function isReplaced(draft: Draft, channel: Channel): boolean {
  const next = successorUnderWay(draft, channel);
  return next !== undefined && supportsTurn(next, TURN.postfund);
}

/**
 * In a virtual channel no turn is passed: each of its states is fixed but the last, and that one is shown by
 * whoever has heard of it. Counters of vouchers are, of both directions: whoever saw the lost ones is the other end
 * alone. She may withhold a voucher that I receipted, and sign another one of its counter, which could not outbid it.
 */
function passCounters(draft: Draft, channel: Channel): void {
  const { fixedPart, id: channelId } = channel;
  const passedTurnNum = counterToPass(channel);
  draft.record({ type: "DoubtSettled", channelId, passedTurnNum });
  const end = paymentEnd(channel);
  const to = end.ok ? fixedPart.participants[end.value.other] : undefined;
  if (passedTurnNum === undefined || to === undefined) return;
  mark("resync/counters-passed");
  const message = { type: "TurnPassed", channelId, turnNum: passedTurnNum } as const;
  draft.request({ type: "SendMessage", to, message });
}

function counterToPass({
  fixedPart,
  missingMax,
  myIndex,
  use,
  vouchers,
}: Channel): number | undefined {
  if (!isCounted({ fixedPart, myIndex, use })) return undefined;
  const { issued, received } = vouchers;
  const highest = Math.max(issued?.counter ?? 0, received?.counter ?? 0);
  return Math.min(highest + missingMax, COUNTER_MAX - 1);
}

/**
 * Alone this node signs only first, at a turn that is its own to begin: one such turn, as long as others tell
 * what they hold. Where they may not, there may have been as many turns as events are missing. The turn
 * behind is never its own: what the others began before they heard of it comes before what they begin there.
 * In a ledger channel the leader begins all turns, and the follower may have agreed to what the leader hides:
 * both pass as many as there can have been in the events that are missing.
 */
function turnToPass(channel: Channel): number | undefined {
  if (phaseOf(channel) !== "Running" || channel.finalSignedByMe) return undefined;
  const next = nextTurn(channel);
  if (hasTwin(channel)) return moveToPass(channel);
  if (channel.ledger !== undefined) return next - 1 + channel.missingMax * LEDGER_TURN_STEP_MAX;
  const last = next - 1 + (channel.missingMax > 1 ? channel.missingMax : 0);
  const passed = moverOf(channel, last + 1) === channel.myIndex ? last + 1 : last;
  return passed < next ? undefined : passed;
}

/**
 * In a game that its contract knows, moves stand right above each other: what nobody has seen of mine can only be the
 * next one. It is not signed again but on the chain, where whoever does not move loses all.
 */
function moveToPass(channel: Channel): number | undefined {
  const turnNum = supportedState(channel).variablePart.turnNum + 1;
  const isMine = moverOf(channel, turnNum) === channel.myIndex;
  return isMine && (channel.mySignedTurn ?? -1) < turnNum ? turnNum : undefined;
}
