/** Calls of the Nitro adjudicator, as data. Source: NitroAdjudicator of @statechannels/nitro-protocol. */
import { encodeFunctionData, parseAbi, prepareEncodeFunctionData } from "viem";
import type { ChannelId } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assert } from "../primitives/assert.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { ADJUDICATOR_STRUCTS } from "./adjudicator-structs.ts";

const ABI = parseAbi([
  "function deposit(address asset, bytes32 channelId, uint256 expectedHeld, uint256 amount) payable",
  "function conclude(FixedPart fixedPart, SignedVariablePart candidate)",
  "function concludeAndTransferAllAssets(FixedPart fixedPart, SignedVariablePart candidate)",
  "function challenge(FixedPart fixedPart, SignedVariablePart[] proof, SignedVariablePart candidate, Signature challengerSig)",
  "function checkpoint(FixedPart fixedPart, SignedVariablePart[] proof, SignedVariablePart candidate)",
  "function transfer(uint256 assetIndex, bytes32 fromChannelId, bytes outcomeBytes, bytes32 stateHash, uint256[] indices)",
  "function transferAllAssets(bytes32 channelId, SingleAssetExit[] outcome, bytes32 stateHash)",
  "struct ReclaimArgs { bytes32 sourceChannelId; bytes32 sourceStateHash; bytes sourceOutcomeBytes; uint256 sourceAssetIndex; uint256 indexOfTargetInSource; bytes32 targetStateHash; bytes targetOutcomeBytes; uint256 targetAssetIndex; }",
  "function reclaim(ReclaimArgs reclaimArgs)",
  "function holdings(address asset, bytes32 channelId) view returns (uint256)",
  "function unpackStatus(bytes32 channelId) view returns (uint48 turnNumRecord, uint48 finalizesAt, uint160 fingerprint)",
  ...ADJUDICATOR_STRUCTS,
]);

/** Each function under the hash of its name, which viem would reckon anew at each call. */
const CALLS = {
  deposit: prepareEncodeFunctionData({ abi: ABI, functionName: "deposit" }),
  conclude: prepareEncodeFunctionData({ abi: ABI, functionName: "conclude" }),
  concludeAndTransferAllAssets: prepareEncodeFunctionData({
    abi: ABI,
    functionName: "concludeAndTransferAllAssets",
  }),
  challenge: prepareEncodeFunctionData({ abi: ABI, functionName: "challenge" }),
  checkpoint: prepareEncodeFunctionData({ abi: ABI, functionName: "checkpoint" }),
  transfer: prepareEncodeFunctionData({ abi: ABI, functionName: "transfer" }),
  transferAllAssets: prepareEncodeFunctionData({ abi: ABI, functionName: "transferAllAssets" }),
  reclaim: prepareEncodeFunctionData({ abi: ABI, functionName: "reclaim" }),
  holdings: prepareEncodeFunctionData({ abi: ABI, functionName: "holdings" }),
  unpackStatus: prepareEncodeFunctionData({ abi: ABI, functionName: "unpackStatus" }),
} as const;

/** How the data of a deposit begins. */
export const DEPOSIT_SELECTOR: Hex = CALLS.deposit.functionName;

/** How the data of those calls begins that show a state, and so answer an older one. */
export const ANSWER_SELECTORS: readonly Hex[] = [
  CALLS.challenge.functionName,
  CALLS.checkpoint.functionName,
];

/** A call of a contract, as data: who is called, with what, and the coins that go along. */
export type ContractCall = {
  readonly to: Address;
  readonly data: Hex;
  readonly valueWei: bigint;
};

/** A state with the signatures that support it, as the contract takes it. */
export type SignedVariablePart = {
  readonly variablePart: VariablePart;
  /** 65 bytes each: r, s, v. The contract matches them to participants in any order. */
  readonly signatures: readonly Hex[];
};

/** What one deposit says. */
export type Deposit = {
  readonly asset: Address;
  readonly channelId: ChannelId;
  /** The contract refuses the deposit unless it holds exactly this much: a guard against reorgs. */
  readonly expectedHeld: bigint;
  readonly amount: bigint;
};

/** Puts money into a channel. A token must have been approved for the adjudicator before. */
export function depositCall(adjudicator: Address, deposit: Deposit): ContractCall {
  const { asset, channelId, expectedHeld, amount } = deposit;
  // Coins sent along with a token deposit would be lost: the contract keeps them and says nothing.
  const valueWei = asset === ZERO_ADDRESS ? amount : 0n;
  const args = [asset, channelId, expectedHeld, amount] as const;
  const data = encodeFunctionData({ ...CALLS.deposit, args });
  return { to: adjudicator, data, valueWei };
}

/** Ends a channel by a final state that all signed. Pays nothing yet. */
export function concludeCall(
  adjudicator: Address,
  fixedPart: FixedPart,
  variablePart: VariablePart,
  signatures: readonly Hex[],
): ContractCall {
  const args = [fixed(fixedPart), signed({ variablePart, signatures })] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.conclude, args }));
}

/** Ends a channel by a final state that all signed, and pays every allocation. */
export function concludeAndTransferAllAssetsCall(
  adjudicator: Address,
  fixedPart: FixedPart,
  variablePart: VariablePart,
  signatures: readonly Hex[],
): ContractCall {
  const args = [fixed(fixedPart), signed({ variablePart, signatures })] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.concludeAndTransferAllAssets, args }));
}

/** What a challenge or a checkpoint shows: a state, and the states that its app needs to accept it. */
export type Claim = {
  readonly fixedPart: FixedPart;
  /** Earlier states, oldest first. Empty for a state that all signed, in a ledger. */
  readonly proof: readonly SignedVariablePart[];
  readonly candidate: SignedVariablePart;
};

/** Starts the clock on a state: unless someone shows a newer one in time, it becomes final. */
export function challengeCall(
  adjudicator: Address,
  { fixedPart, proof, candidate }: Claim,
  challengerSignature: Hex,
): ContractCall {
  const args = [
    fixed(fixedPart),
    proof.map(signed),
    signed(candidate),
    split(challengerSignature),
  ] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.challenge, args }));
}

/** Records a state without starting a clock, and stops a clock that runs on an older one. */
export function checkpointCall(
  adjudicator: Address,
  { fixedPart, proof, candidate }: Claim,
): ContractCall {
  const args = [fixed(fixedPart), proof.map(signed), signed(candidate)] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.checkpoint, args }));
}

/** What a finalized channel pays. */
export type TransferAllAssets = {
  readonly channelId: ChannelId;
  /** As the contract holds it now: earlier payouts have lowered its amounts. */
  readonly outcome: Outcome;
  /** Zero after a conclude, the hash of the challenged state after a challenge. */
  readonly stateHash: Hash;
};

/** Pays every allocation of a finalized channel. Reverts while a guarantee is among them. */
export function transferAllAssetsCall(
  adjudicator: Address,
  { channelId, outcome, stateHash }: TransferAllAssets,
): ContractCall {
  const args = [channelId, outcome, stateHash] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.transferAllAssets, args }));
}

/** Which allocations of one asset a finalized channel pays. */
export type Transfer = {
  readonly assetIndex: number;
  readonly channelId: ChannelId;
  /** ABI encoding of the outcome as the contract holds it now. */
  readonly outcomeBytes: Hex;
  readonly stateHash: Hash;
  /** Strictly increasing. Empty means all. */
  readonly indices: readonly number[];
};

/** Pays some allocations of one asset: the way out when one recipient refuses money. */
export function transferCall(adjudicator: Address, transfer: Transfer): ContractCall {
  const { assetIndex, channelId, outcomeBytes, stateHash, indices } = transfer;
  const places = indices.map(BigInt);
  const args = [BigInt(assetIndex), channelId, outcomeBytes, stateHash, places] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.transfer, args }));
}

/** A guarantee in a finalized ledger, and the finalized channel that it guarantees. */
export type Reclaim = {
  readonly sourceChannelId: ChannelId;
  readonly sourceStateHash: Hash;
  readonly sourceOutcomeBytes: Hex;
  readonly sourceAssetIndex: number;
  /** Place of the guarantee among the allocations of the source. */
  readonly indexOfTargetInSource: number;
  readonly targetStateHash: Hash;
  readonly targetOutcomeBytes: Hex;
  readonly targetAssetIndex: number;
};

/** Replaces a guarantee by what the guaranteed channel pays each side. */
export function reclaimCall(adjudicator: Address, reclaim: Reclaim): ContractCall {
  const numbers = {
    sourceAssetIndex: BigInt(reclaim.sourceAssetIndex),
    indexOfTargetInSource: BigInt(reclaim.indexOfTargetInSource),
    targetAssetIndex: BigInt(reclaim.targetAssetIndex),
  };
  const args = [{ ...reclaim, ...numbers }] as const;
  return call(adjudicator, encodeFunctionData({ ...CALLS.reclaim, args }));
}

/** Asks what the contract holds for a channel. Read the answer with `decodeHoldings`. */
export function holdingsCall(
  adjudicator: Address,
  asset: Address,
  channelId: ChannelId,
): ContractCall {
  const words = `${asset.slice(2).padStart(64, "0")}${channelId.slice(2)}`;
  return call(adjudicator, `${CALLS.holdings.functionName}${words}`);
}

/**
 * Reads the answer to `holdingsCall`, in the asset's smallest unit.
 * Throws `NodeError` with `CodeMismatch` when no adjudicator gave it.
 */
export function decodeHoldings(answer: unknown): bigint {
  return BigInt(wordsOf(answer, 1, "holdings"));
}

/** What the contract knows about a channel. All zero for one that it never heard of. */
export type AdjudicatorStatus = {
  /** No state with a lower turn is accepted. */
  readonly turnNumRecord: number;
  /** Block time from which the channel is final, in seconds; 0 while no challenge runs. */
  readonly finalizesAtSec: number;
  /** Low 160 bits of the hash of state hash and outcome hash. */
  readonly fingerprint: bigint;
};

/** Asks for the status of a channel. Read the answer with `decodeStatus`. */
export function statusCall(adjudicator: Address, channelId: ChannelId): ContractCall {
  return call(adjudicator, `${CALLS.unpackStatus.functionName}${channelId.slice(2)}`);
}

/** Reads the answer to `statusCall`. Throws `NodeError` with `CodeMismatch` when no adjudicator gave it. */
export function decodeStatus(answer: unknown): AdjudicatorStatus {
  const data = wordsOf(answer, 3, "unpackStatus");
  const [turnNumRecord = 0n, finalizesAtSec = 0n, fingerprint = 0n] = [0, 1, 2].map((place) =>
    BigInt(`0x${data.slice(2 + 64 * place, 66 + 64 * place)}`),
  );
  if (turnNumRecord > UINT48_MAX || finalizesAtSec > UINT48_MAX) {
    throw mismatch(
      "the adjudicator's status of a channel has numbers of more than 48 bits",
      answer,
    );
  }
  return {
    turnNumRecord: Number(turnNumRecord),
    finalizesAtSec: Number(finalizesAtSec),
    fingerprint,
  };
}

/** Turns and times have 48 bits. Source: StatusManager. */
const UINT48_MAX = (1n << 48n) - 1n;

const WORD_BYTES = 32;

function wordsOf(answer: unknown, count: number, asked: string): Hex {
  if (isHex(answer, count * WORD_BYTES)) return answer;
  throw mismatch(`the adjudicator's answer to ${asked} is not ${count} words`, answer);
}

function mismatch(what: string, answer: unknown): NodeError {
  const message = `${what}; check its address and the chain`;
  return new NodeError("CodeMismatch", message, { data: { answer } });
}

function call(adjudicator: Address, data: Hex): ContractCall {
  return { to: adjudicator, data, valueWei: 0n };
}

function fixed({ participants, channelNonce, appDefinition, challengeDurationSec }: FixedPart) {
  return { participants, channelNonce, appDefinition, challengeDuration: challengeDurationSec };
}

function signed({ variablePart, signatures }: SignedVariablePart) {
  return { variablePart, sigs: signatures.map(split) };
}

function split(signature: Hex): { readonly v: number; readonly r: Hex; readonly s: Hex } {
  assert(isHex(signature, 65), "a signature has 65 bytes");
  const digits = signature.slice(2);
  return {
    r: `0x${digits.slice(0, 64)}`,
    s: `0x${digits.slice(64, 128)}`,
    v: Number.parseInt(digits.slice(128), 16),
  };
}
