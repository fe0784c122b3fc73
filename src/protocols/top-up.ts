/**
 * Top-up: one participant puts more money into a running ledger channel.
 *
 *     both sign an extra last allocation -> she deposits -> both sign that it joins her balance
 *
 * Virtual channels go on meanwhile: nothing but the extra allocation waits for the deposit. Source: ADR 0021.
 */

import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import { held } from "../channel/holdings.ts";
import { isMadeIn, topUpOf } from "../channel/ledger.ts";
import {
  isSameProposal,
  type LedgerProposal,
  proposalKey,
  type ReservedAmount,
} from "../channel/ledger-proposal.ts";
import { totalOf } from "../channel/outcome.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { depositEffects, wasAskedFor } from "./direct-fund.ts";
import { type EffectId, isApproval } from "./effects.ts";
import { type Goal, nextAttempt, type Objective } from "./objective.ts";
import { type Action, type Context, climb, nothing, type Rung, type Step } from "./protocol.ts";
import { toOthers } from "./signing.ts";
import type { ProtocolEvent, Subject } from "./subject.ts";

/** What a top-up can wait for. */
export type TopUpWait = "TopUpSigned" | "FundingComplete" | "Merged";

/** The whole protocol, top to bottom. */
export const ladder: readonly Rung<TopUpWait>[] = [
  { waitingFor: "TopUpSigned", act: agreeToTopUp, until: isTopUpSigned },
  { waitingFor: "FundingComplete", act: deposit, until: isDeposited },
  { waitingFor: "Merged", act: agreeToMerge, until: isMerged },
];

/** Climbs as far as it can. See `protocol.ts`. */
export function crank(subject: Subject, context: Context): Step<TopUpWait> {
  return climb(ladder, subject, context);
}

/** The first of the two changes that an objective wants of its ledger channel. */
export function topUpProposal(objective: Objective): LedgerProposal & { readonly type: "TopUp" } {
  return { type: "TopUp", by: objective.openedBy, ...goalOf(objective) };
}

/** True while a state that somebody has signed, or may sign, holds the top-up of an asset. */
export function mayHoldTopUp(
  { pending, supported }: Channel,
  asset: ReservedAmount["asset"],
): boolean {
  const states = [...(supported === undefined ? [] : [supported]), ...pending.values()];
  return states.some(({ variablePart }) => topUpOf(variablePart.outcome, { asset }) !== undefined);
}

function goalOf({ goal }: Objective): Omit<Goal & { readonly type: "TopUp" }, "type"> {
  assert(goal.type === "TopUp", "the objective is a top-up");
  const { amount, asset } = goal;
  return { asset, amount };
}

/** Once this participant has agreed to the merge, all that comes before it is done for good. */
function isMerging({ objective }: Subject): boolean {
  return objective.askedTurnNum !== undefined;
}

/** The one who deposits asks the other one along with it. In a ledger that closes neither goes on. */
function agreeToTopUp(subject: Subject): Action {
  const { channel, objective } = subject;
  const { channelId, id: objectiveId, openedBy } = objective;
  if (phaseOf(channel) !== "Running" || channel.finalSignedByMe) return giveUp(subject);
  if (isTopUpSigned(subject) || wasAgreed(subject)) return nothing;
  const proposal = topUpProposal(objective);
  const { amount, asset } = goalOf(objective);
  const request = { type: "TopUpRequest", objectiveId, channelId, asset, amount } as const;
  return {
    events: [{ type: "ProposalAgreed", channelId, objectiveId, proposal }],
    effects: openedBy === channel.myIndex ? toOthers(channel, request) : [],
  };
}

function giveUp({ channel, objective }: Subject): Action {
  const { channelId, id: objectiveId } = objective;
  const by = channel.myIndex;
  const code = "ChannelNotRunning";
  mark("top-up/given-up");
  const events: ProtocolEvent[] = [{ type: "ObjectiveRejected", objectiveId, channelId, by, code }];
  const isWanted = [...ledgerOf(channel).agreed.values()].some(
    (one) => one.objectiveId === objectiveId,
  );
  if (isWanted) events.push({ type: "ProposalWithdrawn", channelId, objectiveId });
  return { events, effects: [] };
}

function wasAgreed({ channel, objective }: Subject): boolean {
  const proposal = topUpProposal(objective);
  const known = ledgerOf(channel).agreed.get(proposalKey(proposal));
  return known !== undefined && isSameProposal(known.proposal, proposal);
}

function isTopUpSigned(subject: Subject): boolean {
  return isMerging(subject) || isMade(subject.channel, topUpProposal(subject.objective));
}

/**
 * True once the supported state has the change, and so has each that waits, or has seen it: one that was built on
 * an older state may still take the supported one's place. Nothing is deposited that it would not name.
 */
function isMade(channel: Channel, proposal: LedgerProposal): boolean {
  const { outcome, turnNum } = supportedState(channel).variablePart;
  const steps = [...ledgerOf(channel).waiting.values()];
  return isMadeIn(outcome, proposal) && steps.every(({ baseTurnNum }) => baseTurnNum >= turnNum);
}

/**
 * Deposits on top of all that is held. At least what the ledger owes without the top-up must be there, or the
 * others' money would be missing; more may be there, since anybody can deposit. Somebody else's deposit that
 * comes in between makes this one fail, and leads to the next.
 */
function deposit(subject: Subject): Action {
  const { channel, objective } = subject;
  const { amount, asset } = goalOf(objective);
  if (isMerging(subject) || objective.openedBy !== channel.myIndex) return nothing;
  const expectedHeld = held(channel, asset);
  if (expectedHeld < owed(channel, asset) - amount) return nothing;
  const isOpen = [...objective.transactions.values()].some(
    (status) => status === "Requested" || status === "Submitted",
  );
  const id = nextAttempt(objective, `${objective.id}/deposit/${expectedHeld}` as EffectId);
  if (isOpen || hasDeposited(objective) || isDeposited(subject)) return nothing;
  if (id === undefined) return nothing;
  if (expectedHeld > owed(channel, asset) - amount) mark("top-up/on-a-strangers-deposit");
  const effects = depositEffects(channel, objective.id, { id, asset, expectedHeld, amount });
  // A log may have been cut between the approval and the deposit.
  return { events: [], effects: effects.filter((effect) => !wasAskedFor(objective, effect)) };
}

/** True once her own deposit is in a confirmed block. An approval of a token is none. */
function hasDeposited({ transactions }: Objective): boolean {
  return [...transactions].some(([id, status]) => status === "Confirmed" && !isApproval(id));
}

/**
 * True once a deposit of hers was refused because something had come in before it. That may have been her own: a
 * node that lost the end of its log signs the same deposit a second time, and must not pay a third.
 */
function wasRefused({ transactions }: Objective): boolean {
  return [...transactions].some(([id, status]) => status === "Failed" && !isApproval(id));
}

/** What strangers put in lets nobody do without her own deposit, unless it came right before that. */
function isDeposited(subject: Subject): boolean {
  const { channel, objective } = subject;
  const { asset } = goalOf(objective);
  const isMine = objective.openedBy === channel.myIndex;
  const isCovered = held(channel, asset) >= owed(channel, asset);
  return (
    isMerging(subject) ||
    (isCovered &&
      (!isMine || hasDeposited(objective) || wasRefused(objective) || wasInDoubt(channel)))
  );
}

/**
 * True for a channel in which turns were passed because a log had lost its end. What covers the top-up there may
 * be her own deposit, which this log has forgotten. The money is there, so nobody loses if it was not.
 */
function wasInDoubt({ passedTurn }: Channel): boolean {
  return passedTurn !== undefined;
}

/** All that the ledger's supported state allocates of an asset. */
function owed(channel: Channel, asset: ReservedAmount["asset"]): bigint {
  const { outcome } = supportedState(channel).variablePart;
  return totalOf(
    assertDefined(
      outcome.find((exit) => exit.asset === asset),
      "the asset",
    ),
  );
}

function agreeToMerge(subject: Subject): Action {
  const { channel, objective } = subject;
  const { channelId, id: objectiveId, openedBy: by } = objective;
  const { asset } = goalOf(objective);
  const merge = { type: "Merge", by, asset } as const;
  const agreement = { type: "ProposalAgreed", channelId, objectiveId, proposal: merge } as const;
  if (isMerging(subject)) {
    // What was agreed to before the log lost its end is agreed to anew.
    const isAgreed = ledgerOf(channel).agreed.has(proposalKey(merge));
    const isDone = isMadeIn(supportedState(channel).variablePart.outcome, merge);
    return isAgreed || isDone
      ? nothing
      : marked("top-up/merge-agreed-anew", { events: [agreement], effects: [] });
  }
  const askedTurnNum = supportedState(channel).variablePart.turnNum;
  return {
    events: [{ type: "ObjectiveCranked", objectiveId, channelId, askedTurnNum }, agreement],
    effects: [],
  };
}

function isMerged({ channel, objective }: Subject): boolean {
  const { openedBy: by } = objective;
  return isMade(channel, { type: "Merge", by, asset: goalOf(objective).asset });
}
