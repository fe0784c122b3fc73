/** Another participant passes over turns at which she may have signed what nobody has seen. */

import { type Channel, isInDispute, moverOf, nextTurn } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { hasTwin } from "../channel/channel-use.ts";
import { COUNTER_MAX } from "../channel/payment-voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { isCounted, paymentEnd, renew } from "../protocols/payments.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { crankChannel } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { isPassable } from "./fence.ts";
import { wishAt } from "./repeat-open.ts";
import type { Rules } from "./rules.ts";
import { senderOf } from "./sender.ts";

/**
 * Turns that one participant may pass over at once: 2^32, more than events in any log, so that nobody who
 * lost one is refused. Turn numbers last for 65,536 such losses; whoever means harm ends only her own channel.
 */
const TURNS_PASSED_MAX: number = 2 ** 32;

/**
 * Counters of vouchers that one end may pass over at once: 2^24, sixteen times what is passed where nothing says how much
 * is lost. Counters last for 256 such losses; whoever means harm ends only payments in her own channel.
 */
const COUNTERS_PASSED_MAX: number = 2 ** 24;

/** Goes on at a later turn. Whoever passes gives up her own turns, and money never moves by it. */
export function decideTurnPassed(
  draft: Draft,
  from: Address,
  { channelId, turnNum }: ResyncMessage & { readonly type: "TurnPassed" },
  rules: Rules,
): Result<undefined, Rejection> {
  const sender = senderOf(draft, channelId, from);
  if (!sender.ok) return sender;
  const { by, channel } = sender.value;
  if (channel.use.type === "Virtual")
    return hearCounters(draft, channel, { by, counter: turnNum }, rules);
  const expected = nextTurn(channel);
  if (turnNum < firstToPass(channel)) return accept(undefined);
  // Moves stand right above each other. Whoever passes her own turn has to move on the chain, and nobody else has.
  if (hasTwin(channel)) return accept(undefined);
  const isNear = turnNum < expected + TURNS_PASSED_MAX;
  if (!isNear || !isPassable(turnNum)) return reject({ code: "TurnOutOfOrder", turnNum, expected });
  mark("resync/peer-passed-turns");
  draft.record({ type: "TurnPassed", channelId, by, turnNum });
  beginAnew(draft, channelId);
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/** Counts on above the counters of vouchers that the other end passes. */
function hearCounters(
  draft: Draft,
  channel: Channel,
  { by, counter }: { readonly by: number; readonly counter: number },
  rules: Rules,
): Result<undefined, Rejection> {
  const end = paymentEnd(channel);
  if (!isCounted(channel) || !end.ok || end.value.other !== by) return reject({ code: "NotAnEnd" });
  const { id: channelId, passedTurn = 0, vouchers } = channel;
  const known = Math.max(
    vouchers.issued?.counter ?? 0,
    vouchers.received?.counter ?? 0,
    passedTurn,
  );
  if (counter < Math.max(vouchers.issued?.counter ?? 0, passedTurn + 1)) return accept(undefined);
  if (counter > known + COUNTERS_PASSED_MAX || counter >= COUNTER_MAX) {
    return reject({ code: "TurnOutOfOrder", turnNum: counter, expected: known + 1 });
  }
  mark("resync/peer-passed-counters");
  draft.record({ type: "TurnPassed", channelId, by, turnNum: counter });
  renewVoucher(draft, channelId, rules);
  return accept(undefined);
}

/**
 * Says the newest voucher again above passed counters, whoever passed them: the payee takes none of those, nor pays back
 * what has one. A channel that is held has it said again when it goes on.
 */
export function renewVoucher(draft: Draft, channelId: ChannelId, { context }: Rules): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || !isCounted(channel)) return;
  const { passedTurn = 0, vouchers } = channel;
  const isPassed = vouchers.issued !== undefined && vouchers.issued.counter <= passedTurn;
  if (!isPassed || draft.isHeld(channel) || isInDispute(channel)) return;
  const renewed = renew(channel, context);
  draft.record(...renewed.events);
  draft.request(...renewed.effects);
}

/**
 * My only peer refuses an update, since she passes its turn. Where I have forgotten that she did, it is begun anew; where
 * I have yet to hear it, that is done then.
 */
export function hearPassedOver(draft: Draft, objective: Objective, by: number, rules: Rules): void {
  const { channelId, turnNum } = objective;
  const channel = assertDefined(draft.tables.channels.get(channelId), "its channel");
  if (turnNum === undefined || !isActive(objective) || !isPassedOver(channel, objective)) return;
  draft.record({ type: "TurnPassed", channelId, by, turnNum });
  beginAnew(draft, channelId);
  crankChannel(draft, channelId, rules.context);
}

/** Updates that my only peer has not signed, as far as I know, and signs no more now, are begun behind what she passes. */
function beginAnew(draft: Draft, channelId: ChannelId): void {
  const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
  if (channel.ledger !== undefined || channel.fixedPart.participants.length > 2) return;
  const askedTurnNum = nextTurn(channel);
  for (const objectiveId of draft.tables.desks.get(channelId)?.open ?? []) {
    const objective = assertDefined(draft.tables.objectives.get(objectiveId), "what is open");
    if (objective.goal.type !== "Update" || !isPassedOver(channel, objective)) continue;
    mark("update/begun-anew-behind-passed-turns");
    draft.record({ type: "ObjectiveCranked", objectiveId, channelId, askedTurnNum });
    askMoverAnew(draft, channel, objective, askedTurnNum);
  }
}

/** Where I have passed further than she has, the next turn may be hers to begin. */
function askMoverAnew(draft: Draft, channel: Channel, objective: Objective, turnNum: number): void {
  const { fixedPart, myIndex } = channel;
  const mover = moverOf(channel, turnNum);
  if (mover === myIndex || objective.openedBy !== myIndex) return;
  const to = assertDefined(fixedPart.participants[mover], "the mover");
  for (const message of wishAt(objective, turnNum)) {
    mark("update/asked-behind-passed-turns");
    draft.request({ type: "SendMessage", to, message });
  }
}

/** True for an update that has a turn, which was passed before all had signed it. */
function isPassedOver(channel: Channel, { turnNum }: Pick<Objective, "turnNum">): boolean {
  const { passedTurn = -1 } = channel;
  return turnNum !== undefined && turnNum <= passedTurn && turnNum > lastSupported(channel);
}

/** True for an update that is to be begun at this turn now: it has none yet, or its own was passed over. */
export function isAskedAnew(channel: Channel, objective: Objective, turnNum: number): boolean {
  if (objective.turnNum !== undefined && !isPassedOver(channel, objective)) return false;
  return objective.askedTurnNum !== turnNum && marked("update/asked-at-later-turn", true);
}

/** In a ledger the follower passes what waits for her as well: she may not know of it. */
function firstToPass(channel: Channel): number {
  const { ledger, passedTurn = -1 } = channel;
  return ledger === undefined
    ? nextTurn(channel)
    : Math.max(passedTurn, lastSupported(channel)) + 1;
}

function lastSupported({ supported }: Channel): number {
  return supported?.variablePart.turnNum ?? -1;
}
