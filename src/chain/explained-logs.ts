/** What the calldata of a transaction adds to the logs that it wrote. */
import { decodeAbiParameters, decodeFunctionData, parseAbi, parseAbiParameters } from "viem";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import type { AdjudicatorEvent, ReclaimedGuarantee } from "./adjudicator-logs.ts";
import { ADJUDICATOR_STRUCTS } from "./adjudicator-structs.ts";

const ABI = parseAbi([
  "function concludeAndTransferAllAssets(FixedPart fixedPart, SignedVariablePart candidate)",
  "function transfer(uint256 assetIndex, bytes32 fromChannelId, bytes outcomeBytes, bytes32 stateHash, uint256[] indices)",
  "function transferAllAssets(bytes32 channelId, SingleAssetExit[] outcome, bytes32 stateHash)",
  "struct ReclaimArgs { bytes32 sourceChannelId; bytes32 sourceStateHash; bytes sourceOutcomeBytes; uint256 sourceAssetIndex; uint256 indexOfTargetInSource; bytes32 targetStateHash; bytes targetOutcomeBytes; uint256 targetAssetIndex; }",
  "function reclaim(ReclaimArgs reclaimArgs)",
  ...ADJUDICATOR_STRUCTS,
]);

const OUTCOME = parseAbiParameters([
  "SingleAssetExit[] outcome",
  "struct AssetMetadata { uint8 assetType; bytes metadata; }",
  "struct Allocation { bytes32 destination; uint256 amount; uint8 allocationType; bytes metadata; }",
  "struct SingleAssetExit { address asset; AssetMetadata assetMetadata; Allocation[] allocations; }",
]);

/** A payout or a reclaim: their logs do not say which allocations were paid, or which guarantee was reclaimed. */
export type TerseLog = AdjudicatorEvent & {
  readonly type: "AllocationUpdated" | "Reclaimed";
};

/**
 * The log with what its transaction says. Left as it is when the adjudicator was called by another contract,
 * so that the transaction's calldata is not the adjudicator's. Throws `NodeError` when the endpoint fails.
 */
export async function explainLog(
  rpc: EthereumRpc,
  adjudicator: Address,
  log: TerseLog,
): Promise<AdjudicatorEvent> {
  const { transactionHash } = log.position;
  const answer = await rpc.request("eth_getTransactionByHash", [transactionHash]);
  const data = calldataOf(answer, adjudicator);
  const called = data && decodeCall(data);
  if (called === undefined) return log;
  return log.type === "Reclaimed"
    ? { ...log, reclaim: reclaimOf(log, called) }
    : { ...log, indices: indicesOf(log, called) };
}

function calldataOf(answer: unknown, adjudicator: Address): Hex | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { input, to } = answer as { readonly input?: unknown; readonly to?: unknown };
  const isDirect = typeof to === "string" && to.toLowerCase() === adjudicator;
  return isDirect && isHex(input) ? input : undefined;
}

type Called = ReturnType<typeof decodeFunctionData<typeof ABI>>;

function decodeCall(data: Hex): Called | undefined {
  try {
    return decodeFunctionData({ abi: ABI, data });
  } catch {
    // A call of another function, or none: viem has no other way to say it.
    return undefined;
  }
}

/** Which allocations were paid: empty for all. */
function indicesOf(
  { assetIndex, channelId }: TerseLog,
  called: Called,
): readonly number[] | undefined {
  switch (called.functionName) {
    case "concludeAndTransferAllAssets":
      return [];
    case "transferAllAssets":
      return called.args[0] === channelId ? [] : undefined;
    case "transfer": {
      const [index, from, , , indices] = called.args;
      const isIt = from === channelId && Number(index) === assetIndex;
      return isIt ? indices.map(Number) : undefined;
    }
    default:
      return undefined;
  }
}

function reclaimOf(
  { assetIndex, channelId }: TerseLog,
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
