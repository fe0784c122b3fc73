/** The adjudicator's functions, and what each is given: the form of a call. Source: NitroAdjudicator. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { ADDRESS, array, BYTES, BYTES32, type Codec, tuple, uint } from "./abi.ts";
import type { DepositCall, ReclaimCall, TransferAllCall, TransferCall } from "./asset-holder.ts";
import { selectorOf } from "./contract.ts";
import type { ContractSignature } from "./ecrecover.ts";
import type { ShownState } from "./force-move.ts";
import {
  ALLOCATIONS,
  type Allocation,
  FIXED_PART,
  type FixedPart,
  OUTCOME,
  SIGNATURE,
  SIGNED_PART,
  type SignedVariablePart,
} from "./structs.ts";

/** A function: its name with the types of its arguments, and how these are written. */
export type FunctionForm<Arguments> = {
  readonly signature: string;
  readonly codec: Codec<Arguments>;
};

/** The data of a call. */
export function callDataOf<Arguments>(form: FunctionForm<Arguments>, given: Arguments): Hex {
  return `${selectorOf(form.signature)}${form.codec.encode(given)}`;
}

const FP = "(address[],uint64,address,uint48)";
const ALLOCATION = "(bytes32,uint256,uint8,bytes)";
const E = `(address,(uint8,bytes),${ALLOCATION}[])[]`;
const SIG = "(uint8,bytes32,bytes32)";
const SVP = `((${E},bytes,uint48,bool),${SIG}[])`;

/** A state with the signature of who challenges by it. */
export type Challenge = ShownState & { readonly signature: ContractSignature };

/** A final state. */
export type Conclusion = { readonly fixedPart: FixedPart; readonly candidate: SignedVariablePart };

const SHOWN_STATE: Codec<ShownState> = tuple<ShownState>({
  fixedPart: FIXED_PART,
  proof: array(SIGNED_PART),
  candidate: SIGNED_PART,
});

const CONCLUSION: Codec<Conclusion> = tuple<Conclusion>({
  fixedPart: FIXED_PART,
  candidate: SIGNED_PART,
});

/** What an account or a channel holds of an asset. */
export type Purse = { readonly asset: Hex; readonly channelId: Hex };

/** What is held, for whom, and who is to be paid of it. */
export type Sharing = {
  readonly held: bigint;
  readonly allocations: readonly Allocation[];
  readonly indices: readonly bigint[];
};

/** What sharing leads to. */
export type Shared = {
  readonly left: readonly Allocation[];
  readonly areZeros: bigint;
  readonly exits: readonly Allocation[];
  readonly paid: bigint;
};

/** A guarantee's surroundings, by allocations alone. */
export type Reclaiming = {
  readonly source: readonly Allocation[];
  readonly target: readonly Allocation[];
  readonly index: bigint;
};

const CHANNEL = tuple<{ readonly channelId: Hex }>({ channelId: BYTES32 });

/** How `compute_transfer_effects_and_interactions` answers. */
export const SHARED: Codec<Shared> = tuple<Shared>({
  left: ALLOCATIONS,
  areZeros: uint(8),
  exits: ALLOCATIONS,
  paid: uint(256),
});

/** How `compute_reclaim_effects` answers. */
export const ALLOCATIONS_ALONE: Codec<{ readonly allocations: readonly Allocation[] }> = tuple({
  allocations: ALLOCATIONS,
});

/** The form of each function, under the contract's own name. */
export const ADJUDICATOR: {
  readonly deposit: FunctionForm<DepositCall>;
  readonly challenge: FunctionForm<Challenge>;
  readonly checkpoint: FunctionForm<ShownState>;
  readonly conclude: FunctionForm<Conclusion>;
  readonly concludeAndTransferAllAssets: FunctionForm<Conclusion>;
  readonly transfer: FunctionForm<TransferCall>;
  readonly transferAllAssets: FunctionForm<TransferAllCall>;
  readonly reclaim: FunctionForm<{ readonly call: ReclaimCall }>;
  readonly stateIsSupported: FunctionForm<ShownState>;
  readonly holdings: FunctionForm<Purse>;
  readonly statusOf: FunctionForm<{ readonly channelId: Hex }>;
  readonly unpackStatus: FunctionForm<{ readonly channelId: Hex }>;
  readonly computeTransfer: FunctionForm<Sharing>;
  readonly computeReclaim: FunctionForm<Reclaiming>;
} = {
  deposit: {
    signature: "deposit(address,bytes32,uint256,uint256)",
    codec: tuple<DepositCall>({
      asset: ADDRESS,
      channelId: BYTES32,
      expectedHeld: uint(256),
      amount: uint(256),
    }),
  },
  challenge: {
    signature: `challenge(${FP},${SVP}[],${SVP},${SIG})`,
    codec: tuple<Challenge>({
      fixedPart: FIXED_PART,
      proof: array(SIGNED_PART),
      candidate: SIGNED_PART,
      signature: SIGNATURE,
    }),
  },
  checkpoint: { signature: `checkpoint(${FP},${SVP}[],${SVP})`, codec: SHOWN_STATE },
  conclude: { signature: `conclude(${FP},${SVP})`, codec: CONCLUSION },
  concludeAndTransferAllAssets: {
    signature: `concludeAndTransferAllAssets(${FP},${SVP})`,
    codec: CONCLUSION,
  },
  transfer: {
    signature: "transfer(uint256,bytes32,bytes,bytes32,uint256[])",
    codec: tuple<TransferCall>({
      assetIndex: uint(256),
      fromChannelId: BYTES32,
      outcomeBytes: BYTES,
      stateHash: BYTES32,
      indices: array(uint(256)),
    }),
  },
  transferAllAssets: {
    signature: `transferAllAssets(bytes32,${E},bytes32)`,
    codec: tuple<TransferAllCall>({ channelId: BYTES32, outcome: OUTCOME, stateHash: BYTES32 }),
  },
  reclaim: {
    signature: "reclaim((bytes32,bytes32,bytes,uint256,uint256,bytes32,bytes,uint256))",
    codec: tuple<{ readonly call: ReclaimCall }>({
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
    }),
  },
  stateIsSupported: { signature: `stateIsSupported(${FP},${SVP}[],${SVP})`, codec: SHOWN_STATE },
  holdings: {
    signature: "holdings(address,bytes32)",
    codec: tuple<Purse>({ asset: ADDRESS, channelId: BYTES32 }),
  },
  statusOf: { signature: "statusOf(bytes32)", codec: CHANNEL },
  unpackStatus: { signature: "unpackStatus(bytes32)", codec: CHANNEL },
  computeTransfer: {
    signature: `compute_transfer_effects_and_interactions(uint256,${ALLOCATION}[],uint256[])`,
    codec: tuple<Sharing>({
      held: uint(256),
      allocations: ALLOCATIONS,
      indices: array(uint(256)),
    }),
  },
  computeReclaim: {
    signature: `compute_reclaim_effects(${ALLOCATION}[],${ALLOCATION}[],uint256)`,
    codec: tuple<Reclaiming>({ source: ALLOCATIONS, target: ALLOCATIONS, index: uint(256) }),
  },
};
