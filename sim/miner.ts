/** Makes the blocks of a simulated world, at virtual times, and tells what is in them. */
import {
  type AdjudicatorEvent,
  decodeAdjudicatorLog,
  type RpcLog,
} from "../src/chain/adjudicator-logs.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { logArrow } from "./arrows.ts";
import type { Asset } from "./assets.ts";
import type { RpcDoor } from "./rpc-door.ts";
import type { SimulatedChain } from "./simulated-chain.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";
import type { MinedBlock, Receipt } from "./witness.ts";

/** Virtual seconds between blocks, as on the main chain. */
const BLOCK_TIME_SEC = 12;

type Options = {
  readonly chain: SimulatedChain;
  readonly door: RpcDoor;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly assetOf: (address: Address) => Asset;
  /** Sees each block with a transaction before anything else happens. */
  readonly onBlock: (block: MinedBlock) => Promise<void>;
};

type Block = {
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

/** One miner per world. It makes a block every 12 virtual seconds, empty ones too. */
export class Miner {
  readonly #options: Options;
  readonly #outcomes = new Map<ChannelId, Outcome>();
  #timestampSec: number;
  readonly #receipts: Receipt[] = [];

  constructor(options: Options) {
    this.#options = options;
    this.#timestampSec = options.chain.startSec;
  }

  /** What the chain says about each transaction of the run, in order. */
  get receipts(): readonly Receipt[] {
    return this.#receipts;
  }

  /** Begins to make blocks. */
  start(): void {
    this.#options.timeline.after(BLOCK_TIME_SEC * 1_000, () => {
      this.#options.door.add(() => this.#mine());
      this.start();
    });
  }

  /** Remembers what a channel pays, so that a payout, which names its asset by index, can be read. */
  watch(channelId: ChannelId, outcome: Outcome): void {
    this.#outcomes.set(channelId, outcome);
  }

  async #mine(): Promise<void> {
    const { chain, trace } = this.#options;
    this.#timestampSec += BLOCK_TIME_SEC;
    await chain.local.mine(this.#timestampSec);
    const block = await this.#newestBlock();
    const atMs = (this.#timestampSec - chain.startSec) * 1_000;
    trace.add({
      type: "Block",
      atMs,
      number: Number(block.number),
      hash: block.hash,
      timestampSec: Number(block.timestamp),
      transactions: block.transactions,
      gasUsed: Number(block.gasUsed),
    });
    if (block.transactions.length === 0) return;
    const receipts = await this.#readReceipts(block);
    const logs = await this.#showLogs(block, atMs);
    await this.#options.onBlock({ number: Number(block.number), receipts, logs });
  }

  async #newestBlock(): Promise<Block> {
    const { rpc } = this.#options.chain.local;
    return (await rpc.request("eth_getBlockByNumber", ["latest", false])) as Block;
  }

  async #readReceipts({ transactions }: Block): Promise<readonly Receipt[]> {
    const { rpc } = this.#options.chain.local;
    const first = this.#receipts.length;
    for (const hash of transactions) {
      const receipt = (await rpc.request("eth_getTransactionReceipt", [hash])) as RpcReceipt;
      const gasUsed = BigInt(receipt.gasUsed);
      const feeWei = gasUsed * BigInt(receipt.effectiveGasPrice);
      const succeeded = receipt.status === "0x1";
      this.#receipts.push({ from: receipt.from, gasUsed, feeWei, succeeded });
    }
    return this.#receipts.slice(first);
  }

  async #showLogs({ number }: Block, atMs: number): Promise<readonly AdjudicatorEvent[]> {
    const { assetOf, chain, trace } = this.#options;
    const address = chain.deployment.adjudicator;
    const filter = { address, fromBlock: number, toBlock: number };
    const found = (await chain.local.rpc.request("eth_getLogs", [filter])) as readonly RpcLog[];
    const logs = found.flatMap((log) => decodeAdjudicatorLog(log) ?? []);
    for (const log of logs) {
      const arrow = logArrow(log, (index) => this.#assetOfPayout(log, index), assetOf);
      if (arrow !== undefined) trace.add({ type: "Arrow", atMs, arrow });
    }
    return logs;
  }

  #assetOfPayout({ channelId }: AdjudicatorEvent, assetIndex: number): Asset | undefined {
    const asset = this.#outcomes.get(channelId)?.[assetIndex]?.asset;
    return asset && this.#options.assetOf(asset);
  }
}
