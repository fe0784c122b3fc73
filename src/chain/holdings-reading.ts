/** Asks the adjudicator what it holds for a channel as of one block, where no log tells it. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId, HeldAmount } from "../channel/holdings.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { holdingsAt } from "./adjudicator-calls.ts";

/** What is to be read of one channel. */
export type HoldingsQuestion = {
  readonly channelId: ChannelId;
  readonly assets: readonly Address[];
};

/** The answer, as of the end of the block. Amounts are in the smallest unit of each asset. */
export type HoldingsAnswer = {
  readonly type: "HoldingsAnswered";
  readonly channelId: ChannelId;
  readonly amounts: readonly HeldAmount[];
  readonly block: BlockId;
};

/** Reads all assets at one block. Throws `NodeError` with `RpcRefused` when the chain does not know the block. */
export async function readHoldings(
  rpc: EthereumRpc,
  adjudicator: Address,
  { assets, channelId }: HoldingsQuestion,
  blockNumber: number,
): Promise<HoldingsAnswer> {
  const at: Hex = `0x${blockNumber.toString(16)}`;
  const blockHash = await hashOfBlock(rpc, at);
  const amounts: HeldAmount[] = [];
  for (const asset of assets) {
    const holdings = await holdingsAt(rpc, adjudicator, asset, channelId, at);
    amounts.push({ asset, holdings });
  }
  return { type: "HoldingsAnswered", channelId, amounts, block: { blockNumber, blockHash } };
}

async function hashOfBlock(rpc: EthereumRpc, at: Hex): Promise<Hash> {
  const block = await rpc.request("eth_getBlockByNumber", [at, false]);
  const hash = typeof block === "object" && block !== null && "hash" in block && block.hash;
  if (isHex(hash, 32)) return hash as Hash;
  throw new NodeError("RpcRefused", `the chain does not know block ${at}`, { data: { block } });
}
