/** What a ladder is climbed on: an objective together with the channel that it is for. */
import type { AppMessageEvent } from "../channel/app-message.ts";
import type { ChallengeEvent } from "../channel/challenge.ts";
import {
  type Channel,
  type ChannelEvent,
  createChannel,
  evolveChannel,
  evolveUse,
} from "../channel/channel.ts";
import {
  evolveChallenge,
  evolveHoldings,
  evolveReading,
  type HoldingsEvent,
  type HoldingsReading,
  learnEnd,
} from "../channel/holdings.ts";
import type { LedgerEvent } from "../channel/ledger-proposal.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import { type TakenBackEvent, takeFactsBack } from "../channel/remembered-facts.ts";
import type { VoucherEvent } from "../channel/voucher.ts";
import {
  createObjective,
  evolveObjective,
  isActive,
  type Objective,
  type ObjectiveEvent,
} from "./objective.ts";

/** All are immutable; `evolveSubject` makes new ones. */
export type Subject = {
  readonly objective: Objective;
  readonly channel: Channel;
  /**
   * Of a virtual channel: the ledger channels that fund it, shared with the participant before me and with
   * the one after me, as far as there are such.
   */
  readonly left?: Channel;
  readonly right?: Channel;
  /** Of a withdrawal: the ledger channel that goes on, once it is known. */
  readonly successor?: Channel;
  /** Of the dispute of a ledger channel: the virtual channels that it guarantees. */
  readonly targets?: readonly Channel[];
};

/** Every fact that a protocol can record. */
export type ProtocolEvent =
  | ObjectiveEvent
  | ChannelEvent
  | HoldingsEvent
  | HoldingsReading
  | ChallengeEvent
  | TakenBackEvent
  | LedgerEvent
  | VoucherEvent
  | AppMessageEvent;

/** Folds one fact into the objective and the channels, each its own part. */
export function evolveSubject(subject: Subject, event: ProtocolEvent): Subject {
  const { channel, left, objective, right, targets } = subject;
  const successor = evolveSuccessor(subject, event);
  const evolved: { -readonly [Name in keyof Subject]: Subject[Name] } = {
    objective: evolveOneObjective(objective, event) ?? objective,
    channel: evolveOwn(channel, event),
  };
  if (left !== undefined) evolved.left = evolveOwn(left, event);
  if (right !== undefined) evolved.right = evolveOwn(right, event);
  if (successor !== undefined) evolved.successor = successor;
  if (targets !== undefined) evolved.targets = targets;
  return evolved;
}

/** No other objective creates a channel while it is cranked. */
function evolveSuccessor(
  { channel, successor }: Subject,
  event: ProtocolEvent,
): Channel | undefined {
  if (successor !== undefined) return evolveOwn(successor, event);
  const isNew = event.type === "ChannelCreated" && event.channelId !== channel.id;
  return isNew ? createChannel(event) : undefined;
}

function evolveOwn(channel: Channel, event: ProtocolEvent): Channel {
  if (channel.id !== event.channelId) return channel;
  return evolveOneChannel(channel, event) ?? channel;
}

/** True for a fact that changes no channel, whatever else it names one for. */
export function leavesChannel(event: ProtocolEvent): boolean {
  switch (event.type) {
    case "ObjectiveCreated":
      return event.goal.type !== "Dispute";
    case "ObjectiveApproved":
    case "ObjectiveCranked":
    case "PaymentsStopped":
    case "ObjectiveCompleted":
    case "TransactionRequested":
    case "TransactionSubmitted":
    case "TransactionConfirmed":
    case "TransactionFailed":
    case "TransactionVanished":
      return true;
    default:
      return false;
  }
}

/** The channel after the fact; undefined when the fact is of another channel, or of none. */
export function evolveOneChannel(
  channel: Channel | undefined,
  event: ProtocolEvent,
): Channel | undefined {
  switch (event.type) {
    case "ChannelCreated":
      return channel ?? createChannel(event);
    case "StateSigned":
    case "StateReceived":
    case "SupportedStateAdvanced":
    case "ChannelFinalized":
    case "ChannelResynced":
    case "ChannelDoubted":
    case "DoubtSettled":
    case "TurnPassed":
    case "StepResynced":
    case "LedgerNamed":
    case "VouchersResynced":
      return channel && learnEnd(evolveChannel(channel, event));
    case "DepositDetected":
    case "AllocationUpdated":
    case "ChannelConcluded":
    case "GuaranteeReclaimed":
    case "WithdrawCompleted":
      return channel && evolveHoldings(channel, event);
    case "ChainFactsTakenBack":
      return channel && learnEnd(takeFactsBack(channel, event));
    case "ChallengeRegistered":
    case "ChallengeCleared":
    case "ChallengeExpired":
      return channel && evolveChallenge(channel, event);
    case "HoldingsRead":
      return channel && evolveReading(channel, event);
    case "CapacityReserved":
    case "CapacityReleased":
    case "ProposalAgreed":
    case "ProposalWithdrawn":
    case "ProposalSigned":
    case "ProposalReceived":
    case "ProposalRefused":
    case "LedgerRolledOver":
    case "VoucherIssued":
    case "VoucherReceived":
      return channel && evolveUse(channel, event);
    case "AppMessageAppended":
      return channel && withAppMessage(channel, event);
    case "ObjectiveCreated":
      return channel && event.goal.type === "Dispute" ? { ...channel, isDisputed: true } : channel;
    case "ObjectiveRejected":
      return channel && withoutProposalOf(channel, event.objectiveId);
    default:
      return channel;
  }
}

function withAppMessage(channel: Channel, event: AppMessageEvent): Channel {
  const { by, messageTimeMs, messageType, payload, runningHash, turnNum } = event;
  const message = { turnNum, by, messageType, payload, messageTimeMs, runningHash };
  return { ...channel, appMessages: [...channel.appMessages, message] };
}

/** The objective after the fact; unchanged when the fact is of another one. */
export function evolveOneObjective(
  objective: Objective | undefined,
  event: ProtocolEvent,
): Objective | undefined {
  switch (event.type) {
    case "ObjectiveCreated":
      // A closing that was refused may be asked for again, and what a reorganisation undid is done again.
      return objective !== undefined && isActive(objective)
        ? objective
        : createdAgain(objective, event);
    case "StateSigned":
    case "StateReceived":
    case "ChannelResynced":
      return objective && withTurn(objective, event);
    case "ObjectiveApproved":
    case "ObjectiveRejected":
    case "ObjectiveCranked":
    case "PaymentsStopped":
    case "ObjectiveCompleted":
    case "TransactionRequested":
    case "TransactionSubmitted":
    case "TransactionConfirmed":
    case "TransactionFailed":
    case "TransactionVanished":
      return objective?.id === event.objectiveId ? evolveObjective(objective, event) : objective;
    default:
      return objective;
  }
}

/** A dispute goes on from the transactions that it has made: one that vanished is sent again by itself. */
function createdAgain(
  before: Objective | undefined,
  event: ObjectiveEvent & { readonly type: "ObjectiveCreated" },
): Objective {
  const created = createObjective(event);
  if (before === undefined || event.goal.type !== "Dispute") return created;
  return { ...created, transactions: before.transactions };
}

function withTurn(
  objective: Objective,
  event: ChannelEvent & { type: "StateSigned" | "StateReceived" | "ChannelResynced" },
): Objective {
  const { turnNum } = event.variablePart;
  const isKnown = objective.turnNum === turnNum || objective.id !== event.objectiveId;
  return isKnown ? objective : { ...objective, turnNum };
}

/** A rejected proposal no longer holds the channel up; its turn stays used. */
function withoutProposalOf(channel: Channel, objectiveId: string): Channel {
  // Once all have signed the postfund nobody can give the opening up any more.
  if (objectiveId === virtualFundId(channel.id)) return { ...channel, isGivenUp: !channel.wasOpen };
  if (channel.proposal?.objectiveId !== objectiveId) return channel;
  return { ...channel, proposal: undefined };
}
