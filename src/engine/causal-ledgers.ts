/** The causal rules of ledger channels: this node signs no change there that it did not agree to. */

import type { ChannelId } from "../channel/channel-id.ts";
import { applyChanges, FOLLOWER, isMadeIn, isSettled, LEADER } from "../channel/ledger.ts";
import { includesGuarantee } from "../channel/ledger-outcome.ts";
import {
  isSameProposal,
  type LedgerChange,
  type LedgerEvent,
  type LedgerStep,
  proposalKey,
} from "../channel/ledger-proposal.ts";
import { targetOf } from "../channel/objective-id.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import { broken } from "./broken-rule.ts";
import { brokenByDispute } from "./causal-chain.ts";
import { learnStateSignature, unknownChannel } from "./causal-channels.ts";
import { brokenByGuarantee } from "./causal-guarantees.ts";
import type { Broken, ChannelHistory, History, LedgerHistory } from "./causal-history.ts";
import { brokenByResync } from "./causal-resync.ts";

type SignedProposal = LedgerEvent & { readonly type: "ProposalSigned" | "ProposalReceived" };

/** A channel that is a ledger. */
type LedgerChannel = ChannelHistory & { readonly ledger: LedgerHistory };

/** Learns a fact about the proposals of a ledger channel. */
export function learnLedger(history: History, event: LedgerEvent): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  if (!isLedger(channel)) {
    return broken("NotALedger", `${event.type} is about ${event.channelId}, which is no ledger`);
  }
  const { ledger } = channel;
  switch (event.type) {
    case "CapacityReserved":
      ledger.reserved.add(event.objectiveId);
      return [];
    case "CapacityReleased":
      ledger.reserved.delete(event.objectiveId);
      return [];
    case "ProposalAgreed":
      ledger.agreed.set(proposalKey(event.proposal), event);
      return brokenByGuarantee(history, event);
    case "ProposalWithdrawn":
      for (const [key, { objectiveId }] of ledger.agreed) {
        if (objectiveId === event.objectiveId) ledger.agreed.delete(key);
      }
      return [];
    case "ProposalRefused":
      return learnRefusal(ledger, event);
    case "LedgerRolledOver":
      return learnRollOver(ledger, event);
    case "ProposalSigned":
      return [...learnProposal(history, channel, event), ...brokenByDispute(history, event)];
    case "ProposalReceived":
      return learnProposal(history, channel, event);
  }
}

/** What was agreed and set aside is told anew for the ledger that goes on. */
function learnRollOver(
  ledger: LedgerHistory,
  { channelId, successor }: LedgerEvent & { readonly type: "LedgerRolledOver" },
): Broken {
  if (channelId === successor) return [];
  ledger.successor = successor;
  ledger.agreed.clear();
  ledger.reserved.clear();
  return [];
}

function isLedger(channel: ChannelHistory): channel is LedgerChannel {
  return channel.ledger !== undefined;
}

/** Forgets what a newer supported state has settled. */
export function learnSettled({ channels }: History, channelId: ChannelId): void {
  const { ledger, states, supportedTurn = -1 } = channels.get(channelId) ?? {};
  const newest = states?.get(supportedTurn)?.variablePart;
  // An end brings about nothing that was agreed: it goes over to the next ledger.
  if (ledger === undefined || states === undefined || !newest || newest.isFinal) return;
  const supported = newest.outcome;
  const all = [...states.values()].map(({ variablePart }) => variablePart.outcome);
  for (const turn of ledger.waiting.keys()) if (turn <= supportedTurn) ledger.waiting.delete(turn);
  for (const [key, { proposal }] of ledger.agreed) {
    // It must be so in every state that may still count.
    if (isSettled(proposal, supported, all)) ledger.agreed.delete(key);
  }
  for (const objectiveId of ledger.reserved) {
    const target = targetOf(objectiveId);
    if (target && all.every((outcome) => includesGuarantee(outcome, target)))
      ledger.reserved.delete(objectiveId);
  }
}

/** A state that is built on a refused one is refused with it. */
function learnRefusal(
  { waiting }: LedgerHistory,
  { by, channelId, turnNum }: LedgerEvent & { readonly type: "ProposalRefused" },
): Broken {
  const refused = new Set([turnNum]);
  for (const [turn, step] of waiting) {
    if (refused.has(step.baseTurnNum)) refused.add(turn);
    if (refused.has(turn)) waiting.set(turn, { ...step, isRefused: true });
  }
  if (by === FOLLOWER) return [];
  return broken("NotTheFollower", `participant ${by} refuses turn ${turnNum} of ${channelId}`);
}

/** A signature on the ledger state that a proposal leads to is one like any other. */
function learnProposal(history: History, channel: LedgerChannel, event: SignedProposal): Broken {
  const { baseTurnNum, channelId, signature, turnNum } = event;
  const { ledger } = channel;
  const variablePart = stateOf(channel, event);
  if (variablePart === undefined) {
    const text = `the changes of turn ${turnNum} of ${channelId} do not fit turn ${baseTurnNum}`;
    return broken("ProposalMisfit", text);
  }
  const isMine = event.type === "ProposalSigned";
  const rules = isMine
    ? [
        ...brokenByResync(history, { channelId, turnNum }),
        ...brokenByAgreement(channel, event, variablePart),
      ]
    : [];
  if (!ledger.waiting.has(turnNum)) {
    const isRefused = ledger.waiting.get(baseTurnNum)?.isRefused ?? false;
    ledger.waiting.set(turnNum, { baseTurnNum, isRefused });
  }
  const by = isMine ? "Me" : event.by;
  return [...rules, ...learnStateSignature(channel, { channelId, signature, variablePart }, by)];
}

/** The state that the step leads to; undefined where it does not follow from the one that it names. */
function stateOf(
  { ledger, states, supportedTurn = -1 }: LedgerChannel,
  { baseTurnNum, changes, channelId, turnNum }: LedgerStep & { readonly channelId: ChannelId },
): VariablePart | undefined {
  const known = states.get(turnNum)?.variablePart;
  // A peer gave it back whole: by which changes it came to be is lost.
  if (known !== undefined && !ledger.waiting.has(turnNum)) return known;
  const base = states.get(baseTurnNum)?.variablePart;
  // A state between the two was shown to the chain after this one was first signed, and measured.
  if (base === undefined && baseTurnNum < supportedTurn) return known;
  if (base === undefined || baseTurnNum >= turnNum) return undefined;
  const outcome = applyChanges(ledger.profile, channelId, base.outcome, changes);
  return outcome.ok ? { ...base, outcome: outcome.value, turnNum } : undefined;
}

/** The leader answers for what she adds to a state, the follower for all that it adds to the supported one. */
function brokenByAgreement(
  channel: LedgerChannel,
  { baseTurnNum, changes, channelId, turnNum }: SignedProposal,
  { outcome }: VariablePart,
): Broken {
  const { created, ledger, states, supportedTurn } = channel;
  const isLeader = created.myIndex === LEADER;
  const about = `turn ${turnNum} of ${channelId}`;
  if (ledger.waiting.get(isLeader ? baseTurnNum : turnNum)?.isRefused) {
    return broken("SignedRefused", `${about} is signed, which rests on a refused state`);
  }
  const supported = states.get(supportedTurn ?? -1)?.variablePart.outcome;
  const isAgreed = isLeader
    ? changes.every((change) => wasAgreed(ledger, change))
    : supported === undefined || isMadeOfAgreed(channel, supported, outcome);
  if (isAgreed) return [];
  return broken("NotAgreed", `${about} makes a change that no objective of this node agreed to`);
}

function wasAgreed({ agreed }: LedgerHistory, { proposal }: LedgerChange): boolean {
  const known = agreed.get(proposalKey(proposal));
  return known !== undefined && isSameProposal(known.proposal, proposal);
}

/** True when what was agreed to, in some order, makes the one outcome of the other. */
function isMadeOfAgreed({ created, ledger }: LedgerChannel, from: Outcome, to: Outcome): boolean {
  let outcome = from;
  let open = [...ledger.agreed.values()].filter(
    ({ proposal }) => !isMadeIn(from, proposal) && isMadeIn(to, proposal),
  );
  for (let count = -1; count !== open.length; ) {
    count = open.length;
    open = open.filter((change) => {
      const next = applyChanges(ledger.profile, created.channelId, outcome, [change]);
      if (next.ok) outcome = next.value;
      return !next.ok;
    });
  }
  return open.length === 0 && isSameOutcome(outcome, to);
}
