/** Every event type with its number for ever, its version and its layout: the disk contract. */
import { CHALLENGE_PROOF_MAX, type ChallengeState } from "../channel/challenge.ts";
import { DIRECT_USE } from "../channel/channel-use.ts";
import type { BlockId, ChainPosition } from "../channel/holdings.ts";
import { ALLOCATIONS_MAX, AMOUNT_MAX, ASSETS_MAX } from "../channel/outcome.ts";
import * as channel from "../channel/schema.ts";
import { messageSchema } from "../messages/codec.ts";
import { boolean, bytes, type Schema, text, uint, uint256 } from "../primitives/schema.ts";
import { list, optional, record, union } from "../primitives/schema-composite.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { Goal } from "../protocols/objective.ts";
import { type Catalogue, eventEntry, upcast } from "./catalogue-entry.ts";
import type { NodeEvent } from "./event.ts";
import { withAmounts, withStep } from "./older-layouts.ts";
import { logHeadSchema } from "./record-head.ts";

const { address, channelId, hash, objectiveId, participantIndex, signature, turnNum } = channel;
const { variablePart } = channel;

/** Characters of a refusal's code or of the reason why a transaction failed. */
const REASON_BYTES_MAX = 512;
/** Bytes of one signed transaction: 128 KiB, what Ethereum nodes take at most. */
const RAW_TRANSACTION_BYTES_MAX = 131_072;
/**
 * Facts that one reorganisation takes back: 1,024, some 90 KiB. With more, the node is far behind, and
 * several events tell it, one behind the other.
 */
const UNDONE_MAX = 1_024;

const SAFE_INTEGER_MAX = Number.MAX_SAFE_INTEGER;

const code = text(REASON_BYTES_MAX);
const sequence = uint(SAFE_INTEGER_MAX);
const timeMs = uint(SAFE_INTEGER_MAX);
const finalizesAtSec = uint(2 ** 48 - 1);
const blockNumber = uint(SAFE_INTEGER_MAX);
const effectId = text<EffectId>(256);
const objective = { objectiveId, channelId };
const transaction = { effectId, ...objective };
const opening = {
  channelId,
  fixedPart: channel.fixedPart,
  myIndex: participantIndex,
  outcome: channel.outcome,
  appData: channel.appData,
};
/** Of an event whose channel is not the objective's own: a ledger channel, as a rule. */
const channelObjective = { channelId, objectiveId };
const step = { turnNum, baseTurnNum: turnNum, changes: channel.ledgerChanges };
const voucher = {
  counter: channel.voucherCounter,
  amounts: channel.voucherAmounts,
  signature,
  counted: optional(channel.receiptedVoucher),
};

/** What an objective is for. */
export const goalSchema: Schema<Goal> = union("type", {
  DirectFund: [1, record({})],
  DirectDefund: [2, record({})],
  Update: [3, record({ change: optional(channel.change) })],
  VirtualFund: [4, record({})],
  VirtualDefund: [5, record({})],
  TopUp: [6, record({ asset: address, amount: uint256 })],
  Withdrawal: [7, record({ nonce: channel.channelNonce, amounts: channel.withdrawnAmounts })],
  Dispute: [8, record({})],
});

const position: Schema<ChainPosition> = record({
  blockNumber,
  blockHash: hash,
  logIndex: uint(SAFE_INTEGER_MAX),
  transactionHash: hash,
});

const block: Schema<BlockId> = record({ blockNumber, blockHash: hash });

const challengeState: Schema<ChallengeState> = record({
  variablePart,
  signatures: list(signature, 255),
});

const outcomeIndex = uint(ALLOCATIONS_MAX);
const final = {
  channelId,
  fixedPart: channel.fixedPart,
  variablePart,
  signatures: list(signature, 255),
};
const deadlineSec = optional(uint(2 ** 48 - 1));

/** A call that a node sends to the chain. */
export const callSchema: Schema<ChainCall> = union("type", {
  Deposit: [1, record({ channelId, asset: address, expectedHeld: uint256, amount: uint256 })],
  ApproveToken: [2, record({ channelId, asset: address, amount: uint256 })],
  ConcludeAndTransferAllAssets: [3, record(final)],
  Challenge: [
    4,
    record({
      channelId,
      fixedPart: channel.fixedPart,
      proof: list(challengeState, CHALLENGE_PROOF_MAX),
      candidate: challengeState,
      challengerSignature: signature,
      deadlineSec,
    }),
  ],
  Conclude: [5, record({ ...final, deadlineSec })],
  TransferAllAssets: [6, record({ channelId, outcome: channel.outcome, stateHash: hash })],
  Transfer: [
    7,
    record({
      channelId,
      assetIndex: outcomeIndex,
      outcome: channel.outcome,
      stateHash: hash,
      indices: list(outcomeIndex, ALLOCATIONS_MAX),
    }),
  ],
  Reclaim: [
    8,
    record({
      channelId,
      sourceStateHash: hash,
      sourceOutcome: channel.outcome,
      sourceAssetIndex: outcomeIndex,
      indexOfTargetInSource: outcomeIndex,
      targetId: channelId,
      targetStateHash: hash,
      targetOutcome: channel.outcome,
      targetAssetIndex: outcomeIndex,
    }),
  ],
  Checkpoint: [
    9,
    record({
      channelId,
      fixedPart: channel.fixedPart,
      proof: list(challengeState, CHALLENGE_PROOF_MAX),
      candidate: challengeState,
      deadlineSec,
    }),
  ],
});

/**
 * The numbers 1 to 19 are objectives, 20 to 39 channels, 40 to 59 the chain, 60 to 79 messages,
 * 80 to 99 the log itself.
 */
export const catalogue: Catalogue<NodeEvent> = {
  ObjectiveCreated: eventEntry(
    1,
    1,
    record({ ...objective, goal: goalSchema, openedBy: participantIndex }),
  ),
  ObjectiveApproved: eventEntry(2, 1, record(objective)),
  ObjectiveRejected: eventEntry(3, 1, record({ ...objective, by: participantIndex, code })),
  ObjectiveCranked: eventEntry(4, 1, record({ ...objective, askedTurnNum: turnNum })),
  ObjectiveCompleted: eventEntry(5, 1, record(objective)),
  PaymentsStopped: eventEntry(6, 1, record({ ...objective, by: participantIndex })),

  RequestAnswered: eventEntry(
    7,
    1,
    record({
      key: hash,
      wish: hash,
      objectiveId: optional(objectiveId),
      voucher: channel.channelVouchers.issued,
    }),
  ),

  ChannelCreated: eventEntry(20, 2, record({ ...opening, use: channel.channelUse }), [
    upcast(1, record(opening), (old) => ({ ...old, use: DIRECT_USE })),
  ]),
  StateSigned: eventEntry(21, 1, record({ channelId, objectiveId, variablePart, signature })),
  StateReceived: eventEntry(
    22,
    1,
    record({ channelId, objectiveId, by: participantIndex, variablePart, signature }),
  ),
  SupportedStateAdvanced: eventEntry(23, 1, record({ channelId, turnNum })),
  ChannelFinalized: eventEntry(24, 1, record({ channelId, turnNum })),

  ChannelResynced: eventEntry(
    30,
    1,
    record({
      channelId,
      objectiveId: optional(objectiveId),
      variablePart,
      signatures: list(optional(signature), 255),
      updatesAsked: sequence,
    }),
  ),
  ChannelDoubted: eventEntry(31, 1, record({ channelId, missingMax: sequence })),
  DoubtSettled: eventEntry(32, 1, record({ channelId, passedTurnNum: optional(turnNum) })),
  TurnPassed: eventEntry(33, 1, record({ channelId, by: participantIndex, turnNum })),

  ProposalSigned: eventEntry(25, 2, record({ channelId, ...step, signature }), [
    upcast(
      1,
      record({ ...objective, turnNum, proposal: channel.ledgerProposalV1, signature }),
      withStep,
    ),
  ]),
  ProposalReceived: eventEntry(
    26,
    2,
    record({ channelId, by: participantIndex, ...step, signature }),
    [
      upcast(
        1,
        record({
          ...objective,
          by: participantIndex,
          turnNum,
          proposal: channel.ledgerProposalV1,
          signature,
        }),
        withStep,
      ),
    ],
  ),
  VoucherIssued: eventEntry(27, 2, record({ channelId, to: participantIndex, ...voucher }), [
    upcast(1, record({ channelId, to: participantIndex, amount: uint256, signature }), withAmounts),
  ]),
  VoucherReceived: eventEntry(28, 2, record({ channelId, by: participantIndex, ...voucher }), [
    upcast(1, record({ channelId, by: participantIndex, amount: uint256, signature }), withAmounts),
  ]),
  CapacityReserved: eventEntry(
    34,
    1,
    record({
      ...channelObjective,
      amounts: list(record({ asset: address, amount: uint256 }), ASSETS_MAX),
    }),
  ),
  CapacityReleased: eventEntry(35, 1, record(channelObjective)),
  ProposalAgreed: eventEntry(
    36,
    1,
    record({ ...channelObjective, proposal: channel.ledgerProposal }),
  ),
  ProposalWithdrawn: eventEntry(37, 1, record(channelObjective)),
  ProposalRefused: eventEntry(38, 1, record({ channelId, by: participantIndex, turnNum, code })),
  LedgerRolledOver: eventEntry(
    39,
    1,
    record({ channelId, predecessor: channelId, successor: channelId }),
  ),
  AppMessageAppended: eventEntry(29, 1, record({ channelId, ...channel.appMessage })),
  DepositDetected: eventEntry(
    40,
    1,
    record({ channelId, asset: address, holdings: uint256, position }),
  ),
  AllocationUpdated: eventEntry(
    41,
    2,
    record({
      channelId,
      asset: address,
      holdings: uint256,
      initialHoldings: uint256,
      indices: optional(list(uint(ALLOCATIONS_MAX), ALLOCATIONS_MAX)),
      position,
    }),
    [
      upcast(
        1,
        record({ channelId, asset: address, holdings: uint256, position }),
        // Whoever wrote it knew of whole payouts alone.
        (old) => ({ ...old, initialHoldings: AMOUNT_MAX, indices: [] }),
      ),
    ],
  ),
  ChannelConcluded: eventEntry(42, 1, record({ channelId, finalizesAtSec, position })),
  TransactionRequested: eventEntry(43, 1, record({ ...transaction, call: callSchema })),
  TransactionSubmitted: eventEntry(
    44,
    1,
    record({
      ...transaction,
      nonce: uint(SAFE_INTEGER_MAX),
      transactionHash: hash,
      raw: bytes({ min: 1, max: RAW_TRANSACTION_BYTES_MAX }),
    }),
  ),
  TransactionConfirmed: eventEntry(
    45,
    1,
    record({ ...transaction, blockNumber, gasUsed: uint256 }),
  ),
  TransactionFailed: eventEntry(46, 1, record({ ...transaction, reason: text(REASON_BYTES_MAX) })),

  ChallengeRegistered: eventEntry(
    47,
    1,
    record({
      channelId,
      finalizesAtSec,
      candidate: challengeState,
      proof: list(challengeState, CHALLENGE_PROOF_MAX),
      position,
    }),
  ),
  ChallengeCleared: eventEntry(48, 1, record({ channelId, turnNum, position })),
  WithdrawCompleted: eventEntry(
    49,
    1,
    record({
      channelId,
      asset: address,
      destination: channel.destination,
      amount: uint256,
      position,
    }),
  ),
  ChainReorged: eventEntry(
    50,
    1,
    record({ fork: block, from: block, to: block, undone: list(position, UNDONE_MAX) }),
  ),
  HoldingsRead: eventEntry(
    51,
    1,
    record({
      channelId,
      amounts: list(record({ asset: address, holdings: uint256 }), ASSETS_MAX),
      block,
    }),
  ),
  GuaranteeReclaimed: eventEntry(
    52,
    1,
    record({
      channelId,
      asset: address,
      target: channelId,
      left: uint256,
      right: uint256,
      position,
    }),
  ),
  ChallengeExpired: eventEntry(53, 1, record({ channelId, block, blockTimeSec: finalizesAtSec })),
  BlocksRead: eventEntry(54, 1, record({ block, blockTimeSec: finalizesAtSec })),
  ChainFactsTakenBack: eventEntry(55, 1, record({ channelId, fork: block })),
  TransactionVanished: eventEntry(
    56,
    1,
    record({
      ...transaction,
      call: callSchema,
      transactionHash: hash,
      raw: bytes({ min: 1, max: RAW_TRANSACTION_BYTES_MAX }),
    }),
  ),
  MessageSent: eventEntry(60, 1, record({ to: address, sequence, message: messageSchema })),
  MessageReceived: eventEntry(61, 1, record({ from: address, sequence, messageType: text(32) })),
  MessageAcked: eventEntry(
    62,
    2,
    record({ peer: address, upTo: sequence, head: optional(logHeadSchema) }),
    [upcast(1, record({ peer: address, upTo: sequence }), (old) => ({ ...old, head: undefined }))],
  ),
  MessageDropped: eventEntry(63, 1, record({ peer: address, sequence, code })),
  PeerResynced: eventEntry(
    64,
    1,
    record({ peer: address, lastSent: sequence, lastReceived: sequence }),
  ),
  ResyncStarted: eventEntry(65, 1, record({ peer: address, missingMax: sequence })),
  ResyncCompleted: eventEntry(66, 1, record({ peer: address, lostMax: sequence })),
  VouchersResynced: eventEntry(
    67,
    1,
    record({ channelId, by: participantIndex, ...channel.channelVouchers }),
  ),
  StepResynced: eventEntry(68, 1, record({ channelId, ...step, isRefused: boolean })),
  LedgerNamed: eventEntry(69, 1, record({ channelId, side: channel.side, ledgerId: channelId })),
  SnapshotCreated: eventEntry(80, 1, record({ length: uint(SAFE_INTEGER_MAX), digest: hash })),
  ClockHeld: eventEntry(81, 1, record({ askedMs: timeMs, heldMs: timeMs })),
};
