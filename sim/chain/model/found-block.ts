/** Reads what a block of a real chain did, and says where it is not what the model says. */
import type { EthereumRpc } from "../../../src/ports/ethereum-rpc.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import { NodeError } from "../../../src/primitives/node-error.ts";
import { balanceOwner, type CellName, nonceOwner, storagePlace } from "./cells.ts";
import type { Outcome } from "./execution.ts";
import type { ModelLog } from "./machine.ts";
import type {
  BlockForecast,
  CallForecast,
  FoundBlock,
  FoundTransaction,
  Replica,
} from "./replica.ts";
import { wordOf } from "./words.ts";

/** What a transaction of the real chain said and did. */
export type Found = {
  readonly transaction: FoundTransaction & { readonly hash: Hex };
  readonly succeeded: boolean;
  readonly logs: readonly ModelLog[];
};

type RpcTransaction = {
  readonly hash: Hex;
  readonly from: Hex;
  readonly to: Hex | null;
  readonly input: Hex;
  readonly value: Hex;
  readonly nonce: Hex;
  readonly gas: Hex;
  readonly gasPrice: Hex;
  readonly maxFeePerGas?: Hex;
  readonly maxPriorityFeePerGas?: Hex;
};

type RpcBlock = {
  readonly number: Hex;
  readonly timestamp: Hex;
  readonly baseFeePerGas: Hex;
  readonly miner: Hex;
  readonly transactions: readonly RpcTransaction[];
};

type RpcReceipt = {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly logs: readonly ModelLog[];
};

/** Reads a block whole. */
export async function readBlock(
  rpc: EthereumRpc,
  tag: Hex | "latest",
): Promise<{ readonly block: FoundBlock; readonly found: readonly Found[] }> {
  const read = (await rpc.request("eth_getBlockByNumber", [tag, true])) as RpcBlock;
  const found: Found[] = [];
  for (const transaction of read.transactions) {
    const params = [transaction.hash];
    const receipt = (await rpc.request("eth_getTransactionReceipt", params)) as RpcReceipt;
    found.push(foundOf(transaction, receipt));
  }
  const block = {
    number: Number(read.number),
    timestampSec: Number(read.timestamp),
    baseFeeWei: BigInt(read.baseFeePerGas),
    coinbase: read.miner,
    transactions: found.map(({ transaction }) => transaction),
  };
  return { block, found };
}

function foundOf(transaction: RpcTransaction, { gasUsed, logs, status }: RpcReceipt): Found {
  const { gasPrice, maxFeePerGas = gasPrice, maxPriorityFeePerGas = gasPrice } = transaction;
  const succeeded = status === "0x1";
  return {
    succeeded,
    logs: logs.map(({ address, data, topics }) => ({ address, topics, data })),
    transaction: {
      hash: transaction.hash,
      from: transaction.from,
      to: transaction.to ?? undefined,
      data: transaction.input,
      valueWei: BigInt(transaction.value),
      nonce: BigInt(transaction.nonce),
      gasLimit: BigInt(transaction.gas),
      maxFeeWei: BigInt(maxFeePerGas),
      maxTipWei: BigInt(maxPriorityFeePerGas),
      gasUsed: BigInt(gasUsed),
      ranOut: !succeeded && BigInt(gasUsed) === BigInt(transaction.gas),
    },
  };
}

/** What a block did, as the model has it, and where that is not what it did, in words. */
export type BlockComparison = {
  readonly forecast: BlockForecast;
  readonly mismatches: readonly string[];
};

/** Shows a block to the replica and compares what each transaction came to, and what it told. */
export async function compareResults(
  rpc: EthereumRpc,
  replica: Replica,
  tag: Hex | "latest" = "latest",
): Promise<BlockComparison> {
  const { block, found } = await readBlock(rpc, tag);
  const forecast = replica.apply(block);
  const mismatches = found.flatMap((one, index) =>
    resultMismatches(one, forecast.outcomes[index]).map(
      (text) => `transaction ${one.transaction.hash}: ${text}`,
    ),
  );
  return { forecast, mismatches };
}

/** The same, and compares every cell that the block should have changed. */
export async function compareBlock(
  rpc: EthereumRpc,
  replica: Replica,
  tag: Hex | "latest" = "latest",
): Promise<BlockComparison> {
  const { forecast, mismatches } = await compareResults(rpc, replica, tag);
  const cells = await cellMismatches(rpc, forecast.changes, tag);
  return { forecast, mismatches: [...mismatches, ...cells] };
}

function resultMismatches(found: Found, outcome: Outcome | undefined): readonly string[] {
  const mismatches: string[] = [];
  const word = (succeeded: boolean | undefined): string => (succeeded ? "succeeds" : "fails");
  if (outcome?.succeeded !== found.succeeded) {
    const answer = outcome?.succeeded ? "" : ` with ${outcome?.answer}`;
    mismatches.push(
      `it ${word(found.succeeded)}; by the model it ${word(outcome?.succeeded)}${answer}`,
    );
  }
  const [told, foretold] = [textOf(found.logs), textOf(outcome?.logs ?? [])];
  if (told !== foretold) mismatches.push(`it tells ${told}; by the model ${foretold}`);
  return mismatches;
}

function textOf(logs: readonly ModelLog[]): string {
  return JSON.stringify(logs.map(({ address, data, topics }) => [address, topics, data]));
}

/** Reads cells on the real chain and gives those that hold something else, in words. */
export async function cellMismatches(
  rpc: EthereumRpc,
  cells: ReadonlyMap<CellName, bigint>,
  tag: Hex | "latest" = "latest",
): Promise<readonly string[]> {
  const mismatches: string[] = [];
  for (const [name, said] of cells) {
    const held = await readCell(rpc, name, tag);
    if (held !== undefined && held !== said) {
      mismatches.push(`${name} is 0x${wordOf(held)}; by the model 0x${wordOf(said)}`);
    }
  }
  return mismatches;
}

async function readCell(
  rpc: EthereumRpc,
  name: CellName,
  tag: Hex | "latest",
): Promise<bigint | undefined> {
  const place = storagePlace(name);
  if (place !== undefined) {
    return BigInt((await rpc.request("eth_getStorageAt", [place.address, place.slot, tag])) as Hex);
  }
  const owner = balanceOwner(name);
  if (owner !== undefined)
    return BigInt((await rpc.request("eth_getBalance", [owner, tag])) as Hex);
  const sender = nonceOwner(name);
  if (sender === undefined) return undefined;
  return BigInt((await rpc.request("eth_getTransactionCount", [sender, tag])) as Hex);
}

/** What a chain answers to a question: what it returns, or what it refuses with; undefined where it ran out of gas. */
export async function askChain(
  rpc: EthereumRpc,
  call: { readonly from: Hex; readonly to: Hex; readonly data: Hex; readonly valueWei: bigint },
  tag: Hex | "latest" = "latest",
): Promise<CallForecast | undefined> {
  const { valueWei, ...rest } = call;
  const params = { ...rest, value: `0x${valueWei.toString(16)}` };
  try {
    return { succeeded: true, answer: (await rpc.request("eth_call", [params, tag])) as Hex };
  } catch (error) {
    const answer = refusalOf(error);
    return answer === undefined ? undefined : { succeeded: false, answer };
  }
}

const OUT_OF_GAS = /out of gas/i;

function refusalOf(error: unknown): Hex | undefined {
  if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
  if (OUT_OF_GAS.test(String(error.data["message"]))) return undefined;
  if (error.data["code"] !== 3) throw error;
  return (error.data["data"] ?? "0x") as Hex;
}
