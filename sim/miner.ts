/** Makes the blocks of a simulated world, at virtual times, and tells what is in them. */
import type { AdjudicatorEvent } from "../src/chain/adjudicator-logs.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { counted } from "../src/primitives/counted.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { logArrow } from "./arrows.ts";
import type { Asset } from "./assets.ts";
import { type Block, newestBlock, readLogs, readReceipts } from "./block-reading.ts";
import { ROLLBACK_BLOCKS_MAX } from "./chain/local-chain.ts";
import type { Reorg } from "./chain-conditions.ts";
import type { ChainFaults } from "./chain-faults.ts";
import { minerOf, returnToPool } from "./chain-faults-reorg.ts";
import type { Mempool, SenderState, WaitingTransaction } from "./mempool.ts";
import type { RpcDoor } from "./rpc-door.ts";
import { readTransaction } from "./sent-transaction.ts";
import type { SimulatedChain } from "./simulated-chain.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";
import type { MinedBlock, Receipt, TakenBack } from "./witness.ts";

type Options = {
  readonly chain: SimulatedChain;
  readonly door: RpcDoor;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly pool: Mempool;
  readonly faults: ChainFaults;
  readonly assetOf: (address: Address) => Asset;
  /** Sees each block with a transaction before anything else happens. */
  readonly onBlock: (block: MinedBlock) => Promise<void>;
  /** Sees each reorg when the old blocks are gone. */
  readonly onReorg: (reorg: TakenBack) => Promise<void>;
};

/** A block of the run that can still be taken back. */
type MadeBlock = {
  readonly timestampSec: number;
  /** Transactions in it, those that came past the pool included. */
  readonly receipts: number;
  readonly transactions: readonly WaitingTransaction[];
};

/** One miner per world. It makes a block whenever the chain's block time is over, empty ones too. */
export class Miner {
  readonly #options: Options;
  readonly #outcomes = new Map<ChannelId, Outcome>();
  #timestampSec: number;
  readonly #receipts: Receipt[] = [];
  /** The newest blocks, as many as a reorg can take back. */
  readonly #made: MadeBlock[] = [];
  /** Blocks on the chain since the start of the run, and blocks ever made on time. */
  #height = 0;
  readonly #states = new Map<Address, SenderState>();
  #slots = 0;
  #reorgs = 0;
  /** Another one than before a reorg: the same block again would be no reorg. */
  #maker = minerOf(0);
  /** True until the first block on time after a reorg. */
  #isReorgFresh = false;

  constructor(options: Options) {
    this.#options = options;
    this.#timestampSec = options.chain.startSec;
  }

  /** What the chain says about each transaction of the run, in order. */
  get receipts(): readonly Receipt[] {
    return this.#receipts;
  }

  /** The number that the next block has, counted from the first one of the run, which is 1. */
  get nextBlock(): number {
    return this.#height + 1;
  }

  /** Time of the newest block, in seconds since 1970-01-01 UTC. */
  get newestSec(): number {
    return this.#made.at(-1)?.timestampSec ?? this.#options.chain.startSec;
  }

  /** Begins to make blocks. */
  start(): void {
    const { door, faults, timeline } = this.#options;
    this.#slots += 1;
    const sec = faults.conditions.profile.blockTimeSec + faults.gapSec(this.#slots);
    timeline.after(sec * 1_000, () => {
      this.#timestampSec += sec;
      door.add(() => this.#mine());
      this.start();
    });
  }

  /** Remembers what a channel pays, so that a payout, which names its asset by index, can be read. */
  watch(channelId: ChannelId, outcome: Outcome): void {
    this.#outcomes.set(channelId, outcome);
  }

  /**
   * Takes a signed transaction into the pool, from where it gets into a block. Throws what a node of the
   * chain answers when it does not take it.
   */
  async accept(raw: Hex, isFirst = false): Promise<Hash> {
    const { chain, faults, pool } = this.#options;
    const sent = readTransaction(raw);
    // In the chain's own words: it refuses it as well.
    if (sent === undefined) {
      return (await chain.local.rpc.request("eth_sendRawTransaction", [raw])) as Hash;
    }
    pool.check(sent, await this.#stateOf(sent.from));
    const others = pool.earlier(sent).length + (pool.rivalOf(sent) === undefined ? 0 : 1);
    pool.add(sent, { ...faults.waitingOf(sent, this.nextBlock, others), isFirst });
    return sent.hash;
  }

  /** Takes back the newest blocks, as far as the run has made them, and makes others in their place. */
  async reorg(reorg: Reorg): Promise<void> {
    const { chain, faults, onReorg, pool } = this.#options;
    const depth = Math.min(reorg.depth, this.#made.length);
    if (depth === 0) return;
    const old = this.#made.splice(-depth);
    const nth = this.#reorgs;
    this.#reorgs += 1;
    this.#maker = minerOf(this.#reorgs);
    this.#height -= depth;
    this.#receipts.length -= old.reduce((sum, { receipts }) => sum + receipts, 0);
    await chain.local.rollback(depth);
    this.#states.clear();
    const remade = Math.min(reorg.remade ?? depth, depth);
    const about = await returnToPool(pool, old, { faults, reorg, nth, fork: this.#height });
    faults.tell(
      "chain",
      `reorg of ${counted(depth, "block")}${remade < depth ? `, ${remade} made anew` : ""}`,
      about,
    );
    faults.checkReorg(depth);
    const { number } = await newestBlock(chain.local.rpc);
    await onReorg({ fork: Number(number), depth });
    for (const { timestampSec } of old.slice(0, remade)) await this.#make(timestampSec, false);
    this.#isReorgFresh = true;
  }

  async #mine(): Promise<void> {
    const { faults } = this.#options;
    const timestampSec = this.#timestampSec;
    const reorg = faults.reorgBefore(this.nextBlock, this.#slots);
    if (reorg !== undefined) await this.reorg(reorg);
    await this.#make(timestampSec, true);
  }

  async #make(timestampSec: number, isOnTime: boolean): Promise<void> {
    const { chain, faults, onBlock, timeline, trace } = this.#options;
    const number = this.nextBlock;
    faults.tellSpans(number);
    const chosen = await this.#choose(number);
    await chain.local.mine(timestampSec, {
      transactions: chosen.map(({ raw }) => raw),
      baseFeeWei: faults.baseFeeOf(number),
      ...this.#maker,
    });
    this.#height = number;
    this.#states.clear();
    const block = await newestBlock(chain.local.rpc);
    const atMs = timeline.nowMs - chain.startSec * 1_000;
    trace.add({
      type: "Block",
      atMs,
      number: Number(block.number),
      hash: block.hash,
      timestampSec: Number(block.timestamp),
      transactions: block.transactions,
      gasUsed: Number(block.gasUsed),
    });
    await this.#settlePool(block, chosen, timestampSec);
    if (block.transactions.length === 0 && !this.#isReorgFresh) return;
    if (isOnTime) this.#isReorgFresh = false;
    const receipts = await readReceipts(chain.local.rpc, block);
    this.#receipts.push(...receipts);
    const logs = await readLogs(chain, block);
    this.#showLogs(logs, atMs);
    await onBlock({ number: Number(block.number), isOnTime, receipts, logs });
  }

  /** What the next block is to hold, and who waits too long. */
  async #choose(number: number): Promise<readonly WaitingTransaction[]> {
    const { faults, pool } = this.#options;
    const nonces = new Map<Address, number>();
    for (const from of pool.senders) {
      const { nonce } = await this.#stateOf(from);
      pool.forgetBelow(from, nonce);
      nonces.set(from, nonce);
    }
    const baseFeeWei = faults.baseFeeOf(number);
    const mayGoIn = (waiting: WaitingTransaction): boolean =>
      !waiting.isStuck &&
      waiting.notBefore <= number &&
      waiting.maxFeePerGasWei >= baseFeeWei &&
      !faults.isCensored(waiting, number);
    for (const head of pool.heads(nonces)) {
      const isPaid = head.maxFeePerGasWei >= baseFeeWei;
      const { urgentCapWei } = faults.conditions.profile.fees;
      const isOwnFault = !isPaid && baseFeeWei <= urgentCapWei;
      if (!isOwnFault && !mayGoIn(head)) faults.checkInclusion(head, number - head.since);
    }
    return pool.selected(nonces, mayGoIn);
  }

  /** What went in leaves the pool; what did not fit stays in ours, and leaves the chain's own. */
  async #settlePool(
    { transactions }: Block,
    chosen: readonly WaitingTransaction[],
    timestampSec: number,
  ): Promise<void> {
    const { chain, pool } = this.#options;
    const mined = new Set<string>(transactions);
    const own = chosen.filter(({ hash }) => mined.has(hash));
    for (const { hash } of own) pool.drop(hash);
    if (own.length < chosen.length) await chain.local.dropPending();
    this.#made.push({ timestampSec, receipts: transactions.length, transactions: own });
    if (this.#made.length > ROLLBACK_BLOCKS_MAX) this.#made.shift();
  }

  /** Asked once for each sender and block: only blocks change it. */
  async #stateOf(from: Address): Promise<SenderState> {
    const { rpc } = this.#options.chain.local;
    const known = this.#states.get(from);
    if (known !== undefined) return known;
    const count = await rpc.request("eth_getTransactionCount", [from, "latest"]);
    const balance = await rpc.request("eth_getBalance", [from, "latest"]);
    const state = { nonce: Number(count), balanceWei: BigInt(balance as Hex) };
    this.#states.set(from, state);
    return state;
  }

  #showLogs(logs: readonly AdjudicatorEvent[], atMs: number): void {
    const { assetOf, trace } = this.#options;
    for (const log of logs) {
      const arrow = logArrow(log, (index) => this.#assetOfPayout(log, index), assetOf);
      if (arrow !== undefined) trace.add({ type: "Arrow", atMs, arrow });
    }
  }

  #assetOfPayout({ channelId }: AdjudicatorEvent, assetIndex: number): Asset | undefined {
    const asset = this.#outcomes.get(channelId)?.[assetIndex]?.asset;
    return asset && this.#options.assetOf(asset);
  }
}
