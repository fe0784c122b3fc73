/** A sample of each type of event, whose bytes are kept for ever. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Destination } from "../src/channel/destination.ts";
import type { Guarantee } from "../src/channel/guarantee.ts";
import type { ChainPosition } from "../src/channel/holdings.ts";
import type { LedgerProposal } from "../src/channel/ledger-proposal.ts";
import { AMOUNT_MAX } from "../src/channel/outcome.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash, Signature } from "../src/crypto/signature.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { RecordHash } from "../src/events/record.ts";
import type { EffectId } from "../src/protocols/effects.ts";
import { SAMPLE_ANSWERS } from "./sample-answers.ts";
import { sampleCalls } from "./sample-calls.ts";
import {
  allSampleMessages,
  repeated,
  SAMPLE_ADDRESS,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_OBJECTIVE_ID,
  SAMPLE_OUTCOME,
  SAMPLE_PLAY_REQUEST,
  SAMPLE_SIGNATURE,
  SAMPLE_VARIABLE_PART,
  SAMPLE_VOUCHERS,
} from "./sample-messages.ts";
import { sampleObjectives } from "./sample-objectives.ts";

const channelId = SAMPLE_CHANNEL_ID;
const about = { objectiveId: SAMPLE_OBJECTIVE_ID, channelId };
const transaction = { effectId: "DirectFunding-0xc1/deposit" as EffectId, ...about };
const state = { ...about, variablePart: SAMPLE_VARIABLE_PART, signature: SAMPLE_SIGNATURE };
const position: ChainPosition = {
  blockNumber: 19_000_000,
  blockHash: repeated("b0", 32) as Hash,
  logIndex: 300,
  transactionHash: repeated("f0", 32) as Hash,
};
const block = { blockNumber: 19_000_000, blockHash: repeated("b0", 32) as Hash };
const readAt = { block, blockTimeSec: 1_700_086_412 };
const side = (digits: string) => `0x${"00".repeat(12)}${digits.repeat(20)}` as Destination;
const guarantee: Guarantee = { left: side("a1"), right: side("b2") };
const proposals: readonly LedgerProposal[] = [
  {
    type: "Add",
    target: repeated("c2", 32) as ChannelId,
    guarantee,
    shares: [
      { asset: ZERO_ADDRESS, left: 6n, right: 4n },
      { asset: SAMPLE_ADDRESS, left: 0n, right: 2n ** 256n - 1n },
    ],
    fee: 2n,
  },
  {
    type: "Remove",
    target: repeated("c2", 32) as ChannelId,
    shares: [{ asset: ZERO_ADDRESS, left: 1n, right: 9n }],
    refund: 1n,
  },
  { type: "TopUp", by: 1, asset: SAMPLE_ADDRESS, amount: 7n },
  { type: "Merge", by: 0, asset: ZERO_ADDRESS },
];
const changes = proposals.map((proposal) => ({ objectiveId: SAMPLE_OBJECTIVE_ID, proposal }));
const voucher = { counter: 3, amounts: [10n ** 18n, 0n], signature: SAMPLE_SIGNATURE };
const counted = { ...voucher, counter: 7, receipt: repeated("52", 65) as Signature };
const holding = { channelId, asset: ZERO_ADDRESS, holdings: 2n ** 64n, position };

/** Samples by type. The compiler asks for those of a new type, and a test for each variant inside. */
export const sampleEvents: {
  readonly [Name in NodeEvent["type"]]: readonly Extract<NodeEvent, { readonly type: Name }>[];
} = {
  ObjectiveCreated: sampleObjectives,
  PaymentsStopped: [{ type: "PaymentsStopped", ...about, by: 2 }],
  ObjectiveApproved: [{ type: "ObjectiveApproved", ...about }],
  ObjectiveRejected: [{ type: "ObjectiveRejected", ...about, by: 1, code: "PeerUnknown" }],
  ObjectiveCranked: [{ type: "ObjectiveCranked", ...about, askedTurnNum: 70_000 }],
  ObjectiveCompleted: [{ type: "ObjectiveCompleted", ...about }],
  ChannelCreated: [
    {
      type: "ChannelCreated",
      channelId,
      fixedPart: SAMPLE_FIXED_PART,
      myIndex: 0,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      use: { type: "Ledger", profile: "enforceable" },
    },
    {
      type: "ChannelCreated",
      channelId,
      fixedPart: SAMPLE_FIXED_PART,
      myIndex: 1,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      use: {
        type: "Virtual",
        profile: "go-nitro",
        fees: [2n, 3n],
        left: SAMPLE_CHANNEL_ID,
        right: undefined,
      },
    },
    {
      type: "ChannelCreated",
      channelId,
      fixedPart: SAMPLE_FIXED_PART,
      myIndex: 1,
      outcome: SAMPLE_OUTCOME,
      appData: "0xda7a",
      use: { type: "Direct" },
    },
    {
      type: "ChannelCreated",
      channelId,
      fixedPart: SAMPLE_FIXED_PART,
      myIndex: 0,
      outcome: SAMPLE_OUTCOME,
      appData: "0xda7a",
      use: { type: "MessageLog", hasTwin: true },
    },
  ],
  StateSigned: [{ type: "StateSigned", ...state }],
  StateReceived: [{ type: "StateReceived", ...state, by: 1 }],
  SupportedStateAdvanced: [{ type: "SupportedStateAdvanced", channelId, turnNum: 0 }],
  ChannelFinalized: [{ type: "ChannelFinalized", channelId, turnNum: 128 }],
  ChannelResynced: [
    {
      type: "ChannelResynced",
      ...about,
      variablePart: SAMPLE_VARIABLE_PART,
      signatures: [SAMPLE_SIGNATURE, undefined],
      updatesAsked: 3,
    },
    {
      type: "ChannelResynced",
      channelId,
      objectiveId: undefined,
      variablePart: SAMPLE_VARIABLE_PART,
      signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
      updatesAsked: 0,
    },
  ],
  ChannelDoubted: [{ type: "ChannelDoubted", channelId, missingMax: 12 }],
  DoubtSettled: [
    { type: "DoubtSettled", channelId, passedTurnNum: 9 },
    { type: "DoubtSettled", channelId, passedTurnNum: undefined },
  ],
  TurnPassed: [{ type: "TurnPassed", channelId, by: 1, turnNum: 9 }],
  CapacityReserved: [
    { type: "CapacityReserved", ...about, amounts: [{ asset: ZERO_ADDRESS, amount: 8n }] },
  ],
  CapacityReleased: [{ type: "CapacityReleased", ...about }],
  ProposalAgreed: proposals.map((proposal) => ({ type: "ProposalAgreed", ...about, proposal })),
  ProposalWithdrawn: [{ type: "ProposalWithdrawn", ...about }],
  ProposalSigned: [
    {
      type: "ProposalSigned",
      channelId,
      turnNum: 2,
      baseTurnNum: 1,
      changes,
      signature: SAMPLE_SIGNATURE,
    },
  ],
  ProposalReceived: [
    {
      type: "ProposalReceived",
      channelId,
      by: 1,
      turnNum: 5,
      baseTurnNum: 2,
      changes: [],
      signature: SAMPLE_SIGNATURE,
    },
    {
      type: "ProposalReceived",
      channelId,
      by: 0,
      turnNum: 2,
      baseTurnNum: 1,
      changes,
      signature: SAMPLE_SIGNATURE,
    },
  ],
  ProposalRefused: [
    { type: "ProposalRefused", channelId, by: 1, turnNum: 4, code: "InsufficientFunds" },
  ],
  VoucherIssued: [
    { type: "VoucherIssued", channelId, to: 2, ...voucher, counted: undefined },
    { type: "VoucherIssued", channelId, to: 2, ...voucher, counted },
  ],
  VoucherReceived: [
    { type: "VoucherReceived", channelId, by: 0, ...voucher, counted: undefined },
    { type: "VoucherReceived", channelId, by: 0, ...voucher, counted },
  ],
  AppMessageAppended: [
    {
      type: "AppMessageAppended",
      channelId,
      turnNum: 4,
      by: 1,
      messageType: "Move",
      payload: "0x0102",
      messageTimeMs: 1_700_000_000_123,
      runningHash: repeated("4a", 32) as Hash,
    },
    {
      type: "AppMessageAppended",
      channelId,
      turnNum: 5,
      by: 0,
      messageType: "pass",
      payload: "0x",
      messageTimeMs: 0,
      runningHash: repeated("4b", 32) as Hash,
    },
  ],
  DepositDetected: [{ type: "DepositDetected", ...holding }],
  AllocationUpdated: [
    {
      type: "AllocationUpdated",
      ...holding,
      holdings: 0n,
      initialHoldings: AMOUNT_MAX,
      indices: [],
    },
    {
      type: "AllocationUpdated",
      ...holding,
      holdings: 0n,
      initialHoldings: 7n,
      indices: undefined,
    },
  ],
  GuaranteeReclaimed: [
    {
      type: "GuaranteeReclaimed",
      channelId,
      asset: ZERO_ADDRESS,
      target: repeated("c2", 32) as ChannelId,
      left: 3n,
      right: 2n ** 128n,
      position,
    },
  ],
  ChallengeExpired: [{ type: "ChallengeExpired", channelId, block, blockTimeSec: 1_700_086_412 }],
  BlocksRead: [{ type: "BlocksRead", ...readAt }],
  ChainFactsTakenBack: [{ type: "ChainFactsTakenBack", channelId, fork: block }],
  TransactionVanished: sampleCalls.map((call) => ({
    type: "TransactionVanished",
    ...transaction,
    call,
    transactionHash: repeated("f1", 32) as Hash,
    raw: "0x02f8",
  })),
  ChannelConcluded: [
    { type: "ChannelConcluded", channelId, finalizesAtSec: 1_700_000_000, position },
  ],
  TransactionRequested: sampleCalls.map((call) => ({
    type: "TransactionRequested",
    ...transaction,
    call,
  })),
  TransactionSubmitted: [
    {
      type: "TransactionSubmitted",
      ...transaction,
      nonce: 7,
      transactionHash: repeated("f1", 32) as Hash,
      raw: "0x02f8",
    },
  ],
  TransactionConfirmed: [
    { type: "TransactionConfirmed", ...transaction, blockNumber: 19_000_012, gasUsed: 48_321n },
  ],
  TransactionFailed: [{ type: "TransactionFailed", ...transaction, reason: "out of gas" }],
  ChallengeRegistered: [
    {
      type: "ChallengeRegistered",
      channelId,
      finalizesAtSec: 1_700_086_400,
      candidate: { variablePart: SAMPLE_VARIABLE_PART, signatures: [SAMPLE_SIGNATURE] },
      proof: [
        {
          variablePart: { ...SAMPLE_VARIABLE_PART, turnNum: 1, isFinal: false },
          signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
        },
      ],
      position,
    },
  ],
  ChallengeCleared: [{ type: "ChallengeCleared", channelId, turnNum: 7, position }],
  WithdrawCompleted: [
    {
      type: "WithdrawCompleted",
      channelId,
      asset: ZERO_ADDRESS,
      destination: guarantee.left,
      amount: 6n,
      position,
    },
  ],
  ChainReorged: [
    {
      type: "ChainReorged",
      fork: { blockNumber: 18_999_998, blockHash: repeated("b1", 32) as Hash },
      from: { blockNumber: 19_000_000, blockHash: repeated("b0", 32) as Hash },
      to: { blockNumber: 19_000_001, blockHash: repeated("b2", 32) as Hash },
      undone: [position],
    },
  ],
  // What is kept is only ever added to: a later sample of an older message stands at the end.
  MessageSent: [...allSampleMessages, SAMPLE_PLAY_REQUEST].map((message, index) => ({
    type: "MessageSent",
    to: SAMPLE_ADDRESS,
    sequence: index + 1,
    message,
  })),
  MessageReceived: [
    { type: "MessageReceived", from: SAMPLE_ADDRESS, sequence: 5, messageType: "Prefund" },
  ],
  MessageAcked: [
    {
      type: "MessageAcked",
      peer: SAMPLE_ADDRESS,
      upTo: 5,
      head: { length: 300, hash: repeated("4d", 32) as RecordHash },
    },
    { type: "MessageAcked", peer: SAMPLE_ADDRESS, upTo: 5, head: undefined },
  ],
  MessageDropped: [
    { type: "MessageDropped", peer: SAMPLE_ADDRESS, sequence: 6, code: "UnknownChannel" },
  ],
  PeerResynced: [{ type: "PeerResynced", peer: SAMPLE_ADDRESS, lastSent: 96, lastReceived: 7 }],
  ResyncStarted: [{ type: "ResyncStarted", peer: SAMPLE_ADDRESS, missingMax: 1 }],
  ResyncCompleted: [{ type: "ResyncCompleted", peer: SAMPLE_ADDRESS, lostMax: 0 }],
  VouchersResynced: [{ type: "VouchersResynced", channelId, by: 1, ...SAMPLE_VOUCHERS }],
  StepResynced: [
    {
      type: "StepResynced",
      channelId,
      turnNum: 9,
      baseTurnNum: 7,
      changes,
      isRefused: true,
    },
  ],
  LedgerNamed: [
    {
      type: "LedgerNamed",
      channelId,
      side: "right",
      ledgerId: repeated("1e", 32) as ChannelId,
    },
  ],
  RequestAnswered: SAMPLE_ANSWERS,
  SnapshotCreated: [{ type: "SnapshotCreated", length: 1_000, digest: repeated("5a", 32) as Hash }],
  ClockHeld: [{ type: "ClockHeld", askedMs: 1_700_000_000_000, heldMs: 1_700_000_003_000 }],
  LedgerRolledOver: [
    {
      type: "LedgerRolledOver",
      channelId,
      predecessor: channelId,
      successor: repeated("c2", 32) as ChannelId,
    },
  ],
  HoldingsRead: [
    {
      type: "HoldingsRead",
      channelId,
      amounts: [
        { asset: ZERO_ADDRESS, holdings: 0n },
        { asset: SAMPLE_ADDRESS, holdings: 2n ** 256n - 1n },
      ],
      block: { blockNumber: 19_000_002, blockHash: repeated("b3", 32) as Hash },
    },
  ],
};
