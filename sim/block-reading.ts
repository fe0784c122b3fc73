/** What is in a block: read from the real chain once it is made. */
import {
  type AdjudicatorEvent,
  decodeAdjudicatorLog,
  type RpcLog,
} from "../src/chain/adjudicator-logs.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import type { Hex } from "../src/primitives/hex.ts";
import type { SimulatedChain } from "./simulated-chain.ts";
import type { Receipt } from "./witness.ts";

/** The parts of a block that a run shows. */
export type Block = {
  readonly number: Hex;
  readonly hash: Hex;
  readonly timestamp: Hex;
  readonly gasUsed: Hex;
  readonly transactions: readonly Hex[];
};

type RpcReceipt = {
  readonly from: Hex;
  readonly gasUsed: Hex;
  readonly effectiveGasPrice: Hex;
  readonly status: Hex;
};

/** The block that was made last. */
export async function newestBlock(rpc: EthereumRpc): Promise<Block> {
  return (await rpc.request("eth_getBlockByNumber", ["latest", false])) as Block;
}

/** The receipts of a block, in order. */
export async function readReceipts(
  rpc: EthereumRpc,
  { transactions }: Block,
): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = [];
  for (const hash of transactions) {
    const receipt = (await rpc.request("eth_getTransactionReceipt", [hash])) as RpcReceipt;
    const gasUsed = BigInt(receipt.gasUsed);
    const feeWei = gasUsed * BigInt(receipt.effectiveGasPrice);
    const succeeded = receipt.status === "0x1";
    receipts.push({ from: receipt.from, gasUsed, feeWei, succeeded });
  }
  return receipts;
}

/** What the adjudicator told in a block, in order. */
export async function readLogs(
  { deployment, local }: SimulatedChain,
  { number }: Block,
): Promise<readonly AdjudicatorEvent[]> {
  const filter = { address: deployment.adjudicator, fromBlock: number, toBlock: number };
  const found = (await local.rpc.request("eth_getLogs", [filter])) as readonly RpcLog[];
  return found.flatMap((log) => decodeAdjudicatorLog(log) ?? []);
}
