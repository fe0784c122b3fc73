/** What the calls that wrote them add to logs. */

import { decodeAbiParameters, parseAbi, parseAbiParameters } from "viem";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import {
  type AdjudicatorEvent,
  type ReclaimedGuarantee,
  type ShownClaim,
  signedOf,
} from "./adjudicator-logs.ts";
import { ADJUDICATOR_STRUCTS } from "./adjudicator-structs.ts";
import { createCallReader } from "./calldata.ts";
import { tracedCalls } from "./traced-calls.ts";

const ABI = parseAbi([
  "function concludeAndTransferAllAssets(FixedPart fixedPart, SignedVariablePart candidate)",
  "function transfer(uint256 assetIndex, bytes32 fromChannelId, bytes outcomeBytes, bytes32 stateHash, uint256[] indices)",
  "function transferAllAssets(bytes32 channelId, SingleAssetExit[] outcome, bytes32 stateHash)",
  "struct ReclaimArgs { bytes32 sourceChannelId; bytes32 sourceStateHash; bytes sourceOutcomeBytes; uint256 sourceAssetIndex; uint256 indexOfTargetInSource; bytes32 targetStateHash; bytes targetOutcomeBytes; uint256 targetAssetIndex; }",
  "function reclaim(ReclaimArgs reclaimArgs)",
  "function checkpoint(FixedPart fixedPart, SignedVariablePart[] proof, SignedVariablePart candidate)",
  ...ADJUDICATOR_STRUCTS,
]);

const OUTCOME = parseAbiParameters([
  "SingleAssetExit[] outcome",
  "struct AssetMetadata { uint8 assetType; bytes metadata; }",
  "struct Allocation { bytes32 destination; uint256 amount; uint8 allocationType; bytes metadata; }",
  "struct SingleAssetExit { address asset; AssetMetadata assetMetadata; Allocation[] allocations; }",
]);

/**
 * A payout, a reclaim or a checkpoint: their logs do not say which allocations were paid, which guarantee was
 * reclaimed, or which state was shown.
 */
export type TerseLog = AdjudicatorEvent & {
  readonly type: "AllocationUpdated" | "Reclaimed" | "ChallengeCleared" | "Checkpointed";
};

type PayoutLog = AdjudicatorEvent & { readonly type: "AllocationUpdated" };
type ReclaimLog = AdjudicatorEvent & { readonly type: "Reclaimed" };
type CheckpointLog = AdjudicatorEvent & { readonly type: "ChallengeCleared" | "Checkpointed" };

/**
 * The log with what the call says that wrote it; `before` logs of the same transaction, channel and asset came
 * first. Where another contract called the adjudicator, the endpoint is asked for a trace; without one the log
 * is left as it is. Throws `NodeError` when the endpoint cannot be reached.
 */
export async function explainLog(
  rpc: EthereumRpc,
  adjudicator: Address,
  log: TerseLog,
  before = 0,
): Promise<AdjudicatorEvent> {
  const { transactionHash } = log.position;
  const answer = await rpc.request("eth_getTransactionByHash", [transactionHash]);
  const data = calldataOf(answer, adjudicator);
  const direct = data && before === 0 ? explainedBy(log, data) : undefined;
  if (direct !== undefined) return direct;
  mark("chain/call-from-another-contract");
  const calls = await tracedCalls(rpc, transactionHash, adjudicator);
  return calls?.flatMap((one) => explainedBy(log, one) ?? [])[before] ?? log;
}

/** The log as a call of the adjudicator explains it; undefined for a call that cannot have written it. */
function explainedBy(log: TerseLog, data: Hex): AdjudicatorEvent | undefined {
  const called = decodeCall(data);
  if (called === undefined) return undefined;
  if (log.type === "Reclaimed") {
    const reclaim = reclaimOf(log, called);
    return reclaim && { ...log, reclaim };
  }
  if (log.type !== "AllocationUpdated") {
    const shown = shownBy(log, called);
    return shown && { ...log, shown };
  }
  const indices = indicesOf(log, called);
  return indices && { ...log, indices };
}

function calldataOf(answer: unknown, adjudicator: Address): Hex | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { input, to } = answer as { readonly input?: unknown; readonly to?: unknown };
  const isDirect = typeof to === "string" && to.toLowerCase() === adjudicator;
  return isDirect && isHex(input) ? input : undefined;
}

/** Undefined for a call of another function, or none. */
const decodeCall = createCallReader(ABI);

type Called = NonNullable<ReturnType<typeof decodeCall>>;

/** Which allocations were paid: empty for all. */
function indicesOf(
  { assetIndex, channelId }: PayoutLog,
  called: Called,
): readonly number[] | undefined {
  switch (called.functionName) {
    case "concludeAndTransferAllAssets": {
      const [fixedPart, { variablePart }] = called.args;
      const isIt = idOf(fixedPart) === channelId && assetIndex < variablePart.outcome.length;
      return isIt ? [] : undefined;
    }
    case "transferAllAssets": {
      const [id, outcome] = called.args;
      return id === channelId && assetIndex < outcome.length ? [] : undefined;
    }
    case "transfer": {
      const [index, from, , , indices] = called.args;
      const isIt = from === channelId && Number(index) === assetIndex;
      return isIt ? indices.map(Number) : undefined;
    }
    default:
      return undefined;
  }
}

type Concluded = Extract<Called, { readonly functionName: "concludeAndTransferAllAssets" }>;

function idOf({
  appDefinition,
  challengeDuration,
  channelNonce,
  participants,
}: Concluded["args"][0]): ChannelId {
  return channelIdOf({
    participants: participants.map((one) => one.toLowerCase() as Address),
    channelNonce,
    appDefinition: appDefinition.toLowerCase() as Address,
    challengeDurationSec: challengeDuration,
  });
}

function shownBy(
  { channelId, newTurnNumRecord }: CheckpointLog,
  called: Called,
): ShownClaim | undefined {
  if (called.functionName !== "checkpoint") return undefined;
  const [fixedPart, proof, candidate] = called.args;
  const isTurn = candidate.variablePart.turnNum === newTurnNumRecord;
  if (!isTurn || idOf(fixedPart) !== channelId) return undefined;
  return { candidate: signedOf(candidate), proof: proof.map(signedOf) };
}

function reclaimOf(
  { assetIndex, channelId }: ReclaimLog,
  called: Called,
): ReclaimedGuarantee | undefined {
  if (called.functionName !== "reclaim") return undefined;
  const [args] = called.args;
  if (args.sourceChannelId !== channelId || Number(args.sourceAssetIndex) !== assetIndex) {
    return undefined;
  }
  const source = allocationsOf(args.sourceOutcomeBytes, assetIndex);
  const target = allocationsOf(args.targetOutcomeBytes, Number(args.targetAssetIndex));
  const indexOfTargetInSource = Number(args.indexOfTargetInSource);
  const guarantee = source?.[indexOfTargetInSource];
  const [left, right] = target ?? [];
  if (guarantee === undefined || left === undefined || right === undefined) return undefined;
  const targetChannelId = guarantee.destination as ChannelId;
  return { indexOfTargetInSource, targetChannelId, left: left.amount, right: right.amount };
}

function allocationsOf(outcomeBytes: Hex, assetIndex: number) {
  try {
    const [outcome] = decodeAbiParameters(OUTCOME, outcomeBytes);
    return outcome[assetIndex]?.allocations;
  } catch {
    // The contract accepted these bytes, so they can be read; an endpoint that lies may send others.
    return undefined;
  }
}
