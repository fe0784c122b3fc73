/** Follows the chain by the hashes of its blocks, and tells what is confirmed and what is taken back. */

import type { BlockId } from "../channel/holdings.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { mark, marked } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { AdjudicatorEvent, LogPosition } from "./adjudicator-logs.ts";
import {
  type BlockHeader,
  contradiction,
  idOf,
  isSameBlock,
  readHeader,
  readHeaderOf,
} from "./block-header.ts";
import type { ChainNews, ChainStart } from "./chain-news.ts";
import type { ChainSettings } from "./chain-settings.ts";
import { EarlierLogs, placeOf } from "./earlier-logs.ts";
import { LinkedBlocks } from "./linked-blocks.ts";
import type { LogSource } from "./log-source.ts";
import type { Receipt } from "./receipts.ts";
import type { Opinion, RpcPanel, Verdict } from "./rpc-panel.ts";
import { SuspectBlocks } from "./suspect-blocks.ts";
import { ToldBlocks } from "./told-blocks.ts";

/** Blocks that one eth_getLogs asks for: 2,000, what public endpoints allow at least. */
const LOG_RANGE_BLOCKS_MAX = 2_000;

/** Newest confirmed blocks whose logs are read one by one, by hash; older ones are read by range. */
const BLOCKS_BY_HASH = 4;

/** What a look at the chain has found. */
export type Sight = {
  /** The newest block up to which all was told; undefined when this life has told none. */
  readonly told: BlockHeader | undefined;
  /** Time of the newest block when that was confirmed: of the head, unless an endpoint is waited for. */
  readonly seenSec: number | undefined;
  /** What the others said last. */
  readonly standing: Opinion;
  /** True when something was told, or nothing was left to tell. */
  readonly isAgreed: boolean;
  /** True when blocks were replaced since the last look, confirmed or not. */
  readonly isReplaced: boolean;
  /** The newest block that is left of what was told, when this look found that some of it is gone. */
  readonly fork: BlockId | undefined;
};

type Options = {
  readonly panel: RpcPanel;
  readonly settings: ChainSettings;
  readonly source: LogSource;
  readonly onNews: (news: ChainNews) => void;
  readonly onFault: (fault: NodeError) => void;
};

/** One life's view of the chain. All that it tells has been agreed to by every endpoint that answers. */
export class ChainFollower {
  readonly #options: Options;
  readonly #linked: LinkedBlocks;
  readonly #told: ToldBlocks;
  /** Where reading begins is decided once the chain is seen. */
  #mustBegin: boolean;
  #isNew: () => boolean;
  readonly #suspects = new SuspectBlocks();
  /** The newest block that this life has told. */
  #newestTold: BlockHeader | undefined;
  /** Blocks of which a receipt shows that logs are missing. */
  readonly #incomplete = new Map<Hash, BlockId>();
  /** The logs that this life has told, by block and place. */
  readonly #toldLogs = new Set<string>();
  /** Above this block all logs were told in this life. */
  #toldBefore: number;
  readonly #earlier: EarlierLogs;

  constructor(options: Options, { isNew, known, scannedTo, told }: ChainStart) {
    this.#options = options;
    this.#earlier = new EarlierLogs(told ?? { from: scannedTo + 1, to: scannedTo, places: [] });
    const { confirmation, finality } = options.settings.profile;
    const depth = confirmation.type === "Depth" ? confirmation.blocks : 0;
    this.#linked = new LinkedBlocks(finality.depthBlocks + depth + 1);
    this.#told = new ToldBlocks(scannedTo, known);
    this.#toldBefore = scannedTo;
    this.#mustBegin = scannedTo < 0;
    this.#isNew = isNew ?? (() => false);
  }

  /** Reads all blocks again from the first, at the next look. */
  readAgain(): void {
    this.#mustBegin = true;
    // Channels that come back are older than all that this log knows.
    this.#isNew = () => false;
  }

  /** True for a block of the chain as it was last seen; undefined for one that is too old to say. */
  isOnChain({ blockHash, blockNumber }: BlockId): boolean | undefined {
    const here = this.#linked.at(blockNumber);
    return here && here.blockHash === blockHash;
  }

  /** True when that newest block was seen, and newer ones after it. */
  isBehind(head: BlockHeader): boolean {
    return this.#linked.isBehind(head);
  }

  /**
   * Looks at the chain that ends in `head`, and tells what it can. Throws `NodeError`: `ChainContradicted` when
   * answers of one endpoint do not fit together, `ChainStale` when the chain ends below blocks that
   * were told. Another look goes on where this one ended.
   */
  async look(head: BlockHeader): Promise<Sight> {
    const { confirmation } = this.#options.settings.profile;
    const depth = confirmation.type === "Depth" ? confirmation.blocks : 0;
    const isReplaced = await this.#linked.follow(this.#rpc, head, depth);
    const confirmed = await this.#confirmedOf(head);
    const { fork, opinion } = await this.#takeBack(head);
    if (fork === undefined) {
      await this.#retellEarlier(head);
      await this.#retellLate(head);
    }
    if (this.#mustBegin && confirmed !== undefined) this.#begin(confirmed);
    const before = this.#newestTold;
    const isBlocked = confirmed === undefined || opinion !== "Agreed";
    const standing = isBlocked ? opinion : await this.#tellUpTo(confirmed);
    const told = this.#newestTold;
    const isAgreed = standing === "Agreed" || told !== before;
    return { told, seenSec: this.#seenSec(head, standing), standing, isAgreed, isReplaced, fork };
  }

  /** Decides which block is the first that is read. */
  #begin({ blockNumber }: BlockHeader): void {
    const { beginsAtHead = false, firstBlock = 0, profile } = this.#options.settings;
    const newest = beginsAtHead && this.#isNew() ? blockNumber - profile.finality.depthBlocks : 0;
    const before = Math.max(Math.min(firstBlock, blockNumber), newest) - 1;
    this.#told.readFrom(before);
    this.#toldBefore = Math.max(this.#toldBefore, before);
    this.#mustBegin = false;
  }

  #seenSec(head: BlockHeader, standing: Opinion): number | undefined {
    if (standing === "Agreed") return head.timestampSec;
    const { confirmation } = this.#options.settings.profile;
    const depth = confirmation.type === "Depth" ? confirmation.blocks : 0;
    const told = this.#newestTold;
    return told && (this.#linked.at(told.blockNumber + depth) ?? told).timestampSec;
  }

  /**
   * Reads suspect blocks once more. Logs that come late are told in their place: what was told from their block
   * on is taken back, and told again together with them.
   */
  async #retellLate(head: BlockHeader): Promise<void> {
    const { source } = this.#options;
    if (this.#incomplete.size > 0) await this.#convictIncomplete();
    for (const block of this.#suspects.due(head)) {
      if (block.blockNumber > this.#told.scannedTo) continue;
      if (!(this.isOnChain(block) ?? (await this.#isThere(block)))) continue;
      const logs = await source.read(this.#rpc, block.blockNumber, block);
      if (logs.every(({ position }) => this.#hasTold(position))) continue;
      mark("chain/logs-told-again");
      this.#tellFrom(block, head);
    }
  }

  /**
   * Reads once more what an earlier life has read, or this one by range. Of a channel that is not this node's an earlier
   * life has kept no place: it never became a fact.
   */
  async #retellEarlier(head: BlockHeader): Promise<void> {
    const range = this.#earlier.due(head.blockNumber);
    if (range === undefined) return;
    const end = this.#linked.at(range.to) ?? (await readHeader(this.#rpc, range.to));
    // An endpoint that is behind is asked at the next look.
    if (end === undefined) return;
    const logs = await this.#options.source.readMine(this.#rpc, range.from, end);
    this.#earlier.wasRead(head.blockNumber);
    const late = logs.find(({ position }) => !this.#earlier.has(position));
    const block = late && (await readHeaderOf(this.#rpc, late.position.blockHash));
    if (block === undefined) return;
    mark("chain/logs-of-earlier-life-told-again");
    this.#tellFrom(block, head);
  }

  /** Takes back what was told from this block on, to tell it anew. */
  #tellFrom(block: BlockHeader, head: BlockHeader): void {
    const from = this.#told.blocks.at(-1);
    if (from === undefined) return;
    // It may be the first block that this life has seen: only its own header tells what is below.
    const below = { blockNumber: block.blockNumber - 1, blockHash: block.parentHash };
    this.#options.onNews({ type: "ChainReorged", fork: below, from, to: idOf(head) });
    this.#forkAt(below);
  }

  #forkAt(fork: BlockId): void {
    this.#told.forkAt(fork);
    this.#earlier.forkAt(fork.blockNumber);
  }

  /** One may be older than all that this life has linked: then its header is read. */
  async #convictIncomplete(): Promise<void> {
    for (const [hash, { blockNumber }] of this.#incomplete) {
      const header = this.#linked.at(blockNumber) ?? (await readHeaderOf(this.#rpc, hash));
      if (header?.blockHash === hash) this.#suspects.convict(header);
    }
    this.#incomplete.clear();
  }

  #hasTold({ blockHash, logIndex }: Pick<LogPosition, "blockHash" | "logIndex">): boolean {
    return this.#toldLogs.has(placeOf({ blockHash, logIndex }));
  }

  /**
   * Holds what a receipt says against what was told. Throws `NodeError` with `ChainContradicted` when a log was
   * missing: its block is then read once more.
   */
  checkTold({ block, logIndexes }: Pick<Receipt, "block" | "logIndexes">): void {
    const { blockHash, blockNumber } = block;
    if (blockNumber <= this.#toldBefore || blockNumber > this.#told.scannedTo) return;
    if (logIndexes.every((logIndex) => this.#hasTold({ blockHash, logIndex }))) return;
    mark("chain/receipt-shows-missing-logs");
    this.#incomplete.set(blockHash, block);
    throw contradiction("a receipt holds logs that were not among those of its block", { block });
  }

  get #rpc(): EthereumRpc {
    return this.#options.panel.leader;
  }

  async #confirmedOf(head: BlockHeader): Promise<BlockHeader | undefined> {
    const { confirmation } = this.#options.settings.profile;
    if (confirmation.type === "Depth")
      return this.#linked.at(head.blockNumber - confirmation.blocks);
    const tagged = await readHeader(this.#rpc, confirmation.tag);
    // Above the newest block it is another machine that answers, which is ahead: it will be there again.
    if (tagged === undefined || tagged.blockNumber > head.blockNumber) return undefined;
    if (this.isOnChain(tagged) === false) {
      throw contradiction(`the ${confirmation.tag} block is not below the newest one`, { tagged });
    }
    return tagged;
  }

  /** Finds out whether told blocks are gone, and says so once all agree. */
  async #takeBack(
    head: BlockHeader,
  ): Promise<{ readonly opinion: Opinion; readonly fork: BlockId | undefined }> {
    const from = this.#told.blocks.at(-1);
    const isHeld = from === undefined || (await this.#isHeld(from, head));
    if (isHeld) return { opinion: "Agreed", fork: undefined };
    const opinion = await this.#options.panel.opinion((rpc) => isGone(rpc, from));
    if (opinion !== "Agreed") return { opinion, fork: undefined };
    mark("reorg/confirmed-blocks");
    const fork = (await this.#commonBlock(head)) ?? (await this.#belowAll());
    this.#options.onNews({ type: "ChainReorged", fork, from, to: idOf(head) });
    this.#forkAt(fork);
    this.#newestTold = this.#linked.at(fork.blockNumber);
    return { opinion, fork };
  }

  /** True for a told block that is still there. Throws `ChainStale` when the chain may only be behind it. */
  async #isHeld(block: BlockId, head: BlockHeader): Promise<boolean> {
    if (block.blockNumber <= head.blockNumber) return await this.#isThere(block);
    const lower = this.#told.blocks.findLast(({ blockNumber }) => blockNumber <= head.blockNumber);
    if (lower !== undefined && !(await this.#isThere(lower))) return false;
    throw new NodeError("ChainStale", `the chain ends before block ${block.blockNumber}`, {
      data: { head: idOf(head), told: block },
    });
  }

  async #isThere(block: BlockId): Promise<boolean> {
    const isHere = this.isOnChain(block);
    if (isHere !== undefined) return isHere;
    return (await readHeader(this.#rpc, block.blockNumber))?.blockHash === block.blockHash;
  }

  async #commonBlock(head: BlockHeader): Promise<BlockId | undefined> {
    for (const block of this.#told.blocks.toReversed()) {
      if (block.blockNumber <= head.blockNumber && (await this.#isThere(block))) return block;
    }
    return undefined;
  }

  /** Nothing that is known is left: all of it is taken back. */
  async #belowAll(): Promise<BlockId> {
    const oldest = this.#told.blocks[0]?.blockNumber ?? 0;
    mark("reorg/below-all-that-is-known");
    const message = `the chain was replaced from below block ${oldest}, the oldest that is known`;
    this.#options.onFault(new NodeError("ReorgTooDeep", message, { data: { oldest } }));
    const below = await readHeader(this.#rpc, Math.max(0, oldest - 1));
    if (below === undefined) throw contradiction("the chain does not know its older blocks");
    return idOf(below);
  }

  /** Tells the logs of all blocks up to this one, page by page, as long as all endpoints agree. */
  async #tellUpTo(confirmed: BlockHeader): Promise<Opinion> {
    while (this.#told.scannedTo < confirmed.blockNumber) {
      const from = this.#told.scannedTo + 1;
      const end = await this.#endOfPage(from, confirmed);
      const { panel, source, onNews } = this.#options;
      const logs = await source.read(this.#rpc, from, end);
      if (this.#areLate(from, end, logs)) return "Waiting";
      const opinion = await panel.opinion((rpc) => source.verdict(rpc, { from, end, logs }));
      if (opinion !== "Agreed") return marked("chain/logs-not-agreed", opinion);
      const explained = await source.explain(this.#rpc, logs);
      const { timestampSec: blockTimeSec } = end;
      onNews({ type: "LogsConfirmed", logs: explained, block: idOf(end), blockTimeSec });
      const places = logs.map(({ position }) => position);
      for (const place of places) this.#toldLogs.add(placeOf(place));
      // One that is read by itself is suspected by itself.
      if (from < end.blockNumber) this.#earlier.add({ from, to: end.blockNumber, places });
      this.#told.tell(idOf(end));
      this.#newestTold = end;
    }
    return "Agreed";
  }

  async #endOfPage(from: number, confirmed: BlockHeader): Promise<BlockHeader> {
    const last = confirmed.blockNumber;
    const isFar = last - from >= BLOCKS_BY_HASH;
    if (isFar) mark("chain/caught-up-by-range");
    const number = isFar
      ? Math.min(from + LOG_RANGE_BLOCKS_MAX - 1, last - BLOCKS_BY_HASH / 2)
      : from;
    if (number === last) return confirmed;
    const header = this.#linked.at(number) ?? (await readHeader(this.#rpc, number));
    if (header === undefined) throw contradiction(`the chain does not know block ${number}`);
    return header;
  }

  /** Some endpoints list a block before its logs. */
  #areLate(from: number, end: BlockHeader, logs: readonly AdjudicatorEvent[]): boolean {
    if (from !== end.blockNumber || !this.#options.source.mayHaveLogs(end)) return false;
    const isNew = this.#suspects.note(end);
    return isNew && logs.length === 0 ? marked("chain/logs-late", true) : false;
  }
}

async function isGone(rpc: EthereumRpc, block: BlockId): Promise<Verdict> {
  const there = await readHeader(rpc, block.blockNumber);
  return there !== undefined && isSameBlock(there, block) ? "Other" : "Same";
}
