/**
 * The causal rules: what must be true of the order of events in any honest node's log. They remember for
 * themselves what they have seen, so that a fault in the engine's own fold does not make them blind.
 */
import type { AppMessageEvent } from "../channel/app-message.ts";
import type { ChallengeEvent } from "../channel/challenge.ts";
import type { ChannelEvent } from "../channel/channel.ts";
import type { HoldingsEvent, HoldingsReading } from "../channel/holdings.ts";
import type { LedgerEvent } from "../channel/ledger-proposal.ts";
import { disputeId } from "../channel/objective-id.ts";
import type { TakenBackEvent } from "../channel/remembered-facts.ts";
import type { VoucherEvent } from "../channel/voucher.ts";
import type { NodeEvent } from "../events/event.ts";
import { unreachable } from "../primitives/assert.ts";
import { brokenByDispute, learnExpiry, learnFromChain, learnTakenBack } from "./causal-chain.ts";
import {
  learnChannel,
  learnFinal,
  learnSignature,
  learnSupport,
  unknownChannel,
} from "./causal-channels.ts";
import { brokenByFunding } from "./causal-guarantees.ts";
import type { Broken, History } from "./causal-history.ts";
import { learnLedger, learnSettled } from "./causal-ledgers.ts";
import { learnMessage } from "./causal-messages.ts";
import {
  brokenByApproval,
  brokenByObjective,
  learnObjective,
  learnProgress,
  learnTransaction,
} from "./causal-objectives.ts";
import { brokenByFinal, learnParticipant, learnVoucher } from "./causal-promises.ts";
import { brokenByDoubt, brokenByResync, learnResync, learnTakingBack } from "./causal-resync.ts";

/**
 * Learns the next event of a log, and gives the rules that it breaks. Goes on after a broken rule as well
 * as it can, so that one fault does not hide the next.
 */
export function learnEvent(history: History, event: NodeEvent): Broken {
  switch (event.type) {
    case "ObjectiveCreated":
      return learnObjective(history, event);
    case "ObjectiveApproved":
    case "ObjectiveRejected":
    case "ObjectiveCranked":
    case "PaymentsStopped":
    case "ObjectiveCompleted":
      return learnProgress(history, event);
    case "TransactionRequested":
    case "TransactionSubmitted":
    case "TransactionConfirmed":
    case "TransactionFailed":
    case "TransactionVanished":
      return learnTransaction(history, event);
    case "MessageSent":
    case "MessageReceived":
    case "MessageAcked":
    case "MessageDropped":
      return learnMessage(history, event);
    case "ResyncStarted":
    case "PeerResynced":
    case "ResyncCompleted":
      return learnResync(history, event);
    case "ChainReorged":
      // What comes now stands after the block that both chains share.
      for (const [channelId, { blockNumber }] of history.places) {
        const { fork } = event;
        if (blockNumber <= fork.blockNumber) continue;
        history.places.set(channelId, { blockNumber: fork.blockNumber, logIndex: Infinity });
      }
      return [];
    case "BlocksRead":
      return [];
    case "SnapshotCreated":
    case "ClockHeld":
    case "RequestAnswered":
      return [];
    default:
      return learnOfChannel(history, event);
  }
}

type EventOfChannel =
  | ChannelEvent
  | LedgerEvent
  | VoucherEvent
  | AppMessageEvent
  | HoldingsEvent
  | HoldingsReading
  | TakenBackEvent
  | ChallengeEvent;

function learnOfChannel(history: History, event: EventOfChannel): Broken {
  switch (event.type) {
    case "ChannelCreated":
      return learnChannel(history, event);
    case "StateSigned":
      return learnSigned(history, event);
    case "StateReceived":
      return [...brokenByObjective(history, event), ...learnSignature(history, event)];
    case "SupportedStateAdvanced":
      return learnAdvance(history, event);
    case "ChannelFinalized":
      return learnFinal(history, event);
    case "ChannelResynced":
    case "ChannelDoubted":
    case "DoubtSettled":
    case "TurnPassed":
    case "StepResynced":
    case "LedgerNamed":
    case "VouchersResynced":
      return learnTakingBack(history, event);
    case "CapacityReserved":
    case "CapacityReleased":
    case "ProposalAgreed":
    case "ProposalWithdrawn":
    case "ProposalRefused":
    case "LedgerRolledOver":
    case "ProposalSigned":
    case "ProposalReceived":
      return learnLedger(history, event);
    case "VoucherIssued":
    case "VoucherReceived":
      return learnVoucher(history, event);
    case "AppMessageAppended":
      return learnParticipant(history, event);
    case "ChallengeExpired":
      return learnExpiry(history, event);
    case "ChainFactsTakenBack":
      return learnTakenBack(history, event);
    case "HoldingsRead":
      return history.channels.has(event.channelId) ? [] : unknownChannel(event.channelId);
    case "DepositDetected":
    case "AllocationUpdated":
    case "ChannelConcluded":
    case "GuaranteeReclaimed":
    case "WithdrawCompleted":
    case "ChallengeRegistered":
    case "ChallengeCleared":
      return learnFromChain(history, event);
    default:
      return unreachable(event);
  }
}

function learnSigned(
  history: History,
  event: ChannelEvent & { readonly type: "StateSigned" },
): Broken {
  const { turnNum } = event.variablePart;
  // On the chain, whoever does not move loses all: there a turn is played that this node may have forgotten.
  const brokenByPast = isMove(history, event)
    ? brokenByDoubt(history, event.channelId, `turn ${turnNum}`)
    : brokenByResync(history, { ...event, turnNum });
  return [
    ...brokenByPast,
    ...learnSignature(history, event),
    ...brokenByObjective(history, event),
    ...brokenByApproval(history, event),
    ...brokenByFunding(history, event),
    ...brokenByFinal(history, event),
    ...(isMove(history, event) ? [] : brokenByDispute(history, event)),
  ];
}

/** A dispute over a game goes on by moves on the chain. */
function isMove(
  { channels }: History,
  { channelId, objectiveId, variablePart }: ChannelEvent & { readonly type: "StateSigned" },
): boolean {
  const use = channels.get(channelId)?.created.use;
  const hasTwin = use?.type === "MessageLog" && use.hasTwin;
  return hasTwin && objectiveId === disputeId(channelId) && !variablePart.isFinal;
}

function learnAdvance(
  history: History,
  event: ChannelEvent & { readonly type: "SupportedStateAdvanced" },
): Broken {
  const rules = learnSupport(history, event);
  learnSettled(history, event.channelId);
  return rules;
}
