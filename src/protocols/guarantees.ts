/** What a virtual channel wants of the two ledger channels that fund it, on its left and on its right. */

import type { Channel } from "../channel/channel.ts";
import { isInDispute, ledgerOf } from "../channel/channel.ts";
import { type ChannelUse, feeOfHop } from "../channel/channel-use.ts";
import type { Guarantee } from "../channel/guarantee.ts";
import { isFinalOnChain, isUsedUp } from "../channel/holdings.ts";
import { isMadeIn } from "../channel/ledger.ts";
import { includesGuarantee, partiesOf } from "../channel/ledger-outcome.ts";
import type { GuaranteeShares, LedgerProposal } from "../channel/ledger-proposal.ts";
import { isSameProposal, proposalKey } from "../channel/ledger-proposal.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { isFresh } from "./ledger.ts";
import type { Action } from "./protocol.ts";
import type { ProtocolEvent, Subject } from "./subject.ts";

/** Which of my two neighbours a ledger channel is shared with. */
export type Side = "left" | "right";

/** The use of a channel that the caller knows to be virtual. */
export function virtualUseOf({ use }: Channel): ChannelUse & { readonly type: "Virtual" } {
  assert(use.type === "Virtual", "the channel is virtual");
  return use;
}

/** The sides on which I have a neighbour, with the ledger channel of each. */
export function sidesOf({ left, right }: Subject): readonly (readonly [Side, Channel])[] {
  const sides: (readonly [Side, Channel])[] = [];
  if (left !== undefined) sides.push(["left", left]);
  if (right !== undefined) sides.push(["right", right]);
  return sides;
}

/** What each side of a guarantee puts in, or gets out, when the target has this outcome. */
export function sharesOf(outcome: Outcome): readonly GuaranteeShares[] {
  return outcome.map(({ allocations: [left, right], asset }) => ({
    asset,
    left: assertDefined(left, "the first participant's part").amount,
    right: assertDefined(right, "the last participant's part").amount,
  }));
}

/** The guarantee that a ledger channel is to have for the channel. */
export function additionFor(channel: Channel, side: Side, ledger: Channel): LedgerProposal {
  return {
    type: "Add",
    target: channel.id,
    guarantee: guaranteeFor(side, ledger),
    shares: sharesOf(channel.fundingOutcome),
    fee: feeOn(channel, side),
  };
}

/**
 * Takes the guarantee out again, with what each side gets by `outcome`. Where the channel never was open, the
 * fee goes back.
 */
export function removalFor(
  channel: Channel,
  side: Side,
  outcome: Outcome,
  wasOpen: boolean,
): LedgerProposal {
  const refund = wasOpen ? 0n : feeOn(channel, side);
  return { type: "Remove", target: channel.id, shares: sharesOf(outcome), refund };
}

/** What the left side gives the right one in the hop on this side of me. */
export function feeOn(channel: Channel, side: Side): bigint {
  const hop = side === "left" ? channel.myIndex - 1 : channel.myIndex;
  return feeOfHop(virtualUseOf(channel).fees, hop);
}

/** Agrees to a change of each own ledger channel where it is not made yet, once. */
export function agreeOn(
  subject: Subject,
  proposalFor: (side: Side, ledger: Channel) => LedgerProposal,
): Action {
  const events = sidesOf(subject).flatMap(([side, ledger]): ProtocolEvent[] => {
    const proposal = proposalFor(side, ledger);
    const { id: objectiveId } = subject.objective;
    // In a ledger that the chain decides nothing is signed any more.
    if (isInDispute(ledger)) mark("virtual/ledger-disputed-meanwhile");
    if (isInDispute(ledger) || wasAgreed(ledger, objectiveId, proposal)) return [];
    if (isMade(ledger, proposal)) return [];
    return [{ type: "ProposalAgreed", channelId: ledger.id, objectiveId, proposal }];
  });
  return { events, effects: [] };
}

/**
 * What a participant records who gives an opening up before she has signed the postfund: what is set aside is
 * free, and what the ledgers have, or may get, goes out again. The subject's objective is the opening.
 */
export function leaveLedgers(subject: Subject): readonly ProtocolEvent[] {
  const { channel, objective } = subject;
  const { id: objectiveId } = objective;
  return sidesOf(subject).flatMap(([side, ledger]): ProtocolEvent[] => {
    const about = { channelId: ledger.id, objectiveId };
    const { agreed, reserved } = ledgerOf(ledger);
    const isWanted = [...agreed.values()].some((one) => one.objectiveId === objectiveId);
    const released: ProtocolEvent[] = reserved.has(objectiveId)
      ? [{ type: "CapacityReleased", ...about }]
      : [];
    // In a ledger that the chain decides nothing is signed any more.
    if (mayHold(ledger, channel) && !isInDispute(ledger)) {
      mark("virtual/guarantee-taken-out-unopened");
      const proposal = removalFor(channel, side, channel.fundingOutcome, false);
      if (wasAgreed(ledger, objectiveId, proposal)) return released;
      return [{ type: "ProposalAgreed", ...about, proposal }, ...released];
    }
    return isWanted ? [{ type: "ProposalWithdrawn", ...about }, ...released] : released;
  });
}

/** True when every own ledger channel has the guarantee, and no state in which it could be lost again. */
export function isGuaranteed(subject: Subject): boolean {
  return sidesOf(subject).every(
    ([side, ledger]) =>
      isFresh(ledger) && isSettledIn(ledger, additionFor(subject.channel, side, ledger)),
  );
}

/** True when no own ledger channel has the guarantee any more, nor a state in which it could come back. */
export function isFreed(subject: Subject): boolean {
  return sidesOf(subject).every(([, ledger]) => !mayHold(ledger, subject.channel));
}

/** True when the chain has ended every own ledger channel, without the guarantee: nothing can bring it back. */
export function isOutOfReach(subject: Subject): boolean {
  const sides = sidesOf(subject);
  const isGone = ([, ledger]: (typeof sides)[number]): boolean =>
    isFinalOnChain(ledger) && !mayHold(ledger, subject.channel);
  return sides.length > 0 && sides.every(isGone);
}

/**
 * True while a neighbour has yet to name the ledger channel that she and this node fund the channel with. It
 * was taken back from others then, and nothing is done in it: what is paid on one side must come in on the
 * other.
 */
export function lacksLedger({ fixedPart, myIndex, use }: Channel): boolean {
  if (use.type !== "Virtual") return false;
  const isLast = myIndex === fixedPart.participants.length - 1;
  return (use.left === undefined && myIndex > 0) || (use.right === undefined && !isLast);
}

/** True while a state of the ledger that is supported, or could be, funds the channel; or what the chain holds of it. */
export function mayHold(ledger: Channel, { id }: Pick<Channel, "id">): boolean {
  const { adjudication, pending, supported } = ledger;
  if (isUsedUp(ledger)) return false;
  if (adjudication.type === "Final") return includesGuarantee(adjudication.outcome ?? [], id);
  const states = [...(supported === undefined ? [] : [supported]), ...pending.values()];
  return states.some(({ variablePart }) => includesGuarantee(variablePart.outcome, id));
}

/**
 * True when there is nothing to change. The end of a ledger has no guarantee in it: what is made before it goes
 * over to the ledger that takes its place, and need not be wanted there again.
 */
function isMade(ledger: Channel, proposal: LedgerProposal): boolean {
  const goingOn = [...ledger.pending].filter(([, { variablePart }]) => !variablePart.isFinal);
  return isSettledIn({ ...ledger, pending: new Map(goingOn) }, proposal);
}

function isSettledIn({ pending, supported }: Channel, proposal: LedgerProposal): boolean {
  // What is waited for is mostly not in the supported state yet.
  if (supported === undefined || !isMadeIn(supported.variablePart.outcome, proposal)) return false;
  return pending.values().every(({ variablePart }) => isMadeIn(variablePart.outcome, proposal));
}

function wasAgreed(ledger: Channel, objectiveId: ObjectiveId, proposal: LedgerProposal): boolean {
  const known = ledgerOf(ledger).agreed.get(proposalKey(proposal));
  if (known === undefined || !isSameProposal(known.proposal, proposal)) return false;
  // What the follower refused to one objective she may grant to the next.
  return !known.isBlocked || known.objectiveId === objectiveId;
}

/** Left and right are the participants in the order of the virtual channel, whoever leads the ledger. */
function guaranteeFor(side: Side, ledger: Channel): Guarantee {
  const { profile } = ledgerOf(ledger);
  const parties = assertDefined(partiesOf(profile, ledger.fundingOutcome), "the two parties");
  const mine = assertDefined(parties[ledger.myIndex], "my destination");
  const theirs = assertDefined(parties[1 - ledger.myIndex], "the neighbour's destination");
  return side === "left" ? { left: theirs, right: mine } : { left: mine, right: theirs };
}
