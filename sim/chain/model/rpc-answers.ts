/** The model's blocks, transactions, receipts and logs in the words of JSON-RPC. */
import type { RpcLog } from "../../../src/chain/adjudicator-logs.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { BLOCK_GAS_LIMIT, LOCAL_CHAIN_ID } from "../local-chain.ts";
import { bloomOf } from "./bloom.ts";
import type { MinedTransaction, ModelBlock, Place } from "./model-chain.ts";
import type { SentTransaction } from "./raw-transaction.ts";
import { wordOf } from "./words.ts";

const ZERO_HASH: Hex = `0x${wordOf(0n)}`;

/** A number in JSON-RPC. */
export function quantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`;
}

/** Blocks with the names of their transactions, as they were answered. Who asks changes nothing in them. */
const answered = new WeakMap<ModelBlock, unknown>();

/** A block, with its transactions or their names: of the latter the same answer each time. */
export function blockAnswer(block: ModelBlock, isWhole: boolean): unknown {
  if (isWhole) return writeBlock(block, true);
  const known = answered.get(block) ?? writeBlock(block, false);
  answered.set(block, known);
  return known;
}

function writeBlock(block: ModelBlock, isWhole: boolean): unknown {
  const { baseFeeWei, coinbase, gasUsed, hash, number, parentHash, timestampSec } = block;
  const transactions = block.transactions.map((mined) =>
    isWhole ? transactionAnswer(mined.sent, { block, mined }) : mined.sent.hash,
  );
  return {
    number: quantity(number),
    hash,
    parentHash,
    timestamp: quantity(timestampSec),
    miner: coinbase,
    baseFeePerGas: quantity(baseFeeWei),
    gasLimit: quantity(BLOCK_GAS_LIMIT),
    gasUsed: quantity(gasUsed),
    logsBloom: bloomOf(block.transactions.flatMap(({ logs }) => logs)),
    parentBeaconBlockRoot: ZERO_HASH,
    transactions,
  };
}

/** A transaction, in its block or pending. */
export function transactionAnswer(sent: SentTransaction, place: Place | undefined): unknown {
  const { chainId = BigInt(LOCAL_CHAIN_ID), maxFeeWei, maxTipWei, type } = sent;
  const fees =
    type === 2
      ? { maxFeePerGas: quantity(maxFeeWei), maxPriorityFeePerGas: quantity(maxTipWei) }
      : {};
  return {
    hash: sent.hash,
    type: quantity(type),
    chainId: quantity(chainId),
    nonce: quantity(sent.nonce),
    from: sent.from,
    to: sent.to ?? null,
    value: quantity(sent.valueWei),
    input: sent.data,
    gas: quantity(sent.gasLimit),
    gasPrice: quantity(place?.mined.gasPriceWei ?? maxFeeWei),
    ...fees,
    blockHash: place?.block.hash ?? null,
    blockNumber: place === undefined ? null : quantity(place.block.number),
    transactionIndex: place === undefined ? null : quantity(place.mined.index),
    v: quantity(sent.v),
    r: quantity(sent.r),
    s: quantity(sent.s),
  };
}

/** What a transaction did. */
export function receiptAnswer({ block, mined }: Place): unknown {
  const { contractAddress, cumulativeGasUsed, gasPriceWei, gasUsed, index, sent, succeeded } =
    mined;
  return {
    transactionHash: sent.hash,
    transactionIndex: quantity(index),
    blockHash: block.hash,
    blockNumber: quantity(block.number),
    from: sent.from,
    to: sent.to ?? null,
    type: quantity(sent.type),
    status: succeeded ? "0x1" : "0x0",
    gasUsed: quantity(gasUsed),
    cumulativeGasUsed: quantity(cumulativeGasUsed),
    effectiveGasPrice: quantity(gasPriceWei),
    contractAddress: contractAddress ?? null,
    logs: logsOf(block, mined),
  };
}

/** Logs as they were answered. A transaction that is mined again in another block is another one of these. */
const told = new WeakMap<MinedTransaction, readonly RpcLog[]>();

/** What a transaction told: the same objects each time. Who asks changes nothing in them. */
export function logsOf(block: ModelBlock, mined: MinedTransaction): readonly RpcLog[] {
  const logs = told.get(mined) ?? writeLogs(block, mined);
  told.set(mined, logs);
  return logs;
}

function writeLogs(block: ModelBlock, mined: MinedTransaction): readonly RpcLog[] {
  const { firstLog, index, logs, sent } = mined;
  return logs.map((log, place) =>
    // Many readers have the same object: none may change it under the others.
    Object.freeze({
      ...log,
      topics: Object.freeze([...log.topics]),
      blockNumber: quantity(block.number),
      blockHash: block.hash,
      transactionHash: sent.hash,
      transactionIndex: quantity(index),
      logIndex: quantity(firstLog + place),
      removed: false,
    }),
  );
}
