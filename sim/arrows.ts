/** How messages, transactions and logs read as lines of a sequence diagram. */

import type { AdjudicatorEvent } from "../src/chain/adjudicator-logs.ts";
import type { LedgerChange, LedgerProposal } from "../src/channel/ledger-proposal.ts";
import { TURN } from "../src/channel/state.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Message, ResyncMessage } from "../src/messages/message.ts";
import type { ChainCall } from "../src/protocols/effects.ts";
import { type Asset, formatAmount } from "./assets.ts";
import type { Arrow } from "./sequence.ts";

/** Names an asset by its contract; an unknown one is shown by its address. */
export type AssetOf = (address: Address) => Asset;

/** A message from one node to another. */
export function messageArrow(from: string, to: string, message: Message): Arrow {
  return `${from}->>${to}: ${messageLabel(message)}`;
}

/** A transaction that a node sends. */
export function transactionArrow(from: string, call: ChainCall, assetOf: AssetOf): Arrow {
  return `${from}->>chain: ${callLabel(call, assetOf)}`;
}

/** What a mined log tells everybody. Undefined for the payout of a channel that nobody knows. */
export function logArrow(
  log: AdjudicatorEvent,
  assetOfPayout: (assetIndex: number) => Asset | undefined,
  assetOf: AssetOf,
): Arrow | undefined {
  switch (log.type) {
    case "Deposited":
      return `chain-->>all: holds ${formatAmount(assetOf(log.asset), log.holdings)}`;
    case "Concluded":
      return "chain-->>all: concluded";
    case "AllocationUpdated": {
      const asset = assetOfPayout(log.assetIndex);
      if (asset === undefined) return undefined;
      const paid = log.initialHoldings - log.finalHoldings;
      return `chain-->>all: pays out ${formatAmount(asset, paid)}`;
    }
    case "ChallengeRegistered":
      return `chain-->>all: challenged with turn ${log.candidate.variablePart.turnNum}`;
    case "ChallengeCleared":
    case "Checkpointed":
      return `chain-->>all: open again from turn ${log.newTurnNumRecord}`;
    case "Reclaimed":
      return "chain-->>all: guarantee reclaimed";
  }
}

function messageLabel(message: Message): string {
  switch (message.type) {
    case "Prefund":
      return "prefund";
    case "SignedState": {
      const { isFinal, turnNum } = message.variablePart;
      if (isFinal) return "final state";
      return turnNum === TURN.postfund ? "postfund" : `update ${turnNum}`;
    }
    case "UpdateRequest":
      return "ask for an update";
    case "DefundRequest":
      return "ask to close";
    case "ObjectiveRejection":
      return `refuse, ${message.code}`;
    case "VirtualPrefund":
      return "prefund";
    case "CompletePrefund":
      return "complete prefund";
    case "Voucher":
      return `voucher ${message.amounts.join(" and ")}`;
    case "LedgerProposal":
      return `propose ${changesLabel(message.changes)}`;
    case "LedgerCountersignature":
      return "agree";
    case "LedgerRefusal":
      return `refuse turn ${message.turnNum}, ${message.code}`;
    case "TopUpRequest":
      return "ask to top up";
    case "WithdrawalRequest":
      return "ask to withdraw";
    case "SuccessorSignatures":
      return "sign the next ledger";
    default:
      return resyncLabel(message);
  }
}

const CHANGE_LABELS: Readonly<Record<LedgerProposal["type"], string>> = {
  Add: "guarantee",
  Remove: "release",
  TopUp: "top-up",
  Merge: "merge",
};

/** `guarantee`, `2 guarantees and release`; `to skip` when a state only replaces one that was refused. */
function changesLabel(changes: readonly LedgerChange[]): string {
  const counts = new Map<string, number>();
  for (const { proposal } of changes) {
    const label = CHANGE_LABELS[proposal.type];
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const labels = [...counts].map(([label, count]) => (count === 1 ? label : `${count} ${label}s`));
  return labels.length === 0 ? "to skip" : labels.join(" and ");
}

function resyncLabel(message: ResyncMessage): string {
  switch (message.type) {
    case "ResyncRequest":
      return "ask what she holds";
    case "HeldChannel":
      return "hold a channel";
    case "HeldState":
      return `hold turn ${message.variablePart.turnNum}`;
    case "ResyncAnswer":
      return "hold no more";
    case "ObjectiveQuery":
      return "ask how an update ended";
    case "ObjectiveFate":
      return "tell how an update ended";
    case "TurnPassed":
      return `pass up to turn ${message.turnNum}`;
    case "HeldVirtual":
      return "hold a virtual channel";
    case "HeldStep":
      return `hold the changes of turn ${message.turnNum}`;
    case "HeldVouchers":
      return "hold vouchers";
    case "HeldSuccessor":
      return "hold the next ledger";
  }
}

function callLabel(call: ChainCall, assetOf: AssetOf): string {
  switch (call.type) {
    case "Deposit":
      return `deposit ${formatAmount(assetOf(call.asset), call.amount)}`;
    case "ApproveToken":
      return `approve ${formatAmount(assetOf(call.asset), call.amount)}`;
    case "ConcludeAndTransferAllAssets":
      return "conclude and pay out";
    case "Challenge":
      return `challenge with turn ${call.candidate.variablePart.turnNum}`;
    case "Checkpoint":
      return `checkpoint with turn ${call.candidate.variablePart.turnNum}`;
    case "Conclude":
      return "conclude";
    case "TransferAllAssets":
    case "Transfer":
      return "pay out";
    case "Reclaim":
      return "reclaim a guarantee";
  }
}
