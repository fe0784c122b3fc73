/** A sample of each type of message, whose bytes are kept for ever. */
import type { Change } from "../src/channel/change.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Destination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import type { LedgerProposal } from "../src/channel/ledger-proposal.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import type { VariablePart } from "../src/channel/state.ts";
import type { ChannelVouchers } from "../src/channel/voucher.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Signature } from "../src/crypto/signature.ts";
import type { Message } from "../src/messages/message.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** A byte, given as two digits, as often as it is wanted. Samples need to be told apart, not to be real. */
export const repeated = (digits: string, sizeBytes: number): Hex => `0x${digits.repeat(sizeBytes)}`;

export const SAMPLE_ADDRESS: Address = repeated("a1", 20) as Address;
export const SAMPLE_CHANNEL_ID: ChannelId = repeated("c1", 32) as ChannelId;
export const SAMPLE_OBJECTIVE_ID: ObjectiveId = "DirectFunding-0xc1" as ObjectiveId;
export const SAMPLE_SIGNATURE: Signature = repeated("51", 65) as Signature;

export const SAMPLE_FIXED_PART: FixedPart = {
  participants: [SAMPLE_ADDRESS, repeated("b2", 20) as Address],
  channelNonce: 2n ** 64n - 1n,
  appDefinition: repeated("ad", 20) as Address,
  challengeDurationSec: 86_400,
};

/** The chain's coin and a token, an account and a channel, the smallest amount and the largest. */
export const SAMPLE_OUTCOME: Outcome = [
  {
    asset: ZERO_ADDRESS,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [
      {
        destination: `0x${"00".repeat(12)}${"a1".repeat(20)}` as Destination,
        amount: 0n,
        allocationType: 0,
        metadata: "0x",
      },
      {
        destination: repeated("d1", 32) as Destination,
        amount: 2n ** 256n - 1n,
        allocationType: 2,
        metadata: repeated("0e", 64),
      },
    ],
  },
  {
    asset: repeated("e2", 20) as Address,
    assetMetadata: { assetType: 3, metadata: "0xfe" },
    allocations: [],
  },
];

export const SAMPLE_PLAY: Change = {
  type: "Play",
  baseTurnNum: 2,
  messages: [
    { messageType: "commit", payload: repeated("c0", 32), timeMs: 1_700_000_000_123 },
    { messageType: "pass", payload: "0x", timeMs: 0 },
  ],
};

export const SAMPLE_VARIABLE_PART: VariablePart = {
  outcome: SAMPLE_OUTCOME,
  appData: "0xda7a",
  turnNum: 2 ** 48 - 1,
  isFinal: true,
};

const about = { objectiveId: SAMPLE_OBJECTIVE_ID, channelId: SAMPLE_CHANNEL_ID };

const sampleProposals: readonly LedgerProposal[] = [
  {
    type: "Add",
    target: repeated("c2", 32) as ChannelId,
    guarantee: {
      left: repeated("d2", 32) as Destination,
      right: repeated("d3", 32) as Destination,
    },
    shares: [{ asset: ZERO_ADDRESS, left: 4n, right: 6n }],
    fee: 1n,
  },
  { type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 5n },
  { type: "Merge", by: 0, asset: ZERO_ADDRESS },
];

const sampleVoucher = { counter: 4, amounts: [7n, 0n], signature: SAMPLE_SIGNATURE };
const sampleReceipted = { ...sampleVoucher, receipt: repeated("52", 65) as Signature };

/** The newest vouchers of a channel, in every slot. */
export const SAMPLE_VOUCHERS: ChannelVouchers = {
  issued: sampleVoucher,
  received: { ...sampleVoucher, counter: 2 },
  issuedReceipted: sampleReceipted,
  receivedReceipted: { ...sampleReceipted, counter: 2 },
};

/** Samples by type. The compiler asks for those of a new type, and a test for each variant inside. */
export const sampleMessages: {
  readonly [Name in Message["type"]]: readonly Extract<Message, { readonly type: Name }>[];
} = {
  Prefund: [
    {
      type: "Prefund",
      fixedPart: SAMPLE_FIXED_PART,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      signature: SAMPLE_SIGNATURE,
    },
  ],
  SignedState: [
    {
      type: "SignedState",
      ...about,
      variablePart: SAMPLE_VARIABLE_PART,
      signature: SAMPLE_SIGNATURE,
      baseSignatures: [SAMPLE_SIGNATURE, repeated("52", 65) as Signature],
      moverSignature: repeated("53", 65) as Signature,
    },
    {
      type: "SignedState",
      ...about,
      variablePart: SAMPLE_VARIABLE_PART,
      signature: SAMPLE_SIGNATURE,
      baseSignatures: [],
      moverSignature: undefined,
    },
  ],
  UpdateRequest: [
    {
      type: "UpdateRequest",
      ...about,
      turnNum: 2,
      change: { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 10n ** 18n },
    },
    {
      type: "UpdateRequest",
      ...about,
      turnNum: 200,
      change: { type: "Replace", baseTurnNum: 199, outcome: SAMPLE_OUTCOME, appData: "0x01" },
    },
  ],
  DefundRequest: [{ type: "DefundRequest", ...about }],
  ObjectiveRejection: [{ type: "ObjectiveRejection", ...about, code: "PeerUnknown" }],
  ResyncRequest: [{ type: "ResyncRequest", round: 96 }],
  HeldChannel: [
    {
      type: "HeldChannel",
      fixedPart: SAMPLE_FIXED_PART,
      outcome: SAMPLE_OUTCOME,
      appData: "0xda7a",
      openedBy: 1,
      passedTurnNum: undefined,
    },
    {
      type: "HeldChannel",
      fixedPart: SAMPLE_FIXED_PART,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      openedBy: 0,
      passedTurnNum: 300,
    },
  ],
  HeldState: [
    {
      type: "HeldState",
      ...about,
      variablePart: SAMPLE_VARIABLE_PART,
      signatures: [SAMPLE_SIGNATURE, undefined],
      updatesAsked: 3,
    },
    {
      type: "HeldState",
      channelId: SAMPLE_CHANNEL_ID,
      objectiveId: undefined,
      variablePart: SAMPLE_VARIABLE_PART,
      signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
      updatesAsked: 0,
    },
  ],
  ResyncAnswer: [{ type: "ResyncAnswer", round: 96, isCertain: true }],
  ObjectiveQuery: [{ type: "ObjectiveQuery", ...about }],
  ObjectiveFate: [
    { type: "ObjectiveFate", ...about, code: undefined },
    { type: "ObjectiveFate", ...about, code: "PolicyRefused" },
  ],
  TurnPassed: [{ type: "TurnPassed", channelId: SAMPLE_CHANNEL_ID, turnNum: 7 }],
  VirtualPrefund: [
    {
      type: "VirtualPrefund",
      fixedPart: SAMPLE_FIXED_PART,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      fees: [0n, 5n],
      ledgerId: repeated("1e", 32) as ChannelId,
      signatures: [SAMPLE_SIGNATURE],
    },
  ],
  CompletePrefund: [
    { type: "CompletePrefund", ...about, signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE] },
  ],
  Voucher: [
    {
      type: "Voucher",
      channelId: SAMPLE_CHANNEL_ID,
      counter: 2,
      amounts: [7n, 0n],
      signature: SAMPLE_SIGNATURE,
      counted: {
        counter: 5,
        amounts: [9n, 0n],
        signature: SAMPLE_SIGNATURE,
        receipt: repeated("52", 65) as Signature,
      },
      postfundSignatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
    },
  ],
  LedgerProposal: [
    {
      type: "LedgerProposal",
      channelId: SAMPLE_CHANNEL_ID,
      turnNum: 9,
      baseTurnNum: 7,
      changes: [
        {
          objectiveId: SAMPLE_OBJECTIVE_ID,
          proposal: {
            type: "Remove",
            target: repeated("c2", 32) as ChannelId,
            shares: [{ asset: ZERO_ADDRESS, left: 1n, right: 9n }],
            refund: 0n,
          },
        },
      ],
      evidence: [[SAMPLE_SIGNATURE]],
      signature: SAMPLE_SIGNATURE,
    },
    {
      type: "LedgerProposal",
      channelId: SAMPLE_CHANNEL_ID,
      turnNum: 9,
      baseTurnNum: 7,
      changes: sampleProposals.map((proposal) => ({ objectiveId: SAMPLE_OBJECTIVE_ID, proposal })),
      evidence: sampleProposals.map(() => []),
      signature: SAMPLE_SIGNATURE,
    },
  ],
  LedgerCountersignature: [
    {
      type: "LedgerCountersignature",
      channelId: SAMPLE_CHANNEL_ID,
      turnNum: 9,
      signature: SAMPLE_SIGNATURE,
    },
  ],
  LedgerRefusal: [
    {
      type: "LedgerRefusal",
      channelId: SAMPLE_CHANNEL_ID,
      turnNum: 9,
      code: "InsufficientFunds",
    },
  ],
  TopUpRequest: [{ type: "TopUpRequest", ...about, asset: ZERO_ADDRESS, amount: 10n ** 18n }],
  WithdrawalRequest: [
    {
      type: "WithdrawalRequest",
      ...about,
      nonce: 2n ** 64n - 1n,
      amounts: [{ asset: ZERO_ADDRESS, leader: 3n, follower: 0n }],
    },
  ],
  SuccessorSignatures: [
    {
      type: "SuccessorSignatures",
      ...about,
      baseTurnNum: 9,
      signatures: [SAMPLE_SIGNATURE, repeated("52", 65) as Signature],
    },
  ],
  HeldVirtual: [
    {
      type: "HeldVirtual",
      fixedPart: SAMPLE_FIXED_PART,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      fees: [3n],
      ledgerId: repeated("1e", 32) as ChannelId,
      code: undefined,
    },
    {
      type: "HeldVirtual",
      fixedPart: SAMPLE_FIXED_PART,
      outcome: SAMPLE_OUTCOME,
      appData: "0x",
      fees: [0n, 5n],
      ledgerId: undefined,
      code: "TimedOut",
    },
  ],
  HeldStep: [
    {
      type: "HeldStep",
      channelId: SAMPLE_CHANNEL_ID,
      turnNum: 9,
      baseTurnNum: 7,
      changes: sampleProposals.map((proposal) => ({ objectiveId: SAMPLE_OBJECTIVE_ID, proposal })),
      isRefused: true,
    },
  ],
  HeldVouchers: [
    { type: "HeldVouchers", channelId: SAMPLE_CHANNEL_ID, ...SAMPLE_VOUCHERS },
    {
      type: "HeldVouchers",
      channelId: SAMPLE_CHANNEL_ID,
      issued: undefined,
      received: undefined,
      issuedReceipted: undefined,
      receivedReceipted: undefined,
    },
  ],
  HeldSuccessor: [
    {
      type: "HeldSuccessor",
      channelId: SAMPLE_CHANNEL_ID,
      nonce: 2n ** 64n - 1n,
      amounts: [{ asset: ZERO_ADDRESS, leader: 3n, follower: 0n }],
      openedBy: 1,
      outcome: SAMPLE_OUTCOME,
      passedTurnNum: undefined,
      variablePart: { outcome: SAMPLE_OUTCOME, appData: "0x", turnNum: 1, isFinal: false },
      signature: SAMPLE_SIGNATURE,
    },
  ],
};

/** All samples, in the order of their types. */
export const allSampleMessages: readonly Message[] = Object.values(sampleMessages).flat();

/** A request to sign a move first, as one player makes it when it is the other one's turn to begin a state. */
export const SAMPLE_PLAY_REQUEST: Message = {
  type: "UpdateRequest",
  ...about,
  turnNum: 3,
  change: SAMPLE_PLAY,
};
