/** What became of a transaction: its receipt, and why the contract refused it. */

import type { BlockId } from "../channel/holdings.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { assertDefined } from "../primitives/assert.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decodeAdjudicatorLog, type RpcLog } from "./adjudicator-logs.ts";
import { contradiction, quantity } from "./block-header.ts";
import { reasonOfFault } from "./revert-reason.ts";
import { readSignedBytes } from "./transaction-bytes.ts";

/** A transaction in a block. */
export type Receipt = {
  readonly transactionHash: Hash;
  readonly block: BlockId;
  readonly gasUsed: bigint;
  readonly succeeded: boolean;
  /** Places in the block of the logs that the adjudicator wrote for it. */
  readonly logIndexes: readonly number[];
};

/** The receipt of the first of these transactions that is in a block: one nonce admits one of them. */
export async function readReceipt(
  rpc: EthereumRpc,
  adjudicator: Address,
  hashes: readonly Hash[],
): Promise<Receipt | undefined> {
  for (const transactionHash of hashes) {
    const answer = await rpc.request("eth_getTransactionReceipt", [transactionHash]);
    const receipt = parseReceipt(answer, adjudicator, transactionHash);
    if (receipt !== undefined && transactionHash !== hashes[0])
      mark("transaction/replaced-one-mined");
    if (receipt !== undefined) return receipt;
  }
  return undefined;
}

function parseReceipt(
  answer: unknown,
  adjudicator: Address,
  transactionHash: Hash,
): Receipt | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const receipt = answer as Readonly<Record<string, Hex | null | undefined>>;
  const { blockHash, blockNumber, gasUsed, status } = receipt;
  // Some endpoints give receipts of pending transactions, without a block.
  if (typeof blockNumber !== "string") return undefined;
  const isOther = (receipt["transactionHash"] ?? transactionHash) !== transactionHash;
  if (!isHex(blockHash, 32) || typeof gasUsed !== "string" || isOther) {
    throw contradiction("what came is no receipt", { answer, transactionHash });
  }
  return {
    transactionHash,
    block: { blockNumber: Number(blockNumber), blockHash: blockHash as Hash },
    gasUsed: BigInt(gasUsed),
    succeeded: status === "0x1",
    logIndexes: logIndexesOf(answer, adjudicator),
  };
}

function logIndexesOf(answer: object, adjudicator: Address): readonly number[] {
  const { logs = [] } = answer as { readonly logs?: readonly RpcLog[] };
  const ours = logs.filter(({ address }) => address.toLowerCase() === adjudicator);
  return ours.flatMap((log) => decodeAdjudicatorLog(log)?.position.logIndex ?? []);
}

/**
 * Why the contract refused a transaction, found by calling it again: at the end of its block, and if it
 * succeeds there, at the end of the block before.
 */
export async function reasonOfFailure(
  rpc: EthereumRpc,
  from: Address,
  raw: Hex,
  { block, gasUsed }: Receipt,
): Promise<string> {
  mark("transaction/refused-by-contract");
  const read = assertDefined(readSignedBytes(raw), "a transaction that this node signed");
  const { data, gasLimit, to, valueWei } = read;
  const call = { from, to, data, value: quantity(valueWei), gas: quantity(gasLimit) };
  for (const blockNumber of [block.blockNumber, block.blockNumber - 1]) {
    const reason = await reasonAt(rpc, call, blockNumber);
    if (reason !== undefined) return reason;
  }
  return gasUsed === gasLimit ? "it ran out of gas" : "the contract refused it";
}

async function reasonAt(
  rpc: EthereumRpc,
  call: Readonly<Record<string, unknown>>,
  blockNumber: number,
): Promise<string | undefined> {
  try {
    await rpc.request("eth_call", [call, quantity(Math.max(0, blockNumber))]);
    return undefined;
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
    // Endpoints that forget old blocks refuse for another reason: then there is none to be told.
    return reasonOfFault(error);
  }
}
