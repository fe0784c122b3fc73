/** The chain around the model's contracts: blocks, their past, and the transactions that wait. */

import { assertDefined } from "../../../src/primitives/assert.ts";
import type { Hex } from "../../../src/primitives/hex.ts";
import {
  BASE_FEE_WEI,
  BLOCK_GAS_LIMIT,
  GENESIS_TIMESTAMP_SEC,
  type GenesisAccount,
} from "../local-chain.ts";
import { balanceCell, type CellName, Cells, nonceCell } from "./cells.ts";
import { canPay, type Outcome, runTransaction } from "./execution.ts";
import type { BlockView } from "./machine.ts";
import type { SentTransaction } from "./raw-transaction.ts";
import { hashOf, wordOf } from "./words.ts";

/** A transaction and what it did. */
export type MinedTransaction = Outcome & {
  readonly sent: SentTransaction;
  readonly index: number;
  /** Gas of the block up to and with this one. */
  readonly cumulativeGasUsed: bigint;
  /** Place in the block of its first log. */
  readonly firstLog: number;
};

/** A block of the model. Its hash covers all that it says. */
export type ModelBlock = {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly timestampSec: number;
  readonly baseFeeWei: bigint;
  readonly coinbase: Hex;
  readonly gasUsed: bigint;
  readonly transactions: readonly MinedTransaction[];
};

/** What a block is made with. */
export type BlockPlan = {
  readonly timestampSec: number;
  readonly baseFeeWei: bigint;
  readonly coinbase: Hex;
};

/** Where a transaction is found. */
export type Place = { readonly block: ModelBlock; readonly mined: MinedTransaction };

const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;
const NO_BLOCK: Hex = `0x${wordOf(0n)}`;

/** One chain. It changes nothing by itself. */
export class ModelChain {
  readonly #cells = new Cells();
  readonly #blocks: ModelBlock[] = [];
  readonly #byHash = new Map<Hex, ModelBlock>();
  readonly #places = new Map<Hex, Place>();
  /** Pending transactions in the order in which they came. */
  #pool: SentTransaction[] = [];

  constructor(accounts: readonly GenesisAccount[]) {
    const changes = new Map<CellName, bigint>();
    for (const { address, balanceWei } of accounts) changes.set(balanceCell(address), balanceWei);
    const plan = {
      timestampSec: GENESIS_TIMESTAMP_SEC,
      baseFeeWei: BASE_FEE_WEI,
      coinbase: ZERO_ADDRESS,
    };
    this.#add(plan, [], changes);
  }

  get newest(): ModelBlock {
    return assertDefined(this.#blocks.at(-1), "the first block");
  }

  get pending(): readonly SentTransaction[] {
    return this.#pool;
  }

  blockAt(number: number): ModelBlock | undefined {
    return this.#blocks[number];
  }

  blockByHash(hash: Hex): ModelBlock | undefined {
    return this.#byHash.get(hash);
  }

  placeOf(transactionHash: Hex): Place | undefined {
    return this.#places.get(transactionHash);
  }

  /** What contracts see after a block: its time, and every cell. */
  viewOf({ number, timestampSec }: ModelBlock): BlockView {
    return {
      timeSec: BigInt(timestampSec),
      read: (name) => this.#cells.read(name, number),
    };
  }

  /** Adds a transaction behind all others; one of the same sender and nonce goes. */
  addPending(sent: SentTransaction): void {
    this.#pool = this.#pool.filter(({ from, nonce }) => from !== sent.from || nonce !== sent.nonce);
    this.#pool.push(sent);
  }

  dropPending(): void {
    this.#pool = [];
  }

  /** Makes a block of all that is pending and fits, first come first served. */
  mine(plan: BlockPlan): ModelBlock {
    const changes = new Map<CellName, bigint>();
    const mined: MinedTransaction[] = [];
    let next = this.#nextFitting(plan, changes, mined);
    while (next !== undefined) {
      const outcome = runTransaction(this.#viewWithin(plan, changes), next, plan);
      for (const [name, value] of outcome.changes) changes.set(name, value);
      mined.push(placed(next, outcome, mined.at(-1)));
      const hash = next.hash;
      this.#pool = this.#pool.filter((waiting) => waiting.hash !== hash);
      next = this.#nextFitting(plan, changes, mined);
    }
    const block = this.#add(plan, mined, changes);
    this.#forgetOvertaken();
    return block;
  }

  /** Takes back the newest blocks. */
  takeBack(blocks: number): void {
    for (let taken = 0; taken < blocks; taken++) {
      const block = assertDefined(this.#blocks.pop(), "a block to take back");
      this.#cells.takeBack(block.number);
      this.#byHash.delete(block.hash);
      for (const { sent } of block.transactions) this.#places.delete(sent.hash);
    }
  }

  #viewWithin(plan: BlockPlan, changes: ReadonlyMap<CellName, bigint>): BlockView {
    const read = (name: CellName): bigint => changes.get(name) ?? this.#cells.read(name);
    return { timeSec: BigInt(plan.timestampSec), read };
  }

  #nextFitting(
    plan: BlockPlan,
    changes: ReadonlyMap<CellName, bigint>,
    mined: readonly MinedTransaction[],
  ): SentTransaction | undefined {
    const view = this.#viewWithin(plan, changes);
    const room = BLOCK_GAS_LIMIT - (mined.at(-1)?.cumulativeGasUsed ?? 0n);
    return this.#pool.find(
      (sent) =>
        sent.nonce === view.read(nonceCell(sent.from)) &&
        sent.maxFeeWei >= plan.baseFeeWei &&
        sent.gasLimit <= room &&
        canPay(view, sent),
    );
  }

  /** Another transaction had their nonce. */
  #forgetOvertaken(): void {
    this.#pool = this.#pool.filter(({ from, nonce }) => nonce >= this.#cells.read(nonceCell(from)));
  }

  #add(
    plan: BlockPlan,
    transactions: readonly MinedTransaction[],
    changes: ReadonlyMap<CellName, bigint>,
  ): ModelBlock {
    const parent = this.#blocks.at(-1);
    const gasUsed = transactions.at(-1)?.cumulativeGasUsed ?? 0n;
    const unnamed = {
      ...plan,
      number: this.#blocks.length,
      parentHash: parent?.hash ?? NO_BLOCK,
      gasUsed,
      transactions,
    };
    const block = { ...unnamed, hash: blockHash(unnamed) };
    this.#blocks.push(block);
    this.#byHash.set(block.hash, block);
    this.#cells.write(block.number, changes);
    for (const mined of transactions) this.#places.set(mined.sent.hash, { block, mined });
    return block;
  }
}

function placed(
  sent: SentTransaction,
  outcome: Outcome,
  before: MinedTransaction | undefined,
): MinedTransaction {
  return {
    ...outcome,
    sent,
    index: before === undefined ? 0 : before.index + 1,
    cumulativeGasUsed: (before?.cumulativeGasUsed ?? 0n) + outcome.gasUsed,
    firstLog: before === undefined ? 0 : before.firstLog + before.logs.length,
  };
}

/** Of a form of its own: nobody but the model makes these blocks. */
function blockHash(block: Omit<ModelBlock, "hash">): Hex {
  const { baseFeeWei, coinbase, gasUsed, number, parentHash, timestampSec, transactions } = block;
  const numbers = [BigInt(number), BigInt(timestampSec), baseFeeWei, BigInt(coinbase), gasUsed];
  const hashes = transactions.map(
    ({ sent, succeeded }) => sent.hash.slice(2) + (succeeded ? "01" : "00"),
  );
  return hashOf(parentHash.slice(2) + numbers.map(wordOf).join("") + hashes.join(""));
}
