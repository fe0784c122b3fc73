/** Ends a virtual channel that does not come to be, and frees what it has taken of the ledger channels. */

import { type Channel, ledgerOf, phaseOf, stateAt, supportsTurn } from "../channel/channel.ts";
import { FOLLOWER } from "../channel/ledger.ts";
import type { LedgerChange } from "../channel/ledger-proposal.ts";
import { type ObjectiveId, virtualDefundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import { leaveLedgers, sidesOf } from "../protocols/guarantees.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { endWish } from "./ledger-wishes.ts";
import type { Rules } from "./rules.ts";

/**
 * Ends a virtual fund because participant `by` takes no part, or did not in time. As long as I have not signed
 * the postfund I never will, and agree to take the guarantees out again. If I have, only a state that all sign
 * can end the channel: I ask for it. Participants up to `toldUpTo` were told by whom I have it from.
 */
export function giveUpVirtual(
  draft: Draft,
  objective: Objective,
  by: number,
  code: string,
  rules: Rules,
  toldUpTo = -1,
): void {
  const { channelId, id: objectiveId } = objective;
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
  const { channel } = subjectOf(draft.tables, objectiveId);
  tellOthers(draft, channel, { objectiveId, by, code, toldUpTo });
  // What I have signed may be lost until all have told what they hold: then it is mended.
  if (draft.isHeld(channel)) {
    mark("virtual/given-up-while-held");
    return;
  }
  if (by !== channel.myIndex) mark("virtual/another-takes-no-part");
  if (hasPostfund(channel)) closeInstead(draft, channel);
  else freeLedgers(draft, objectiveId, rules);
  crankChannel(draft, channelId, rules.context);
}

/**
 * Gives up an opening that took too long. Whoever has signed the postfund may not: she waits for the others,
 * or for the chain. Nor may anybody who opens with a peer that runs go-nitro, once all have signed the prefund: that
 * peer has no word for it. Source: ADR 0037.
 */
export function expire(draft: Draft, objectiveId: ObjectiveId, rules: Rules): void {
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective?.goal.type !== "VirtualFund" || !isActive(objective)) return;
  const { channel } = subjectOf(draft.tables, objectiveId);
  if (hasPostfund(channel) || isBoundByGoNitro(channel, rules)) return;
  mark("virtual/given-up-before-postfund");
  giveUpVirtual(draft, objective, channel.myIndex, "TimedOut", rules);
}

function isBoundByGoNitro(channel: Channel, { isGoNitro }: Rules): boolean {
  const isComplete = supportsTurn(channel, TURN.prefund);
  return isComplete && channel.fixedPart.participants.some((peer) => isGoNitro?.(peer) === true);
}

/** True once I have signed the postfund: the others may count on it. */
export function hasPostfund({ mySignedTurn = -1 }: Channel): boolean {
  return mySignedTurn >= TURN.postfund;
}

/** The follower refused the only change of a state: whatever wanted it ends, where it still can. */
export function endRefused(draft: Draft, change: LedgerChange, code: string, rules: Rules): void {
  const objective = draft.tables.objectives.get(change.objectiveId);
  if (objective === undefined || !isActive(objective)) return;
  if (objective.goal.type === "TopUp" && change.proposal.type === "TopUp") {
    endWish(draft, objective, FOLLOWER, code, rules);
  }
  if (objective.goal.type !== "VirtualFund" || change.proposal.type !== "Add") return;
  const { channel } = subjectOf(draft.tables, objective.id);
  giveUpVirtual(draft, objective, channel.myIndex, code, rules);
}

/** What is told, and from whom on it is news. */
type Word = {
  readonly objectiveId: ObjectiveId;
  readonly by: number;
  readonly code: string;
  readonly toldUpTo: number;
};

/** Whoever can know of the channel: those who signed its prefund, and the one whom I sent it to. */
function tellOthers(draft: Draft, channel: Channel, word: Word): void {
  const { by, code, objectiveId, toldUpTo } = word;
  const { fixedPart, id: channelId, myIndex } = channel;
  const signatures = stateAt(channel, TURN.prefund)?.signatures;
  for (const [index, to] of fixedPart.participants.entries()) {
    const knows = signatures === undefined || signatures[index] !== undefined;
    const isNext = index === myIndex + 1 && signatures?.[myIndex] !== undefined;
    if (index === myIndex || index === by || index <= toldUpTo || !(knows || isNext)) continue;
    const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
    draft.request({ type: "SendMessage", to, message });
  }
}

function freeLedgers(draft: Draft, objectiveId: ObjectiveId, { context }: Rules): void {
  const subject = subjectOf(draft.tables, objectiveId);
  draft.record(...leaveLedgers(subject));
  for (const [, { id }] of sidesOf(subject)) crankChannel(draft, id, context);
}

/**
 * Participant `by` says once more that she leaves: what she refused to take out of our ledger channel before she
 * knew what she had signed she grants now.
 */
export function askAgain(draft: Draft, objective: Objective, by: number, rules: Rules): void {
  // What a channel that closes has of the ledgers comes back by its end.
  if (draft.tables.objectives.get(virtualDefundId(objective.channelId)) !== undefined) return;
  const subject = subjectOf(draft.tables, objective.id);
  for (const [side, ledger] of sidesOf(subject)) {
    const neighbour = subject.channel.myIndex + (side === "left" ? -1 : 1);
    const refused = ledgerOf(ledger).agreed.get(objective.channelId);
    // A guarantee that she refused to put in is wanted no more.
    if (neighbour !== by || refused?.isBlocked !== true || refused.proposal.type === "Add")
      continue;
    mark("virtual/removal-granted-late");
    const { objectiveId, proposal } = refused;
    draft.record({ type: "ProposalAgreed", channelId: ledger.id, objectiveId, proposal });
    crankChannel(draft, ledger.id, rules.context);
  }
}

/** Tells the two neighbours that I leave, where I refused them before that what they wanted of our ledgers. */
export function tellNeighbours(draft: Draft, channel: Channel, fund: Objective): void {
  const { fixedPart, id: channelId, myIndex } = channel;
  const code = fund.rejectionCode ?? "TimedOut";
  const message = { type: "ObjectiveRejection", objectiveId: fund.id, channelId, code } as const;
  for (const index of [myIndex - 1, myIndex + 1]) {
    const to = fixedPart.participants[index];
    if (to !== undefined) draft.request({ type: "SendMessage", to, message });
  }
}

/** Asks for a state that all sign, once, since only that ends the channel for whoever has signed its postfund. */
export function closeInstead(draft: Draft, channel: Channel): void {
  const { id: channelId, myIndex: openedBy } = channel;
  const objectiveId = virtualDefundId(channelId);
  if (draft.tables.objectives.get(objectiveId) !== undefined) return;
  if (phaseOf(channel) === "Finalized") return;
  mark("virtual/closed-instead-of-opened");
  draft.record(
    { type: "ObjectiveCreated", objectiveId, channelId, goal: { type: "VirtualDefund" }, openedBy },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
}
