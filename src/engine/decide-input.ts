/** Decides any input over a draft: what it teaches, and what the node does about it. */

import type { ChainNews } from "../chain/chain-news.ts";
import { channelIdOf } from "../channel/channel-id.ts";
import { directFundId, type ObjectiveId, virtualFundId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import { decodeMessage } from "../messages/codec.ts";
import type { LedgerMessage, Message, VirtualMessage } from "../messages/message.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Objective, TransactionEvent } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import { isBusyLedger } from "./crank-ledger.ts";
import { decideLogs, expireChallenges, noteCursor } from "./decide-chain.ts";
import { decideLedger, refuseState } from "./decide-ledger.ts";
import { decideMessage } from "./decide-message.ts";
import { decideHandover, decidePayment, hearVoucher } from "./decide-payment.ts";
import { decideReorg } from "./decide-reorg.ts";
import { decideRequest } from "./decide-request.ts";
import { decideResync, resyncWith } from "./decide-resync.ts";
import { decideCompletePrefund, decideVirtualPrefund } from "./decide-virtual.ts";
import { decideWelcome } from "./decide-welcome.ts";
import { disputeOverdue, disputeStuck, watch } from "./dispute.ts";
import type { Draft } from "./draft.ts";
import { dropLateDeposits } from "./drop-deposits.ts";
import { expire } from "./give-up-virtual.ts";
import type { Input } from "./input.ts";
import { messageKey, NEW_PEER, type NodeState, type OpenTransaction } from "./node-state.ts";
import { keepAnswer } from "./once.ts";
import { openOver } from "./own-ledgers.ts";
import { markRefusal } from "./refusal-marks.ts";
import { rejectByPeer } from "./refuse-objective.ts";
import type { Rules } from "./rules.ts";
import { decideHoldings } from "./successor-holdings.ts";
import { hearPassedOver } from "./turn-passing.ts";

/** What an input came to: the objective of a request, or nothing to tell; or why it was refused. */
export type Verdict = Result<ObjectiveId | undefined, Rejection>;

/** Decides over the draft. After a refusal the draft is dropped. */
export function decideInput(draft: Draft, state: NodeState, input: Input, rules: Rules): Verdict {
  const verdict = decide(draft, state, input, rules);
  if (verdict.ok) keepAnswer(draft, input, verdict.value);
  return verdict;
}

function decide(draft: Draft, state: NodeState, input: Input, rules: Rules): Verdict {
  switch (input.type) {
    case "Request":
      return decideRequest(draft, input.request, input.channelNonce, rules);
    case "Payment":
      return decidePayment(draft, input, rules);
    case "Handover":
      return decideHandover(draft, input, rules);
    case "Message":
      return receive(draft, state, input, rules);
    case "Acknowledged":
      acknowledge(draft, input);
      return accept(undefined);
    case "Refused":
      drop(draft, input, rules);
      return accept(undefined);
    case "Welcomed":
      decideWelcome(draft, state, input, rules);
      return accept(undefined);
    case "Chain":
      learnFromChain(draft, state, input, rules);
      return accept(undefined);
    case "SnapshotWritten": {
      const { digest, length } = input;
      draft.record({ type: "SnapshotCreated", length, digest });
      return accept(undefined);
    }
    case "Expired":
      expire(draft, input.objectiveId, rules);
      disputeOverdue(draft, input.objectiveId, rules);
      return accept(undefined);
    case "Stuck":
      disputeStuck(draft, input.channelId, rules);
      return accept(undefined);
    case "ChainTrusted":
    case "Restarted":
      for (const [channelId, desk] of state.desks) {
        if (desk.open.length > 0) crankChannel(draft, channelId, rules.context);
      }
      for (const channel of state.channels.values()) {
        if (isBusyLedger(channel)) crankChannel(draft, channel.id, rules.context);
      }
      if (draft.events.length > 0) mark("restart/crank-went-on");
      return accept(undefined);
  }
}

function receive(
  draft: Draft,
  state: NodeState,
  { from, payload, sequence }: Input & { type: "Message" },
  rules: Rules,
): Verdict {
  const message = decodeMessage(payload);
  if (!message.ok) {
    return markRefusal(reject({ code: "Undecodable", problem: message.reason.problem }));
  }
  const decided = decideAny(draft, state, from, message.value, rules);
  if (!decided.ok) return markRefusal(decided);
  // A message that taught nothing needs no record: learning nothing from it twice is the same.
  if (draft.events.length > 0) {
    draft.record({ type: "MessageReceived", from, sequence, messageType: message.value.type });
  }
  return accept(undefined);
}

function decideAny(
  draft: Draft,
  state: NodeState,
  from: Address,
  message: Message,
  rules: Rules,
): Result<undefined, Rejection> {
  switch (message.type) {
    case "VirtualPrefund":
    case "CompletePrefund":
    case "Voucher":
    case "LedgerProposal":
    case "LedgerCountersignature":
    case "LedgerRefusal":
    case "TopUpRequest":
    case "WithdrawalRequest":
    case "SuccessorSignatures":
      if (resyncWith(draft, from).type !== "None")
        return marked("resync/ledger-message-unheard", accept(undefined));
      return decideVirtualMessage(draft, from, message, rules);
    case "Prefund":
    case "SignedState":
    case "UpdateRequest":
    case "DefundRequest":
      // Until the peer has told what it holds, this would be judged by an old state. It says it again.
      if (resyncWith(draft, from).type !== "None")
        return marked("resync/message-unheard", accept(undefined));
      return decideMessage(draft, state, from, message, rules);
    case "ObjectiveRejection":
      return decideMessage(draft, state, from, message, rules);
    default:
      return decideResync(draft, state, from, message, rules);
  }
}

function decideVirtualMessage(
  draft: Draft,
  from: Address,
  message: VirtualMessage | LedgerMessage,
  rules: Rules,
): Result<undefined, Rejection> {
  switch (message.type) {
    case "VirtualPrefund":
      return decideVirtualPrefund(draft, from, message, rules);
    case "CompletePrefund":
      return decideCompletePrefund(draft, from, message, rules);
    case "Voucher":
      return hearVoucher(draft, from, message, rules);
    default:
      return decideLedger(draft, from, message, rules);
  }
}

function acknowledge(draft: Draft, { head, peer, upTo }: Input & { type: "Acknowledged" }): void {
  const { ackedUpTo, lastSent } = draft.tables.peers.get(peer) ?? NEW_PEER;
  // The session never reports what was not sent; the log must not rest on that.
  const settled = Math.min(upTo, lastSent);
  if (settled > ackedUpTo) draft.record({ type: "MessageAcked", peer, upTo: settled, head });
}

/** A peer refused a message: if that message asked for its part in an objective, the objective ends. */
function drop(
  draft: Draft,
  { code, peer, sequence }: Input & { type: "Refused" },
  rules: Rules,
): void {
  const open = draft.tables.messages.get(messageKey(peer, sequence));
  if (open === undefined) return;
  draft.record({ type: "MessageDropped", peer, sequence, code });
  const { message } = open;
  if (message.type === "LedgerProposal") {
    mark("ledger/proposal-message-refused");
    const ledger = draft.tables.channels.get(message.channelId);
    if (ledger !== undefined) refuseState(draft, ledger, message.turnNum, code, rules);
    return;
  }
  const objective = askedFor(draft, open.message);
  if (objective === undefined) return;
  const { channel } = subjectOf(draft.tables, objective.id);
  const by = channel.fixedPart.participants.indexOf(peer);
  if (code === PASSED_OVER) {
    hearPassedOver(draft, objective, by, rules);
    return;
  }
  rejectByPeer(draft, objective, by, code, rules);
}

/** See `checkRemembered`. */
const PASSED_OVER: Rejection["code"] = "TurnPassedOver";

function askedFor(draft: Draft, message: Message): Objective | undefined {
  switch (message.type) {
    case "Prefund":
      return draft.tables.objectives.get(directFundId(channelIdOf(message.fixedPart)));
    case "VirtualPrefund":
      return draft.tables.objectives.get(virtualFundId(channelIdOf(message.fixedPart)));
    case "SignedState":
    case "UpdateRequest":
    case "DefundRequest":
    case "CompletePrefund":
    case "TopUpRequest":
    case "WithdrawalRequest":
    case "SuccessorSignatures":
      return draft.tables.objectives.get(message.objectiveId);
    default:
      return undefined;
  }
}

function learnFromChain(
  draft: Draft,
  state: NodeState,
  { news, vanished = [] }: Input & { readonly type: "Chain" },
  rules: Rules,
): void {
  if (news.type === "LogsConfirmed") {
    decideLogs(draft, news, rules);
    const told = new Set(news.logs.map((log) => log.channelId));
    for (const channelId of told) dropLateDeposits(draft, state, channelId);
    const over = expireChallenges(draft, state.channels.values(), news);
    const looked = new Set([...told, ...over]);
    const above = openOver(draft.tables, state.channels.values(), looked);
    for (const channelId of new Set([...looked, ...above])) watch(draft, channelId, rules);
    noteCursor(draft, news);
    return;
  }
  if (news.type === "HoldingsAnswered") {
    decideHoldings(draft, news, rules);
    return;
  }
  if (news.type === "ChainReorged") {
    decideReorg(draft, state, news, vanished);
    return;
  }
  const open = draft.tables.transactions.get(news.effectId);
  if (open === undefined) return;
  const { channelId, effectId, objectiveId } = open;
  draft.record(transactionFact(news, { effectId, objectiveId, channelId }));
  crankChannel(draft, channelId, rules.context);
}

type TransactionName = Pick<OpenTransaction, "effectId" | "objectiveId" | "channelId">;

function transactionFact(
  news: Exclude<ChainNews, { type: "LogsConfirmed" | "ChainReorged" | "HoldingsAnswered" }>,
  name: TransactionName,
): TransactionEvent {
  switch (news.type) {
    case "TransactionSigned": {
      const { nonce, raw, transactionHash } = news;
      return { type: "TransactionSubmitted", ...name, nonce, transactionHash, raw };
    }
    case "TransactionMined": {
      const { block, gasUsed, reason = "the contract refused it", succeeded } = news;
      const { blockNumber } = block;
      if (succeeded) return { type: "TransactionConfirmed", ...name, blockNumber, gasUsed };
      return { type: "TransactionFailed", ...name, reason };
    }
    case "TransactionPointless":
      return { type: "TransactionFailed", ...name, reason: news.reason };
  }
}
