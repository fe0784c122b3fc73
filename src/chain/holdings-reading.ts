/** Asks the adjudicator what it holds for a channel as of one block, where no log tells it. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId, HeldAmount } from "../channel/holdings.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { holdingsAt } from "./adjudicator-calls.ts";
import { idOf, quantity, readHeader } from "./block-header.ts";

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

/** Reads all assets at one block; undefined for an endpoint that does not know it (yet). Throws `NodeError`. */
export async function readHoldings(
  rpc: EthereumRpc,
  adjudicator: Address,
  { assets, channelId }: HoldingsQuestion,
  blockNumber: number,
): Promise<HoldingsAnswer | undefined> {
  const header = await readHeader(rpc, blockNumber);
  if (header === undefined) return undefined;
  const amounts: HeldAmount[] = [];
  for (const asset of assets) {
    const holdings = await holdingsAt(rpc, adjudicator, asset, channelId, quantity(blockNumber));
    amounts.push({ asset, holdings });
  }
  return { type: "HoldingsAnswered", channelId, amounts, block: idOf(header) };
}
