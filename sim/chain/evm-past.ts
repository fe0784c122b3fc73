/** Takes back blocks of the in-process EVM, which can go back to snapshots alone. */
import { serializeTransaction } from "viem";
import type { Address } from "../../src/crypto/address.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { BlockMaking } from "./local-chain.ts";

/** Blocks between two snapshots: one in each block would cost half as much again as the block. */
const SNAPSHOT_BLOCKS = 32;

/** A snapshot, taken when this was the newest block. */
type Mark = { readonly id: unknown; readonly number: number };

/** A transaction with its signature, as `eth_getBlockByNumber` gives it. */
type MinedTransaction = {
  readonly chainId: Hex;
  readonly nonce: Hex;
  readonly to: Hex | null;
  readonly input: Hex;
  readonly value: Hex;
  readonly gas: Hex;
  readonly maxFeePerGas: Hex;
  readonly maxPriorityFeePerGas: Hex;
  readonly r: Hex;
  readonly s: Hex;
  readonly v: Hex;
};

type FullBlock = {
  readonly hash: Hex;
  readonly timestamp: Hex;
  readonly baseFeePerGas: Hex;
  readonly miner: Address;
  readonly transactions: readonly MinedTransaction[];
};

type MakeBlock = (timestampSec: number, making: BlockMaking) => Promise<void>;

/** Remembers a state now and then, and makes what lay between it and the wanted one again. */
export class EvmPast {
  readonly #rpc: EthereumRpc;
  readonly #makeBlock: MakeBlock;
  #marks: Mark[] = [];
  #untilSnapshot = 0;

  constructor(rpc: EthereumRpc, makeBlock: MakeBlock) {
    this.#rpc = rpc;
    this.#makeBlock = makeBlock;
  }

  /** To be called before each block is made. */
  async beforeBlock(): Promise<void> {
    if (this.#untilSnapshot === 0) {
      await this.#mark(await headOf(this.#rpc));
      this.#untilSnapshot = SNAPSHOT_BLOCKS;
    }
    this.#untilSnapshot -= 1;
  }

  /** To be called when the chain went back by other ways. */
  forget(): void {
    this.#marks = [];
    this.#untilSnapshot = 0;
  }

  /** Takes back the newest blocks. The one that is the newest then is the very block that it was. */
  async takeBack(blocks: number): Promise<void> {
    const target = (await headOf(this.#rpc)) - blocks;
    const mark = assertDefined(
      this.#marks.findLast(({ number }) => number <= target),
      "a snapshot from before the blocks that are taken back",
    );
    const between = await this.#blocksFrom(mark.number + 1, target);
    await this.#rpc.request("evm_revert", [mark.id]);
    await dropPending(this.#rpc);
    this.#marks = this.#marks.filter(({ number }) => number < mark.number);
    // A snapshot can be used once.
    await this.#mark(mark.number);
    this.#untilSnapshot = Math.max(0, SNAPSHOT_BLOCKS - between.length);
    for (const block of between) await this.#makeAgain(block);
  }

  async #mark(number: number): Promise<void> {
    this.#marks.push({ id: await this.#rpc.request("evm_snapshot", []), number });
  }

  async #blocksFrom(first: number, last: number): Promise<readonly FullBlock[]> {
    const blocks: FullBlock[] = [];
    for (let number = first; number <= last; number++) {
      const params = [`0x${number.toString(16)}`, true];
      blocks.push((await this.#rpc.request("eth_getBlockByNumber", params)) as FullBlock);
    }
    return blocks;
  }

  async #makeAgain({ baseFeePerGas, hash, miner, timestamp, transactions }: FullBlock) {
    await this.#makeBlock(Number(timestamp), {
      transactions: transactions.map(rawOf),
      baseFeeWei: BigInt(baseFeePerGas),
      coinbase: miner,
    });
    const made = await this.#rpc.request("eth_getBlockByNumber", ["latest", false]);
    assert((made as FullBlock).hash === hash, "a block that is made again is the same block");
  }
}

/** Empties the pool. */
export async function dropPending(rpc: EthereumRpc): Promise<void> {
  const pending = (await rpc.request("eth_pendingTransactions", [])) as readonly { hash: Hex }[];
  for (const { hash } of pending) await rpc.request("hardhat_dropTransaction", [hash]);
}

async function headOf(rpc: EthereumRpc): Promise<number> {
  return Number(await rpc.request("eth_blockNumber", []));
}

/** The signed bytes of a transaction, all of which its block holds. */
function rawOf(transaction: MinedTransaction): Hex {
  const { chainId, gas, input, maxFeePerGas, maxPriorityFeePerGas, nonce, r, s, to, v, value } =
    transaction;
  return serializeTransaction(
    {
      type: "eip1559",
      chainId: Number(chainId),
      nonce: Number(nonce),
      to,
      data: input,
      value: BigInt(value),
      gas: BigInt(gas),
      maxFeePerGas: BigInt(maxFeePerGas),
      maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas),
    },
    { r, s, yParity: Number(v) },
  );
}
