/** The phases that protocols have, and in which of them a node is: the columns of the matrix. */
import type { Channel } from "../src/channel/channel.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import { isBusyLedger } from "../src/engine/crank-ledger.ts";
import type { NodeView } from "../src/engine/node-state.ts";
import { rungOf } from "./rungs.ts";

/** Rungs of ladders together, where the same can go wrong on them. */
export const PHASES = [
  "DirectFund/prefund",
  "DirectFund/deposit",
  "DirectFund/postfund",
  "Update",
  "DirectDefund/final",
  "DirectDefund/payout",
  "LedgerProposal",
  "VirtualFund/prefund",
  "VirtualFund/guarantees",
  "VirtualFund/postfund",
  "Payment",
  "VirtualDefund/final",
  "VirtualDefund/removal",
  "TopUp/signing",
  "TopUp/deposit",
  "Withdrawal/successor",
  "Withdrawal/payout",
  "Dispute/challenge",
  "Dispute/wait",
  "Dispute/reclaim",
  "Dispute/payout",
  "Resync",
  "Idle",
] as const;

/** One of them. */
export type Phase = (typeof PHASES)[number];

/** What an objective is at on each rung; an opening that waits for its user's word is at its first. */
const PHASE_OF_RUNG: Readonly<Record<string, Phase>> = {
  "DirectFund/Approval": "DirectFund/prefund",
  "DirectFund/PrefundComplete": "DirectFund/prefund",
  "DirectFund/MyTurnToDeposit": "DirectFund/deposit",
  "DirectFund/FundingComplete": "DirectFund/deposit",
  "DirectFund/PostfundComplete": "DirectFund/postfund",
  "Update/Approval": "Update",
  "Update/MoverSigned": "Update",
  "Update/UpdateComplete": "Update",
  "DirectDefund/Approval": "DirectDefund/final",
  "DirectDefund/FinalStateComplete": "DirectDefund/final",
  "DirectDefund/Withdrawn": "DirectDefund/payout",
  "VirtualFund/Approval": "VirtualFund/prefund",
  "VirtualFund/PrefundComplete": "VirtualFund/prefund",
  "VirtualFund/GuaranteesComplete": "VirtualFund/guarantees",
  "VirtualFund/PostfundComplete": "VirtualFund/postfund",
  "VirtualDefund/Approval": "VirtualDefund/final",
  "VirtualDefund/PaymentsStopped": "VirtualDefund/final",
  "VirtualDefund/OpeningDecided": "VirtualDefund/final",
  "VirtualDefund/FinalStateComplete": "VirtualDefund/final",
  "VirtualDefund/GuaranteesRemoved": "VirtualDefund/removal",
  "TopUp/Approval": "TopUp/signing",
  "TopUp/TopUpSigned": "TopUp/signing",
  "TopUp/FundingComplete": "TopUp/deposit",
  "TopUp/Merged": "TopUp/deposit",
  "Withdrawal/Approval": "Withdrawal/successor",
  "Withdrawal/LedgerAtRest": "Withdrawal/successor",
  "Withdrawal/SuccessorSigned": "Withdrawal/successor",
  "Withdrawal/FinalStateComplete": "Withdrawal/payout",
  "Withdrawal/Withdrawn": "Withdrawal/payout",
  "Withdrawal/SuccessorFunded": "Withdrawal/payout",
  "Dispute/Approval": "Dispute/challenge",
  "Dispute/StateOnChain": "Dispute/challenge",
  "Dispute/ChallengeExpired": "Dispute/wait",
  "Dispute/GuaranteesReclaimed": "Dispute/reclaim",
  "Dispute/PaidOut": "Dispute/payout",
};

/** The phase of a rung, named as `protocol/rung`; undefined for an objective that is over. */
export function phaseOfRung(rung: string): Phase | undefined {
  return PHASE_OF_RUNG[rung];
}

/** The phases in which a node is, as far as channels are concerned that `concerns` holds for; `Idle` in none. */
export function phasesOf(
  view: NodeView,
  concerns: (channel: Channel) => boolean = () => true,
): ReadonlySet<Phase> {
  const phases = new Set<Phase>();
  for (const [channelId, { open }] of view.desks) {
    const channel = open.length === 0 ? undefined : view.channels.get(channelId);
    if (channel === undefined || !concerns(channel)) continue;
    for (const phase of open.flatMap((id) => phaseOf(view, id) ?? [])) phases.add(phase);
  }
  if (isPaying(view, concerns)) phases.add("Payment");
  addChannels(phases, view, concerns);
  return phases.size === 0 ? new Set(["Idle"]) : phases;
}

function phaseOf(view: NodeView, id: ObjectiveId): Phase | undefined {
  const objective = view.objectives.get(id);
  return objective && phaseOfRung(`${objective.goal.type}/${rungOf(view, objective)}`);
}

/** True while a voucher is on its way that its payee has not settled. */
function isPaying(view: NodeView, concerns: (channel: Channel) => boolean): boolean {
  return view.messages.values().some(({ message }) => {
    if (message.type !== "Voucher") return false;
    const channel = view.channels.get(message.channelId);
    return channel !== undefined && concerns(channel);
  });
}

/** What the channels tell for themselves, without an objective. */
function addChannels(
  phases: Set<Phase>,
  view: NodeView,
  concerns: (channel: Channel) => boolean,
): void {
  const telling = [...view.peers].flatMap(([peer, { resync }]) =>
    resync.type === "None" ? [] : [peer],
  );
  for (const channel of view.channels.values()) {
    const isBusy = isBusyLedger(channel);
    const isHeard = telling.some((peer) => channel.fixedPart.participants.includes(peer));
    if ((!isBusy && !isHeard) || !concerns(channel)) continue;
    if (isBusy) phases.add("LedgerProposal");
    if (isHeard) phases.add("Resync");
  }
}
