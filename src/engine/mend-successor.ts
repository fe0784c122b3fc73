/** Brings withdrawals in order once everybody has told what they hold: what can follow from states, does. */

import { type Channel, ledgerOf, phaseOf, supportsTurn } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { LEADER } from "../channel/ledger.ts";
import { withdrawalId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import type { Hex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { toOthers } from "../protocols/signing.ts";
import { mayHoldTopUp } from "../protocols/top-up.ts";
import { subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { endedBy } from "./held-successor.ts";
import { openWithdrawal } from "./ledger-wishes.ts";

/** A ledger that has ended in a withdrawal goes on in the next one, in both of them. */
export function mendRollOver(draft: Draft, channelId: ChannelId): void {
  const ledger = draft.tables.channels.get(channelId);
  if (ledger?.ledger === undefined || ledger.supported?.variablePart.isFinal !== true) return;
  const objectiveId = endedBy(draft, ledger);
  if (objectiveId === undefined || draft.tables.objectives.get(objectiveId) === undefined) return;
  const { successor } = subjectOf(draft.tables, objectiveId);
  if (successor === undefined || !supportsTurn(successor, TURN.postfund)) return;
  const both = { predecessor: ledger.id, successor: successor.id };
  if (ledgerOf(ledger).successor === undefined) {
    mark("withdrawal/rolled-over-after-loss");
    draft.record({ type: "LedgerRolledOver", channelId: ledger.id, ...both });
  }
  if (ledgerOf(successor).predecessor === undefined) {
    draft.record({ type: "LedgerRolledOver", channelId: successor.id, ...both });
  }
}

/**
 * The chain has ended a ledger by what a withdrawal pays that was left: it was told otherwise then, and that was taken
 * back. The ledger goes on in the next one after all. An open withdrawal sees to that itself.
 */
export function rollOverAfterAll(draft: Draft, ledger: Channel): void {
  if (!ledger.concluded || ledger.ledger === undefined || ledger.ledger.successor !== undefined)
    return;
  const successor = paidBy(draft, ledger);
  if (successor === undefined || !supportsTurn(successor, TURN.postfund)) return;
  const withdrawal = withdrawalId(ledger.id, successor.fixedPart.channelNonce);
  if (draft.tables.objectives.get(withdrawal)?.status !== "Rejected") return;
  mark("withdrawal/rolled-over-after-all");
  const both = { predecessor: ledger.id, successor: successor.id };
  for (const { id: channelId } of [ledger, successor]) {
    draft.record({ type: "LedgerRolledOver", channelId, ...both });
  }
}

/** The ledger channel that gets what is left of another one by its end. */
function paidBy({ tables }: Draft, ledger: Channel): Channel | undefined {
  for (const { allocations } of finalStateOf(ledger)?.outcome ?? []) {
    for (const { destination } of allocations) {
      const paid = tables.channels.get(destination as Hex as ChannelId);
      if (paid?.ledger !== undefined) return paid;
    }
  }
  return undefined;
}

/**
 * A leader who lost its log may have signed a channel for a withdrawal that nobody shows, over another state of
 * the ledger. It signs no second one under the same name: whoever still wants the withdrawal asks anew.
 */
export function leaveUnsure(draft: Draft, channelId: ChannelId): void {
  const ledger = draft.tables.channels.get(channelId);
  const withdrawal = ledger?.ledger && openWithdrawal(draft, ledger);
  if (ledger?.myIndex !== LEADER || withdrawal === undefined) return;
  const { successor } = subjectOf(draft.tables, withdrawal.id);
  if (successor !== undefined && supportsTurn(successor, TURN.postfund)) return;
  const code = "Overtaken";
  mark("withdrawal/left-unsure");
  leave(draft, ledger, withdrawal, ledger.myIndex, code);
  const { id: objectiveId } = withdrawal;
  draft.request(...toOthers(ledger, { type: "ObjectiveRejection", objectiveId, channelId, code }));
}

/**
 * Learns how a top-up or a withdrawal ended that is open here, from participant `by`. What was signed for it
 * tells more than her word.
 */
export function endTold(
  draft: Draft,
  objective: Objective,
  by: number,
  code: string | undefined,
): void {
  const { channel, successor } = subjectOf(draft.tables, objective.id);
  if (channel.ledger === undefined || phaseOf(channel) !== "Running") return;
  const { channelId, goal, id: objectiveId } = objective;
  if (code !== undefined) {
    if (goal.type === "TopUp" && mayHoldTopUp(channel, goal.asset)) return;
    const isSigned = successor !== undefined && supportsTurn(successor, TURN.postfund);
    if (!isSigned) leave(draft, channel, objective, by, code);
    return;
  }
  if (goal.type !== "TopUp" || !isActive(objective)) return;
  if (objective.status === "Unapproved") {
    draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  }
  draft.record({ type: "ObjectiveCompleted", objectiveId, channelId });
  withdrawAgreed(draft, channel, objective);
}

function leave(
  draft: Draft,
  ledger: Channel,
  objective: Objective,
  by: number,
  code: string,
): void {
  const { channelId, id: objectiveId } = objective;
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
  withdrawAgreed(draft, ledger, objective);
  if (ledgerOf(ledger).reserved.has(objectiveId)) {
    draft.record({ type: "CapacityReleased", channelId, objectiveId });
  }
}

function withdrawAgreed(draft: Draft, ledger: Channel, { channelId, id }: Objective): void {
  const isAgreed = [...ledgerOf(ledger).agreed.values()].some(
    ({ objectiveId }) => objectiveId === id,
  );
  if (isAgreed) draft.record({ type: "ProposalWithdrawn", channelId, objectiveId: id });
}
