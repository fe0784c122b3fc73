/** The adjudicator as the rules of this project know it: its functions and what they are given. Source: NitroAdjudicator. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { ADDRESS, array, BYTES, BYTES32, type Codec, tuple, uint } from "./abi.ts";
import {
  type DepositCall,
  deposit,
  type ReclaimCall,
  readHoldings,
  reclaim,
  reclaimEffects,
  type TransferCall,
  transfer,
  transferAllAssets,
  transferEffects,
} from "./asset-holder.ts";
import { type Contract, contractOf, method, NO_ANSWER, numberAnswer } from "./contract.ts";
import type { ContractSignature } from "./ecrecover.ts";
import { askApp, challenge, checkpoint, conclude, type ShownState, SUPPORT } from "./force-move.ts";
import { readStatus, readStatusWord } from "./status.ts";
import {
  ALLOCATIONS,
  type Allocation,
  type Exit,
  FIXED_PART,
  type FixedPart,
  OUTCOME,
  SIGNATURE,
  SIGNED_PART,
  type SignedVariablePart,
  ZERO_HASH,
} from "./structs.ts";
import { wordOf } from "./words.ts";

const FP = "(address[],uint64,address,uint48)";
const ALLOCATION = "(bytes32,uint256,uint8,bytes)";
const E = `(address,(uint8,bytes),${ALLOCATION}[])[]`;
const SIG = "(uint8,bytes32,bytes32)";
const SVP = `((${E},bytes,uint48,bool),${SIG}[])`;

type Conclusion = { readonly fixedPart: FixedPart; readonly candidate: SignedVariablePart };

const SHOWN_STATE: Codec<ShownState> = tuple<ShownState>({
  fixedPart: FIXED_PART,
  proof: array(SIGNED_PART),
  candidate: SIGNED_PART,
});

const CHALLENGE = tuple<ShownState & { readonly signature: ContractSignature }>({
  fixedPart: FIXED_PART,
  proof: array(SIGNED_PART),
  candidate: SIGNED_PART,
  signature: SIGNATURE,
});

const CONCLUSION: Codec<Conclusion> = tuple<Conclusion>({
  fixedPart: FIXED_PART,
  candidate: SIGNED_PART,
});

const DEPOSIT = tuple<DepositCall>({
  asset: ADDRESS,
  channelId: BYTES32,
  expectedHeld: uint(256),
  amount: uint(256),
});

const TRANSFER = tuple<TransferCall>({
  assetIndex: uint(256),
  fromChannelId: BYTES32,
  outcomeBytes: BYTES,
  stateHash: BYTES32,
  indices: array(uint(256)),
});

const TRANSFER_ALL = tuple<{
  readonly channelId: Hex;
  readonly outcome: readonly Exit[];
  readonly stateHash: Hex;
}>({ channelId: BYTES32, outcome: OUTCOME, stateHash: BYTES32 });

const RECLAIM = tuple<{ readonly call: ReclaimCall }>({
  call: tuple<ReclaimCall>({
    sourceChannelId: BYTES32,
    sourceStateHash: BYTES32,
    sourceOutcomeBytes: BYTES,
    sourceAssetIndex: uint(256),
    indexOfTargetInSource: uint(256),
    targetStateHash: BYTES32,
    targetOutcomeBytes: BYTES,
    targetAssetIndex: uint(256),
  }),
});

const CHANNEL = tuple<{ readonly channelId: Hex }>({ channelId: BYTES32 });
const PURSE = tuple<{ readonly asset: Hex; readonly channelId: Hex }>({
  asset: ADDRESS,
  channelId: BYTES32,
});

type Sharing = {
  readonly held: bigint;
  readonly allocations: readonly Allocation[];
  readonly indices: readonly bigint[];
};

const SHARING = tuple<Sharing>({
  held: uint(256),
  allocations: ALLOCATIONS,
  indices: array(uint(256)),
});

const RECLAIMING = tuple<{
  readonly source: readonly Allocation[];
  readonly target: readonly Allocation[];
  readonly index: bigint;
}>({ source: ALLOCATIONS, target: ALLOCATIONS, index: uint(256) });

const ALLOCATIONS_ALONE = tuple<{ readonly allocations: readonly Allocation[] }>({
  allocations: ALLOCATIONS,
});

const SHARED = tuple<{
  readonly left: readonly Allocation[];
  readonly areZeros: bigint;
  readonly exits: readonly Allocation[];
  readonly paid: bigint;
}>({ left: ALLOCATIONS, areZeros: uint(8), exits: ALLOCATIONS, paid: uint(256) });

/** The published adjudicator. */
export const adjudicator: Contract = contractOf(
  method(
    "deposit(address,bytes32,uint256,uint256)",
    DEPOSIT,
    (frame, call) => {
      deposit(frame, call);
      return NO_ANSWER;
    },
    { isPayable: true },
  ),
  method(`challenge(${FP},${SVP}[],${SVP},${SIG})`, CHALLENGE, (frame, { signature, ...shown }) => {
    challenge(frame, shown, signature);
    return NO_ANSWER;
  }),
  method(`checkpoint(${FP},${SVP}[],${SVP})`, SHOWN_STATE, (frame, shown) => {
    checkpoint(frame, shown);
    return NO_ANSWER;
  }),
  method(`conclude(${FP},${SVP})`, CONCLUSION, (frame, { candidate, fixedPart }) => {
    conclude(frame, fixedPart, candidate);
    return NO_ANSWER;
  }),
  method(
    `concludeAndTransferAllAssets(${FP},${SVP})`,
    CONCLUSION,
    (frame, { candidate, fixedPart }) => {
      const channelId = conclude(frame, fixedPart, candidate);
      transferAllAssets(frame, channelId, candidate.variablePart.outcome, ZERO_HASH);
      return NO_ANSWER;
    },
  ),
  method("transfer(uint256,bytes32,bytes,bytes32,uint256[])", TRANSFER, (frame, call) => {
    transfer(frame, call);
    return NO_ANSWER;
  }),
  method(
    `transferAllAssets(bytes32,${E},bytes32)`,
    TRANSFER_ALL,
    (frame, { channelId, outcome, stateHash }) => {
      transferAllAssets(frame, channelId, outcome, stateHash);
      return NO_ANSWER;
    },
  ),
  method(
    "reclaim((bytes32,bytes32,bytes,uint256,uint256,bytes32,bytes,uint256))",
    RECLAIM,
    (frame, { call }) => {
      reclaim(frame, call);
      return NO_ANSWER;
    },
  ),
  method(
    `stateIsSupported(${FP},${SVP}[],${SVP})`,
    SHOWN_STATE,
    (frame, shown): Hex => `0x${SUPPORT.encode(askApp(frame, shown))}`,
  ),
  method("holdings(address,bytes32)", PURSE, (frame, { asset, channelId }) =>
    numberAnswer(readHoldings(frame, asset, channelId)),
  ),
  method("statusOf(bytes32)", CHANNEL, (frame, { channelId }) =>
    numberAnswer(readStatusWord(frame, channelId)),
  ),
  method("unpackStatus(bytes32)", CHANNEL, (frame, { channelId }): Hex => {
    const { finalizesAt, fingerprint, turnNumRecord } = readStatus(frame, channelId);
    return `0x${wordOf(turnNumRecord)}${wordOf(finalizesAt)}${wordOf(fingerprint)}`;
  }),
  method(
    `compute_transfer_effects_and_interactions(uint256,${ALLOCATION}[],uint256[])`,
    SHARING,
    (_, { allocations, held, indices }): Hex => {
      const { exits, left, paid } = transferEffects(held, allocations, indices);
      const areZeros = left.every(({ amount }) => amount === 0n) ? 1n : 0n;
      return `0x${SHARED.encode({ left, areZeros, exits, paid })}`;
    },
  ),
  method(
    `compute_reclaim_effects(${ALLOCATION}[],${ALLOCATION}[],uint256)`,
    RECLAIMING,
    (_, { index, source, target }): Hex =>
      `0x${ALLOCATIONS_ALONE.encode({ allocations: reclaimEffects(source, target, index) })}`,
  ),
);
