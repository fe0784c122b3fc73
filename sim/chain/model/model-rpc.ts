/** The door of the model: the JSON-RPC methods that this program uses, with the refusals of a real node. */
import { refusal } from "../../../src/adapters/ethereum-answer.ts";
import type { RpcLog } from "../../../src/chain/adjudicator-logs.ts";
import type { EthereumRpc } from "../../../src/ports/ethereum-rpc.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { BASE_FEE_WEI, BLOCK_GAS_LIMIT, LOCAL_CHAIN_ID } from "../local-chain.ts";
import { balanceCell, codeCell, nonceCell, storageCell } from "./cells.ts";
import { codeByNumber } from "./codes.ts";
import { attempt, type Call, runCall } from "./execution.ts";
import * as gas from "./gas.ts";
import { Machine } from "./machine.ts";
import { takeTransaction } from "./mempool-rules.ts";
import type { ModelBlock, ModelChain } from "./model-chain.ts";
import { runProgram } from "./program.ts";
import { reasonOf } from "./revert.ts";
import { blockAnswer, logsOf, quantity, receiptAnswer, transactionAnswer } from "./rpc-answers.ts";
import { wordOf } from "./words.ts";

type Method = (chain: ModelChain, params: readonly unknown[]) => unknown;

const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

/** The door of a chain. Answers come at once, but never before the caller waits for them. */
export function modelRpc(chain: ModelChain): EthereumRpc {
  return {
    request: async (name, params) => {
      const method = METHODS[name];
      if (method === undefined) {
        throw refusal(name, { code: -32_601, message: `the model does not know ${name}` });
      }
      return method(chain, params);
    },
  };
}

const METHODS: Readonly<Record<string, Method>> = {
  eth_chainId: () => quantity(LOCAL_CHAIN_ID),
  net_version: () => `${LOCAL_CHAIN_ID}`,
  web3_clientVersion: () => "channels model",
  eth_blockNumber: ({ newest }) => quantity(newest.number),
  eth_gasPrice: () => quantity(2n * BASE_FEE_WEI),
  eth_maxPriorityFeePerGas: () => quantity(BASE_FEE_WEI),
  eth_feeHistory: feeHistory,
  eth_getBlockByNumber: (chain, [tag, isWhole]) => {
    const block = blockOf(chain, tag);
    return block === undefined ? null : blockAnswer(block, isWhole === true);
  },
  eth_getBlockByHash: (chain, [hash, isWhole]) => {
    const block = chain.blockByHash(hash as Hex);
    return block === undefined ? null : blockAnswer(block, isWhole === true);
  },
  eth_getBalance: (chain, [address, tag]) =>
    quantity(viewAt("eth_getBalance", chain, tag).read(balanceCell(lower(address)))),
  eth_getStorageAt: (chain, [address, slot, tag]) => {
    const name = storageCell(lower(address), `0x${wordOf(BigInt(slot as Hex))}`);
    return `0x${wordOf(viewAt("eth_getStorageAt", chain, tag).read(name))}`;
  },
  eth_getCode: (chain, [address, tag]) => {
    const number = viewAt("eth_getCode", chain, tag).read(codeCell(lower(address)));
    return codeByNumber(number)?.deployed ?? "0x";
  },
  eth_getTransactionCount: transactionCount,
  eth_getTransactionByHash: (chain, [hash]) => {
    const place = chain.placeOf(hash as Hex);
    const sent = place?.mined.sent ?? chain.pending.find((waiting) => waiting.hash === hash);
    return sent === undefined ? null : transactionAnswer(sent, place);
  },
  eth_getTransactionReceipt: (chain, [hash]) => {
    const place = chain.placeOf(hash as Hex);
    return place === undefined ? null : receiptAnswer(place);
  },
  eth_sendRawTransaction: (chain, [raw]) => takeTransaction(chain, raw as Hex),
  eth_call: (chain, [call, tag]) => answerTo("eth_call", chain, call, tag).answer,
  eth_estimateGas: (chain, [call, tag]) => {
    const { gasUsed } = answerTo("eth_estimateGas", chain, call, tag ?? "latest");
    return quantity(gasUsed);
  },
  eth_getLogs: findLogs,
};

function blockOf(chain: ModelChain, tag: unknown): ModelBlock | undefined {
  if (tag === undefined || tag === "latest" || tag === "pending") return chain.newest;
  if (tag === "safe" || tag === "finalized") return chain.newest;
  if (tag === "earliest") return chain.blockAt(0);
  if (typeof tag === "object" && tag !== null) {
    const { blockHash, blockNumber } = tag as {
      readonly blockHash?: Hex;
      readonly blockNumber?: Hex;
    };
    return blockHash === undefined ? blockOf(chain, blockNumber) : chain.blockByHash(blockHash);
  }
  return chain.blockAt(Number(tag));
}

function knownBlock(method: string, chain: ModelChain, tag: unknown): ModelBlock {
  const block = blockOf(chain, tag);
  if (block !== undefined) return block;
  const message = `block ${String(tag)} is not known; the newest is ${chain.newest.number}`;
  throw refusal(method, { code: -32_602, message });
}

function viewAt(method: string, chain: ModelChain, tag: unknown): ReturnType<ModelChain["viewOf"]> {
  return chain.viewOf(knownBlock(method, chain, tag));
}

function lower(address: unknown): Hex {
  return String(address).toLowerCase() as Hex;
}

function transactionCount(chain: ModelChain, [address, tag]: readonly unknown[]): Hex {
  const owner = lower(address);
  let count = viewAt("eth_getTransactionCount", chain, tag).read(nonceCell(owner));
  if (tag !== "pending") return quantity(count);
  const waiting = new Set(
    chain.pending.filter(({ from }) => from === owner).map(({ nonce }) => nonce),
  );
  while (waiting.has(count)) count++;
  return quantity(count);
}

type CallParams = {
  readonly from?: Hex;
  readonly to?: Hex;
  readonly data?: Hex;
  readonly input?: Hex;
  readonly value?: Hex;
};

/** Answers a question. Without an address it is a small program, which is run: see `runProgram`. */
function answerTo(
  method: string,
  chain: ModelChain,
  params: unknown,
  tag: unknown,
): { readonly answer: Hex; readonly gasUsed: bigint } {
  const { from = ZERO_ADDRESS, to, value = "0x0", ...data } = params as CallParams;
  const machine = new Machine(viewAt(method, chain, tag));
  const bytes = data.data ?? data.input ?? "0x";
  machine.gasUsed = gas.intrinsicGas(bytes.slice(2), to === undefined);
  const call = { from: lower(from), data: bytes, valueWei: BigInt(value) };
  const { answer, succeeded } = attempt(() =>
    ask(machine, to === undefined ? undefined : { ...call, to: lower(to) }, bytes),
  );
  if (!succeeded) throw reverted(method, answer);
  return { answer, gasUsed: machine.gasUsed };
}

function ask(machine: Machine, call: Call | undefined, program: Hex): Hex {
  return call === undefined ? runProgram(machine, program) : runCall(machine, call);
}

function reverted(method: string, data: Hex): Error {
  const reason = reasonOf(data);
  const message = reason === undefined ? "execution reverted" : `execution reverted: ${reason}`;
  return refusal(method, { code: 3, message, data });
}

type Filter = {
  readonly address?: Hex | readonly Hex[];
  readonly topics?: readonly (Hex | null | readonly Hex[])[];
  readonly fromBlock?: unknown;
  readonly toBlock?: unknown;
  readonly blockHash?: Hex;
};

function findLogs(chain: ModelChain, [given]: readonly unknown[]): readonly RpcLog[] {
  const filter = given as Filter;
  const isWanted = isWantedBy(filter);
  const found: RpcLog[] = [];
  for (const block of blocksOf(chain, filter)) {
    for (const mined of block.transactions) found.push(...logsOf(block, mined).filter(isWanted));
  }
  return found;
}

function blocksOf(chain: ModelChain, { blockHash, fromBlock, toBlock }: Filter): ModelBlock[] {
  if (blockHash !== undefined) {
    const block = chain.blockByHash(blockHash);
    if (block === undefined)
      throw refusal("eth_getLogs", { code: -32_000, message: "unknown block" });
    return [block];
  }
  const first = knownBlock("eth_getLogs", chain, fromBlock).number;
  const last = blockOf(chain, toBlock)?.number ?? chain.newest.number;
  const blocks: ModelBlock[] = [];
  for (let number = first; number <= last; number++) {
    const block = chain.blockAt(number);
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

/** Makes a question of a filter, whose words are read once for all logs. */
function isWantedBy({ address, topics = [] }: Filter): (log: RpcLog) => boolean {
  const oneOf = (wanted: Hex | readonly Hex[] | null | undefined): readonly Hex[] | undefined =>
    wanted === undefined || wanted === null ? undefined : [wanted].flat().map(lower);
  const addresses = oneOf(address);
  const wantedTopics = topics.map(oneOf);
  return (log) =>
    (addresses === undefined || addresses.includes(lower(log.address))) &&
    wantedTopics.every(
      (wanted, place) => wanted === undefined || wanted.includes(lower(log.topics[place])),
    );
}

function feeHistory(chain: ModelChain, [count, tag, percentiles]: readonly unknown[]): unknown {
  const newest = knownBlock("eth_feeHistory", chain, tag).number;
  const first = Math.max(0, newest - Number(count) + 1);
  const blocks: ModelBlock[] = [];
  for (let number = first; number <= newest; number++) {
    const block = chain.blockAt(number);
    if (block !== undefined) blocks.push(block);
  }
  const ranks = (percentiles ?? []) as readonly number[];
  return {
    oldestBlock: quantity(first),
    baseFeePerGas: [...blocks.map(({ baseFeeWei }) => baseFeeWei), BASE_FEE_WEI].map(quantity),
    gasUsedRatio: blocks.map(({ gasUsed }) => Number(gasUsed) / Number(BLOCK_GAS_LIMIT)),
    reward: blocks.map(({ transactions }) => {
      const tip = transactions.length === 0 ? 0n : BASE_FEE_WEI;
      return ranks.map(() => quantity(tip));
    }),
  };
}
