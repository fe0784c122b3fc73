/** Where calls name blocks, and how an endpoint reads `latest`, `safe` and the like. */
import type { Hex } from "../src/primitives/hex.ts";
import type { ChainConditions } from "./chain-conditions.ts";

/** Which parameter of a call names a block. */
const BLOCK_PARAMETER: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_feeHistory: 1,
  eth_getBalance: 1,
  eth_getBlockByNumber: 0,
  eth_getCode: 1,
  eth_getStorageAt: 2,
  eth_getTransactionCount: 1,
};

/** The parameters of a call with each block that they name replaced; those of `eth_getLogs` as well. */
export function withBlocks(
  method: string,
  params: readonly unknown[],
  replace: (block: unknown) => unknown,
): readonly unknown[] {
  if (method === "eth_getLogs") return params.map((filter) => filterWithBlocks(filter, replace));
  const place = BLOCK_PARAMETER[method];
  return params.map((param, index) => (index === place ? replace(param) : param));
}

/** The blocks that a call names. */
export function blocksIn(method: string, params: readonly unknown[]): readonly unknown[] {
  const place = BLOCK_PARAMETER[method];
  if (method !== "eth_getLogs") return place === undefined ? [] : params.slice(place, place + 1);
  const blocks: unknown[] = [];
  withBlocks(method, params, (block) => {
    blocks.push(block);
    return block;
  });
  return blocks;
}

/** The block that an endpoint whose newest one is `head` calls so; anything but a tag stays as it is. */
export function numberOfTag(conditions: ChainConditions, block: unknown, head: number): unknown {
  const { finalizedSec, profile, safeSec } = conditions;
  const behind = (sec: number): Hex => {
    return quantity(Math.max(0, head - Math.ceil(sec / profile.blockTimeSec)));
  };
  switch (block) {
    case "latest":
    case "pending":
      return quantity(head);
    case "safe":
      return behind(safeSec);
    case "finalized":
      return behind(finalizedSec);
    default:
      return block;
  }
}

/** A number as JSON-RPC writes it. */
export function quantity(value: number): Hex {
  return `0x${value.toString(16)}`;
}

function filterWithBlocks(filter: unknown, replace: (block: unknown) => unknown): unknown {
  if (typeof filter !== "object" || filter === null || "blockHash" in filter) return filter;
  const {
    fromBlock = "latest",
    toBlock = "latest",
    ...rest
  } = filter as {
    readonly fromBlock?: unknown;
    readonly toBlock?: unknown;
  };
  return { ...rest, fromBlock: replace(fromBlock), toBlock: replace(toBlock) };
}
