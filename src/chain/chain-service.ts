/** Follows the chain for one node, and sends its transactions. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId } from "../channel/holdings.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import { callOf, gasLimitOf, holdingsAt } from "./adjudicator-calls.ts";
import { type AdjudicatorEvent, decodeAdjudicatorLog, type RpcLog } from "./adjudicator-logs.ts";
import type { AskedTransaction, ChainNews, ChainStart } from "./chain-news.ts";
import type { ChainProfile } from "./chain-profile.ts";
import { type HoldingsQuestion, readHoldings } from "./holdings-reading.ts";
import type { SignedTransaction, Transaction } from "./transaction.ts";

/** What a node knows about its chain before it starts. */
export type ChainSettings = {
  readonly chainId: bigint;
  readonly adjudicator: Address;
  /** When a block counts, how transactions are paid for, and how patient the node is. */
  readonly profile: ChainProfile;
  /** Milliseconds between two looks at the head of the chain. */
  readonly pollMs: number;
};

/** The account that pays for this node's transactions, and deposits from it. */
export type Account = {
  readonly address: Address;
  readonly sign: (transaction: Transaction) => SignedTransaction;
};

/** Wei per gas offered to the miner on top of the base fee: 1 gwei, the usual tip of a calm chain. */
const PRIORITY_FEE_WEI = 1_000_000_000n;

/** Blocks that one eth_getLogs asks for: 2,000, what public endpoints allow at least. */
const LOG_RANGE_BLOCKS_MAX = 2_000;

type Options = {
  /** The first is the one that is followed; nothing is believed that another one denies. At least one. */
  readonly rpcs: readonly EthereumRpc[];
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: ChainSettings;
  readonly account: Account;
  /** True for channels of this node: only their payouts and reclaims are looked up in calldata. */
  readonly isMine: (channelId: ChannelId) => boolean;
  readonly onNews: (news: ChainNews) => void;
  /** The world failed: told, never hidden; the next look tries again. */
  readonly onFault: (fault: NodeError) => void;
  /** Whether the endpoints agree. Told at each change. */
  readonly onTrust: (isTrusted: boolean) => void;
};

/** One per node. Everything it learns goes to `onNews`; it keeps nothing that the log does not hold. */
export class ChainService {
  readonly #options: Options;
  readonly #rpc: EthereumRpc;
  readonly #unmined = new Map<EffectId, Unmined>();
  readonly #toSign: AskedTransaction[] = [];
  readonly #toRead = new Map<ChannelId, HoldingsQuestion>();
  #scannedTo: number;
  #nextNonce: number | undefined;
  /** True once a transaction of this life was given its nonce: from then on nobody else counts. */
  #isNonceSure = false;
  #mustReadAgain = false;
  #head: number | undefined;
  #baseFeeWei: bigint | undefined;
  /** The confirmed block of the last look for receipts: without a new one there is nothing to find. */
  #receiptsUpTo: number | undefined;
  /** When the newest block was made whose confirmed logs have all been told. */
  #seenSec: number | undefined;
  #isSigning = false;
  #isLooking = false;
  #stopped = false;
  #cancel: CancelTimer | undefined;
  readonly #firstLook: { readonly promise: Promise<void>; readonly resolve: () => void } =
    Promise.withResolvers<void>();

  /** `nextNonce`: one above the highest that the log holds. */
  constructor(options: Options, { scannedTo }: ChainStart, nextNonce: number | undefined) {
    this.#options = options;
    this.#rpc = assertDefined(options.rpcs[0], "an endpoint of the chain");
    this.#scannedTo = scannedTo;
    this.#nextNonce = nextNonce;
  }

  /** False while two endpoints disagree, or one contradicts itself: then nothing may be signed. */
  get isTrusted(): boolean {
    return true;
  }

  /** Resolves once the first look of this life is over, be it that the chain could not be reached. */
  get firstLook(): Promise<void> {
    return this.#firstLook.promise;
  }

  /** Seconds since the newest block that was looked at was made; Infinity before there was one. */
  get lagSec(): number {
    return this.#seenSec === undefined
      ? Number.POSITIVE_INFINITY
      : this.#options.clock.nowMs() / 1_000 - this.#seenSec;
  }

  /** Begins to look at the chain, at once and then every `pollMs`. */
  start(): void {
    this.#lookAfter(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Reads all blocks again from the first, at the next look: a channel came back whose logs lie in them. */
  readAgain(): void {
    this.#mustReadAgain = true;
  }

  /** Reads holdings at the next look, as of its confirmed block. */
  ask(question: HoldingsQuestion): void {
    this.#toRead.set(question.channelId, question);
  }

  /** Signs what was asked for, one after the other; or sends again what was signed before a restart. */
  submit(asked: AskedTransaction): void {
    if (asked.raw !== undefined && asked.transactionHash !== undefined) {
      this.broadcast(asked.effectId, asked.raw, asked.transactionHash);
      return;
    }
    this.#toSign.push(asked);
    void this.#signAll();
  }

  /** Sends signed bytes. Sending them twice is harmless: the nonce admits them once. */
  broadcast(effectId: EffectId, raw: Hex, transactionHash: Hex): void {
    const unmined = { raw, transactionHash, afterBlock: this.#head ?? -1, isSent: false };
    this.#unmined.set(effectId, unmined);
    void this.#tolerate(() => this.#send(unmined));
  }

  async #send(unmined: Unmined): Promise<void> {
    const rpc = this.#rpc;
    try {
      await rpc.request("eth_sendRawTransaction", [unmined.raw]);
    } catch (error) {
      // After a restart the chain may have it already, and then refuses the copy.
      const known = await rpc.request("eth_getTransactionByHash", [unmined.transactionHash]);
      if (known === null || known === undefined) throw error;
    }
    unmined.isSent = true;
  }

  async #signAll(): Promise<void> {
    if (this.#isSigning) return;
    this.#isSigning = true;
    while (!this.#stopped) {
      const [asked] = this.#toSign;
      if (asked === undefined) break;
      const done = await this.#tolerate(() => this.#sign(asked));
      if (!done) break;
      this.#toSign.shift();
    }
    this.#isSigning = false;
  }

  async #sign({ call, effectId }: AskedTransaction): Promise<void> {
    const { account, onNews, settings } = this.#options;
    const rpc = this.#rpc;
    const reason = await whyPointless(rpc, settings.adjudicator, call);
    if (reason !== undefined) {
      onNews({ type: "TransactionPointless", effectId, reason });
      return;
    }
    const nonce = await this.#drawNonce();
    const { data, to, valueWei } = callOf(settings.adjudicator, call);
    const { hash, raw } = account.sign({
      chainId: settings.chainId,
      nonce,
      to,
      data,
      valueWei,
      gasLimit: gasLimitOf(call),
      // Twice the base fee stays valid for five full blocks in a row, each 12.5 % dearer.
      maxFeePerGasWei: 2n * (await this.#baseFee()) + PRIORITY_FEE_WEI,
      maxPriorityFeePerGasWei: PRIORITY_FEE_WEI,
    });
    this.#nextNonce = nonce + 1;
    this.#isNonceSure = true;
    onNews({ type: "TransactionSigned", effectId, nonce, transactionHash: hash, raw });
  }

  /** A log that has lost its end knows an old nonce: the first one of each life is held against the chain. */
  async #drawNonce(): Promise<number> {
    const { account } = this.#options;
    const known = this.#nextNonce ?? 0;
    if (this.#isNonceSure) return known;
    return Math.max(known, await transactionCount(this.#rpc, account.address));
  }

  /** The base fee of the newest block that was looked at. Asked once for each block, not for each transaction. */
  async #baseFee(): Promise<bigint> {
    this.#baseFeeWei ??= await baseFee(this.#rpc);
    return this.#baseFeeWei;
  }

  #lookAfter(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#lookAfter(this.#options.settings.pollMs);
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.#tolerate(async () => {
      const head = Number(await this.#rpc.request("eth_blockNumber", []));
      const isNew = head !== this.#head;
      if (isNew) this.#baseFeeWei = undefined;
      this.#head = head;
      const confirmed = head - depthOf(this.#options.settings.profile);
      await this.#scan(confirmed);
      await this.#readHoldings(confirmed);
      if (isNew || this.#seenSec === undefined) {
        this.#seenSec = await blockTime(this.#rpc, head);
      }
      for (const unmined of this.#unmined.values()) {
        if (!unmined.isSent) await this.#send(unmined);
      }
      if (confirmed === this.#receiptsUpTo) return;
      await this.#lookForReceipts(confirmed);
      this.#receiptsUpTo = confirmed;
    });
    this.#isLooking = false;
    this.#firstLook.resolve();
    if (this.#toSign.length > 0) void this.#signAll();
  }

  async #scan(confirmed: number): Promise<void> {
    while (!this.#stopped) {
      if (this.#mustReadAgain) this.#scannedTo = -1;
      this.#mustReadAgain = false;
      if (this.#scannedTo >= confirmed) return;
      const from = this.#scannedTo + 1;
      const to = Math.min(confirmed, from + LOG_RANGE_BLOCKS_MAX - 1);
      const logs = await this.#logs(from, to);
      const { block, blockTimeSec } = await blockAt(this.#rpc, to);
      this.#options.onNews({ type: "LogsConfirmed", logs, block, blockTimeSec });
      this.#scannedTo = to;
    }
  }

  async #readHoldings(confirmed: number): Promise<void> {
    const { onNews, settings } = this.#options;
    if (confirmed < 0) return;
    for (const [channelId, question] of this.#toRead) {
      onNews(await readHoldings(this.#rpc, settings.adjudicator, question, confirmed));
      this.#toRead.delete(channelId);
    }
  }

  async #logs(from: number, to: number): Promise<readonly AdjudicatorEvent[]> {
    const { settings } = this.#options;
    const filter = {
      address: settings.adjudicator,
      fromBlock: quantity(from),
      toBlock: quantity(to),
    };
    const logs = (await this.#rpc.request("eth_getLogs", [filter])) as readonly RpcLog[];
    return logs.map(decodeAdjudicatorLog).filter((log) => log !== undefined);
  }

  async #lookForReceipts(confirmed: number): Promise<void> {
    for (const [effectId, { afterBlock, transactionHash }] of [...this.#unmined]) {
      if (confirmed <= afterBlock) continue;
      const receipt = await this.#rpc.request("eth_getTransactionReceipt", [transactionHash]);
      if (!isReceipt(receipt) || Number(receipt.blockNumber) > confirmed) continue;
      this.#unmined.delete(effectId);
      this.#options.onNews({
        type: "TransactionMined",
        effectId,
        block: { blockNumber: Number(receipt.blockNumber), blockHash: receipt.blockHash },
        gasUsed: BigInt(receipt.gasUsed),
        succeeded: receipt.status === "0x1",
      });
    }
  }

  /** Runs one piece of work with the chain. The chain failing is told and tried again; a bug is not caught. */
  async #tolerate(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      if (!this.#stopped) this.#options.onFault(error);
      return false;
    }
  }
}

/** A signed transaction that is in no confirmed block yet. */
type Unmined = {
  readonly raw: Hex;
  readonly transactionHash: Hex;
  /** The newest block when it was sent: it can be in none up to that one. -1 after a restart. */
  readonly afterBlock: number;
  isSent: boolean;
};

type Receipt = {
  readonly blockNumber: Hex;
  readonly blockHash: Hash;
  readonly gasUsed: Hex;
  readonly status: Hex;
};

function isReceipt(value: unknown): value is Receipt {
  return typeof value === "object" && value !== null && "blockNumber" in value;
}

/**
 * Look before you send: a deposit needs the adjudicator to hold what was expected, a payout something to
 * pay. Whoever lost a log may ask for what is done already.
 */
async function whyPointless(
  rpc: EthereumRpc,
  adjudicator: Address,
  call: ChainCall,
): Promise<string | undefined> {
  if (call.type === "ConcludeAndTransferAllAssets") return whyPaidOut(rpc, adjudicator, call);
  if (call.type !== "Deposit") return undefined;
  const holdings = await holdingsAt(rpc, adjudicator, call.asset, call.channelId);
  if (holdings === call.expectedHeld) return undefined;
  return `the adjudicator holds ${holdings}, not ${call.expectedHeld}`;
}

async function whyPaidOut(
  rpc: EthereumRpc,
  adjudicator: Address,
  { channelId, variablePart }: ChainCall & { readonly type: "ConcludeAndTransferAllAssets" },
): Promise<string | undefined> {
  for (const { asset } of variablePart.outcome) {
    if ((await holdingsAt(rpc, adjudicator, asset, channelId)) > 0n) return undefined;
  }
  return "the adjudicator holds nothing any more";
}

async function transactionCount(rpc: EthereumRpc, address: Address): Promise<number> {
  return Number(await rpc.request("eth_getTransactionCount", [address, "pending"]));
}

/** Seconds since 1970-01-01 UTC; undefined when a reorganisation has taken the block away meanwhile. */
async function blockTime(rpc: EthereumRpc, blockNumber: number): Promise<number | undefined> {
  const block = await rpc.request("eth_getBlockByNumber", [quantity(blockNumber), false]);
  const hasTime = typeof block === "object" && block !== null && "timestamp" in block;
  return hasTime ? Number(block.timestamp) : undefined;
}

async function blockAt(
  rpc: EthereumRpc,
  blockNumber: number,
): Promise<{ readonly block: BlockId; readonly blockTimeSec: number }> {
  const block = (await rpc.request("eth_getBlockByNumber", [quantity(blockNumber), false])) as {
    readonly hash: Hash;
    readonly timestamp: Hex;
  } | null;
  if (block === null) {
    throw new NodeError("RpcRefused", `the chain does not know block ${blockNumber}`);
  }
  return { block: { blockNumber, blockHash: block.hash }, blockTimeSec: Number(block.timestamp) };
}

function depthOf({ confirmation }: ChainProfile): number {
  assert(confirmation.type === "Depth", "a chain whose blocks are confirmed by their depth");
  return confirmation.blocks;
}

async function baseFee(rpc: EthereumRpc): Promise<bigint> {
  const block = (await rpc.request("eth_getBlockByNumber", ["latest", false])) as {
    readonly baseFeePerGas?: Hex;
  };
  return BigInt(block.baseFeePerGas ?? "0x0");
}

const quantity = (value: number): Hex => `0x${value.toString(16)}`;
