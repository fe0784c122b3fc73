/**
 * Virtual defund: the participants close a virtual channel, and its money is free in the ledger channels.
 *
 *     the last participant stops paying -> the first signs the final state -> all sign -> guarantees go
 *
 * Nobody signs before she knows whether the channel was ever open: it says whether fees are earned or go back.
 * The final state pays what the newest vouchers say. Its turn is the same in every channel, above all that
 * vouchers can lead to. Source: Nitro protocol, "virtual defunding"; ADR 0014, ADR 0020.
 */

import { type Channel, phaseOf, supportedState } from "../channel/channel.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { isFinalOnChain } from "../channel/holdings.ts";
import type { LedgerProposal } from "../channel/ledger-proposal.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";
import { VIRTUAL_FINAL_TURN } from "../channel/payment-voucher.ts";
import { redeemedOutcome } from "../channel/redemption.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import { assert } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { type Result, reject } from "../primitives/result.ts";
import {
  agreeOn,
  isFreed,
  isOutOfReach,
  removalFor,
  type Side,
  virtualUseOf,
} from "./guarantees.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import { type ReceivedState, receiveState, signState } from "./signing.ts";
import type { ProtocolEvent, Subject } from "./subject.ts";

/** What a virtual defund can wait for. */
export type VirtualDefundWait =
  | "PaymentsStopped"
  | "OpeningDecided"
  | "FinalStateComplete"
  | "GuaranteesRemoved";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<VirtualDefundWait>[] = [
  { waitingFor: "PaymentsStopped", act: stopPaying, until: isStopped },
  { waitingFor: "OpeningDecided", act: () => nothing, until: isOpeningDecided },
  { waitingFor: "FinalStateComplete", act: signFinal, until: isFinalized },
  { waitingFor: "GuaranteesRemoved", act: agreeToRemovals, until: isFreed },
];

/** go-nitro's final states come right behind the postfund. */
const GO_NITRO_FINAL_TURN = 2;

/**
 * Climbs as far as it can. See `protocol.ts`. Once the chain has ended the ledgers on both sides without it, the
 * channel is nobody's here: its end is waited for no more, though others may still want it.
 */
export function crank(subject: Subject, context: Context): Step<VirtualDefundWait> {
  const step = climb(ladder, subject, context);
  return isOutOfReach(subject) ? { ...step, waitingFor: "Nothing" } : step;
}

/** The turn of the final state of a virtual channel, the only one behind its postfund. */
export function finalTurnOf(channel: Channel): number {
  return virtualUseOf(channel).profile === "enforceable" ? VIRTUAL_FINAL_TURN : GO_NITRO_FINAL_TURN;
}

/** Takes a signature on the final state: the first participant's first, and then everybody's. */
export function decide(
  { channel }: Subject,
  received: ReceivedState,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const { by, variablePart } = received;
  const { turnNum } = variablePart;
  const expected = finalTurnOf(channel);
  if (turnNum !== expected || !variablePart.isFinal) {
    return reject({ code: "TurnOutOfOrder", turnNum, expected });
  }
  const known = finalStateOf(channel);
  if (known === undefined) {
    if (by !== 0) return reject({ code: "NotTheMover", turnNum });
    if (!isOpeningDecided({ channel })) mark("virtual/end-before-opening-known");
    const isRight = isOpeningDecided({ channel })
      ? isPaidRightly(channel, variablePart)
      : isKept(channel, variablePart);
    if (!isRight) return reject({ code: "FinalOutcomeMismatch" });
  }
  return receiveState(channel, received, context);
}

/** What the channel pays by the vouchers that this participant knows; they always fit: each was checked. */
export function outcomeByVouchers(channel: Channel): Outcome {
  const { issued, received } = channel.vouchers;
  const [byLeft, byRight] = channel.myIndex === 0 ? [issued, received] : [received, issued];
  const outcome = redeemedOutcome(channel.fundingOutcome, byLeft?.amounts, byRight?.amounts);
  assert(outcome.ok, "accepted vouchers are covered");
  return outcome.value;
}

/**
 * What the channel opened with where it never was open; else the same money, differently shared, and for the
 * one who is paid last no less than what her vouchers say. Whoever is between them does not see vouchers, and
 * needs the sums alone.
 */
function isPaidRightly(channel: Channel, final: VariablePart): boolean {
  const { fundingOutcome, myIndex, wasOpen } = channel;
  if (!isKept(channel, final)) return false;
  const isKnownUnopened = !wasOpen && !isGoNitro(channel);
  if (isKnownUnopened) return isSameOutcome(final.outcome, fundingOutcome);
  if (myIndex < channel.fixedPart.participants.length - 1) return true;
  const due = outcomeByVouchers(channel);
  return final.outcome.every(
    ({ allocations }, index) =>
      (allocations[1]?.amount ?? -1n) >= (due[index]?.allocations[1]?.amount ?? 0n),
  );
}

/** True for a state that could close the channel, whoever gets what of its money. */
export function isFinalOf(channel: Channel, final: VariablePart): boolean {
  const isLast = final.isFinal && final.turnNum === finalTurnOf(channel);
  return isLast && channel.supported !== undefined && isKept(channel, final);
}

/** The same money as at the start, in the same shape. */
function isKept(channel: Channel, { appData, outcome }: VariablePart): boolean {
  const { fundingOutcome } = channel;
  const isShaped = isSameOutcome(withShares(outcome, fundingOutcome), fundingOutcome);
  if (appData !== appDataOf(channel) || !isShaped) return false;
  return outcome.every(({ allocations }, index) => {
    const before = fundingOutcome[index]?.allocations ?? [];
    return total(allocations) === total(before);
  });
}

function appDataOf(channel: Channel): VariablePart["appData"] {
  return supportedState(channel).variablePart.appData;
}

/** The outcome with the amounts of another one, so that everything else can be compared. */
function withShares(outcome: Outcome, shares: Outcome): Outcome {
  return outcome.map((exit, place) => ({
    ...exit,
    allocations: exit.allocations.map((allocation, index) => ({
      ...allocation,
      amount: shares[place]?.allocations[index]?.amount ?? -1n,
    })),
  }));
}

function total(allocations: readonly { readonly amount: bigint }[]): bigint {
  return allocations.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Whoever asked tells everybody; the last participant tells the first, once she pays nothing more. */
function stopPaying({ channel, objective }: Subject): Action {
  const { fixedPart, id: channelId, myIndex } = channel;
  const { id: objectiveId, openedBy, stopped } = objective;
  const isLast = myIndex === fixedPart.participants.length - 1;
  const isAsking = openedBy === myIndex;
  const isDecided = finalStateOf(channel) !== undefined || isFinalOnChain(channel);
  if ((!isLast && !isAsking) || stopped.includes(myIndex) || isDecided) return nothing;
  const others = fixedPart.participants.filter((_, index) =>
    isAsking ? index !== myIndex : index === 0,
  );
  return {
    events: [{ type: "PaymentsStopped", objectiveId, channelId, by: myIndex }],
    effects: others.map((to) => ({
      type: "SendMessage",
      to,
      message: { type: "DefundRequest", objectiveId, channelId },
    })),
  };
}

/**
 * Only the first participant must know: she writes down what the last one has promised her. In go-nitro's profile
 * the last one promises nothing.
 */
function isStopped({ channel, objective }: Subject): boolean {
  const last = channel.fixedPart.participants.length - 1;
  const isDecided = finalStateOf(channel) !== undefined || isFinalOnChain(channel);
  const isKnown = objective.stopped.includes(last) || isDecided || isGoNitro(channel);
  return channel.myIndex !== 0 || isKnown;
}

/** There are no fees in that profile, so nothing depends on whether the channel was ever open. Source: ADR 0037. */
function isGoNitro(channel: Channel): boolean {
  return virtualUseOf(channel).profile === "go-nitro";
}

function signFinal(subject: Subject, context: Context): Action {
  const { channel } = subject;
  if (channel.finalSignedByMe || isFinalized(subject) || channel.supported === undefined) {
    return nothing;
  }
  // The chain is asked already: one answer is enough.
  if (phaseOf(channel) === "Disputed") return marked("virtual/end-left-to-chain", nothing);
  const turnNum = finalTurnOf(channel);
  if ((channel.mySignedTurn ?? -1) >= turnNum) return nothing;
  const proposed = finalStateOf(channel);
  if (proposed !== undefined) {
    // It may have come before I knew whether the channel was open.
    return isPaidRightly(channel, proposed)
      ? signState(subject, proposed, context)
      : marked("virtual/end-pays-too-little", nothing);
  }
  if (channel.myIndex !== 0) return nothing;
  const { appData } = supportedState(channel).variablePart;
  const outcome = outcomeByVouchers(channel);
  return signState(subject, { outcome, appData, turnNum, isFinal: true }, context);
}

/** True once all have signed the postfund, or somebody never will; always where it does not matter. */
function isOpeningDecided({ channel }: Pick<Subject, "channel">): boolean {
  const isKnown = channel.wasOpen || channel.isGivenUp || isFinalOnChain(channel);
  return isKnown || isGoNitro(channel);
}

function isFinalized({ channel }: Subject): boolean {
  return phaseOf(channel) === "Finalized" || isFinalOnChain(channel);
}

/** Where not everybody had signed the postfund, no voucher ever counted: the fees go back. */
function agreeToRemovals(subject: Subject): Action {
  const { channel } = subject;
  const removal = removalOf(channel);
  return removal === undefined ? nothing : agreeOn(subject, removal);
}

/**
 * What takes the guarantee out on each side, by the channel's final state or by what the chain says. Undefined
 * where the log cannot tell. By the prefund alone nothing was earned: fees go back.
 */
export function removalOf(channel: Channel): ((side: Side) => LedgerProposal) | undefined {
  const { adjudication, wasOpen } = channel;
  const isShown = adjudication.type === "Final" && adjudication.turnNum !== undefined;
  const outcome = isShown ? adjudication.outcome : finalStateOf(channel)?.outcome;
  const isEarned = isShown ? adjudication.turnNum !== TURN.prefund : wasOpen;
  return outcome && ((side) => removalFor(channel, side, outcome, isEarned));
}
