/** Reads the adjudicator's logs of some blocks, and refuses answers that cannot be true. */

import type { BlockId } from "../channel/holdings.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { jsonOf } from "../primitives/json.ts";
import { mark } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import { type AdjudicatorEvent, decodeAdjudicatorLog, type RpcLog } from "./adjudicator-logs.ts";
import { type BlockHeader, contradiction, quantity, readHeader } from "./block-header.ts";
import { mayHold } from "./logs-bloom.ts";

/** The logs of one block, asked for by its hash: no other block can answer. In the order of the chain. */
export async function readBlockLogs(
  rpc: EthereumRpc,
  adjudicator: Address,
  block: BlockHeader,
): Promise<readonly AdjudicatorEvent[]> {
  const answer = await logsOfHash(rpc, { address: adjudicator, blockHash: block.blockHash });
  const logs = cleanLogs(answer, adjudicator);
  for (const { position } of logs) {
    if (position.blockNumber !== block.blockNumber || position.blockHash !== block.blockHash) {
      throw contradiction("a log of another block came", { position, block });
    }
  }
  if (logs.length > 0 && block.logsBloom !== undefined && !mayHold(block.logsBloom, adjudicator)) {
    throw contradiction("logs came that the block's header excludes", { block });
  }
  return logs;
}

async function logsOfHash(
  rpc: EthereumRpc,
  filter: { readonly address: Address; readonly blockHash: Hash },
): Promise<unknown> {
  try {
    return await rpc.request("eth_getLogs", [filter]);
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
    // A reorganisation came in between, or what answers has not seen the block yet.
    throw contradiction("the chain has no logs for a block that it has", { ...filter, error });
  }
}

/** True when the block's header says that there may be logs of the adjudicator. */
export function mayHaveLogs({ logsBloom }: BlockHeader, adjudicator: Address): boolean {
  return logsBloom !== undefined && mayHold(logsBloom, adjudicator);
}

/**
 * The logs of a range of old blocks, `end` included, in the order of the chain. Throws `NodeError` with
 * `ChainContradicted` when they are not all of the chain that `end` is on: a reorganisation may have come
 * in between, so it is worth another try.
 */
export async function readRangeLogs(
  rpc: EthereumRpc,
  adjudicator: Address,
  from: number,
  end: BlockId,
): Promise<readonly AdjudicatorEvent[]> {
  const filter = {
    address: adjudicator,
    fromBlock: quantity(from),
    toBlock: quantity(end.blockNumber),
  };
  const logs = cleanLogs(await rpc.request("eth_getLogs", [filter]), adjudicator);
  const named = new Map(logs.map(({ position }) => [position.blockHash, position.blockNumber]));
  for (const [blockHash, blockNumber] of named) {
    if (blockNumber < from || blockNumber > end.blockNumber) {
      throw contradiction("a log of a block came that was not asked for", { blockNumber });
    }
    await checkOnChain(rpc, { blockNumber, blockHash });
  }
  await checkOnChain(rpc, end);
  return logs;
}

async function checkOnChain(rpc: EthereumRpc, { blockHash, blockNumber }: BlockId): Promise<void> {
  const header = await readHeader(rpc, blockNumber);
  if (header?.blockHash === blockHash) return;
  throw contradiction(`block ${blockNumber} is not on the chain`, { blockHash });
}

/** Drops what comes twice or from elsewhere, and puts the rest into the order of the chain. */
function cleanLogs(answer: unknown, adjudicator: Address): readonly AdjudicatorEvent[] {
  if (!Array.isArray(answer)) throw contradiction("what came is no list of logs", { answer });
  const logs = new Map<string, AdjudicatorEvent>();
  const texts = new Map<string, string>();
  for (const raw of answer as readonly RpcLog[]) {
    if (!isLogOf(raw, adjudicator)) continue;
    const log = decodeAdjudicatorLog(raw);
    if (log === undefined) continue;
    const key = `${log.position.blockHash} ${log.position.logIndex}`;
    const text = `${raw.topics.join(" ")} ${raw.data}`;
    if (texts.has(key)) mark("chain/log-twice-in-one-answer");
    if ((texts.get(key) ?? text) !== text) {
      throw contradiction("two logs came for one place", { position: log.position });
    }
    texts.set(key, text);
    logs.set(key, log);
  }
  return [...logs.values()].sort(byPosition);
}

/** Some endpoints write addresses with the capitals of their checksum. */
function isLogOf(raw: Partial<RpcLog> | null, adjudicator: Address): boolean {
  const isWhole = Array.isArray(raw?.topics) && typeof raw.address === "string";
  return isWhole && raw.address?.toLowerCase() === adjudicator;
}

/** The order of the chain. */
function byPosition(one: AdjudicatorEvent, other: AdjudicatorEvent): number {
  const blocks = one.position.blockNumber - other.position.blockNumber;
  return blocks === 0 ? one.position.logIndex - other.position.logIndex : blocks;
}

/** True when both lists name the same logs with the same content. */
export function isSameLogs(
  one: readonly AdjudicatorEvent[],
  other: readonly AdjudicatorEvent[],
): boolean {
  // Most blocks have none.
  if (one.length === 0 || one.length !== other.length) return one.length === other.length;
  return jsonOf(one) === jsonOf(other);
}
