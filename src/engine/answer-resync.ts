/** Tells a peer whose log has lost its end what this node holds of it. */

import { type Channel, stateAt, supportedState, supportsTurn } from "../channel/channel.ts";
import { directFundId, type ObjectiveId } from "../channel/objective-id.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Message, ResyncMessage } from "../messages/message.ts";
import type { Hex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { paymentEnd, repeatVoucher } from "../protocols/payments.ts";
import type { Draft } from "./draft.ts";
import { othersOf } from "./fence.ts";
import { heldSuccessor, type Successors, successorsOf } from "./held-successor.ts";
import { heldLedger, heldSteps, heldVirtual, isOverVirtual } from "./held-virtual.ts";
import { EMPTY_DESK, type NodeState } from "./node-state.ts";
import { endingOf, objectiveIdAt, repeatOpen } from "./repeat-open.ts";

/**
 * Answers at once, whatever this node itself has yet to take back: two nodes that ask each other never wait
 * for each other. Behind the answer comes what this node still wants, as if it had never been said.
 */
export function answerResync(draft: Draft, state: NodeState, to: Address, round: number): void {
  const successors = successorsOf(state);
  const channels = [...state.channels.values()]
    .filter((one) => othersOf(one).includes(to))
    .filter((one) => one.use.type !== "Virtual" || !isOverVirtual(draft.tables, one))
    .sort((one, other) => rankOf(successors, one) - rankOf(successors, other));
  const isCertain = channels.every(({ missingMax }) => missingMax === 0) && isLogCertain(state);
  const held = channels.flatMap((channel) => heldOf(draft, channel, to, successors));
  if (!isCertain) mark("resync/told-with-own-doubt");
  for (const message of held) draft.request({ type: "SendMessage", to, message });
  const answer = { type: "ResyncAnswer", round, isCertain } as const;
  draft.request({ type: "SendMessage", to, message: answer });
  for (const channel of channels) {
    repeatOpen(draft, channel, to);
    repeatPayments(draft, channel, to);
  }
}

/** Whoever hears of a virtual channel knows the ledger that funds it; and of that one, whose place it took. */
function rankOf(successors: Successors, channel: Channel): number {
  if (channel.use.type === "Virtual") return 2;
  return successors.has(channel.id) ? 1 : 0;
}

/** Counters that were passed, and all that I paid the peer, in one voucher: whoever remembers it learns nothing. */
function repeatPayments(draft: Draft, channel: Channel, to: Address): void {
  const message = repeatVoucher(channel);
  const end = paymentEnd(channel);
  const isPayee = end.ok && channel.fixedPart.participants[end.value.other] === to;
  const { id: channelId, passedTurn: turnNum } = channel;
  if (isPayee && turnNum !== undefined) {
    draft.request({ type: "SendMessage", to, message: { type: "TurnPassed", channelId, turnNum } });
  }
  if (isPayee && message !== undefined) mark("payment/repeated-for-payee");
  if (isPayee && message !== undefined) draft.request({ type: "SendMessage", to, message });
}

/**
 * Says how an update ended that the peer asks about; nothing when it goes on, or was never known here. Names
 * the ledger of a virtual channel, and shows one that is over, since no answer tells of it.
 */
export function answerQuery(
  draft: Draft,
  to: Address,
  { channelId, objectiveId }: ResyncMessage & { readonly type: "ObjectiveQuery" },
): void {
  const objective = draft.tables.objectives.get(objectiveId);
  const channel = draft.tables.channels.get(channelId);
  if (channel?.use.type === "Virtual") {
    const isOver = isOverVirtual(draft.tables, channel);
    const shown = isOver ? heldVirtual(draft, channel, to) : [];
    const held = shown.length > 0 ? shown : heldLedger(draft, channel, to);
    for (const message of held) draft.request({ type: "SendMessage", to, message });
  }
  if (objective?.channelId !== channelId || !isTold(objective) || isActive(objective)) return;
  mark("resync/fate-asked");
  const { rejectionCode: code } = objective;
  const message = { type: "ObjectiveFate", objectiveId, channelId, code } as const;
  draft.request({ type: "SendMessage", to, message });
}

/** True for what no state or chain tells the end of. */
export function isTold({ goal }: Objective): boolean {
  return goal.type === "Update" || goal.type === "TopUp" || goal.type === "Withdrawal";
}

function isLogCertain({ peers }: NodeState): boolean {
  return [...peers.values()].every(
    ({ resync }) => resync.type === "None" || resync.missingMax === 0,
  );
}

/**
 * Nothing for a channel in which the peer has signed nothing: it can learn of that as if for the first time.
 */
function heldOf(
  draft: Draft,
  channel: Channel,
  to: Address,
  successors: Successors,
): readonly Message[] {
  if (channel.use.type === "Virtual") return heldVirtual(draft, channel, to);
  const by = channel.fixedPart.participants.indexOf(to);
  const states = [channel.supported, ...channel.pending.values()].filter(
    (one) => one !== undefined,
  );
  const signed = states.findLast(({ signatures }) => signatures[by] !== undefined);
  if (signed === undefined) return [];
  const shown = statesOf(draft, channel, states, by);
  const withdrawal = successors.get(channel.id);
  if (withdrawal !== undefined) {
    const next = heldSuccessor(withdrawal, channel, signed, by);
    return next === undefined ? [] : [next, ...shown];
  }
  const fund = draft.tables.objectives.get(directFundId(channel.id));
  const held: Message = {
    type: "HeldChannel",
    fixedPart: channel.fixedPart,
    outcome: channel.fundingOutcome,
    appData: openingAppData(channel),
    openedBy: fund?.openedBy ?? 0,
    passedTurnNum: channel.passedTurn,
  };
  return [held, ...shown];
}

function statesOf(
  draft: Draft,
  channel: Channel,
  states: readonly SignedState[],
  by: number,
): readonly Message[] {
  const { updatesAsked } = draft.tables.desks.get(channel.id) ?? EMPTY_DESK;
  const asked = updatesAsked[by] ?? 0;
  const shown = states.flatMap((one) => heldState(draft, channel, one, by, asked));
  return [...shown, ...heldSteps(channel)];
}

/** Once the opening is over its app data is kept nowhere, and nothing rests on it any more. */
function openingAppData(channel: Channel): Hex {
  const opening = stateAt(channel, TURN.prefund) ?? stateAt(channel, TURN.postfund);
  return (opening ?? supportedState(channel)).variablePart.appData;
}

/**
 * A state that the peer signed, with what it is for while that goes on; or one that only uses up its turn.
 * What the peer may yet sign comes behind the answer, from those who signed it.
 */
function heldState(
  draft: Draft,
  channel: Channel,
  { signatures, variablePart }: SignedState,
  by: number,
  updatesAsked: number,
): readonly Message[] {
  const purpose = purposeOf(draft, channel, variablePart.turnNum);
  const isTheirs = signatures[by] !== undefined;
  const isSigned = signatures.some((signature) => signature !== undefined);
  const isUnjudged = channel.ledger !== undefined && !isTheirs;
  if (!isSigned || isUnjudged || (!isTheirs && purpose !== undefined)) return [];
  const { id: channelId } = channel;
  const objectiveId = purpose;
  return [{ type: "HeldState", channelId, objectiveId, variablePart, signatures, updatesAsked }];
}

/** The objective that the peer has to go on with; a supported state has reached its own, but for the last. */
function purposeOf(draft: Draft, channel: Channel, turnNum: number): ObjectiveId | undefined {
  if (supportsTurn(channel, turnNum)) {
    const { isFinal } = supportedState(channel).variablePart;
    return isFinal ? endingOf(draft, channel) : undefined;
  }
  const objectiveId = objectiveIdAt(draft, channel, turnNum);
  const objective = objectiveId && draft.tables.objectives.get(objectiveId);
  return objective !== undefined && isActive(objective) ? objectiveId : undefined;
}
