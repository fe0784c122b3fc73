/** Follows the chain for one node, and sends its transactions. */

import type { ChannelId } from "../channel/channel-id.ts";
import type { Hash } from "../crypto/signature.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import type { Hex } from "../primitives/hex.ts";
import { jsonOf } from "../primitives/json.ts";
import { mark, marked } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { EffectId } from "../protocols/effects.ts";
import { type BlockHeader, contradiction, isSameBlock } from "./block-header.ts";
import { ChainFollower } from "./chain-follower.ts";
import type { AskedTransaction, ChainNews, ChainStart } from "./chain-news.ts";
import type { Account, ChainSettings } from "./chain-settings.ts";
import { type HoldingsQuestion, readHoldings } from "./holdings-reading.ts";
import { LogSource } from "./log-source.ts";
import { type Opinion, RpcPanel } from "./rpc-panel.ts";
import { backOffMs } from "./rpc-patience.ts";
import { TransactionDesk } from "./transaction-desk.ts";
import { TransactionSigner } from "./transaction-signer.ts";

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

/**
 * Looks in a row with answers that do not fit together, after which they are no accident any more: a
 * reorganisation between two answers of one look gives the first.
 */
const CONTRADICTIONS_MAX = 1;

/** One per node. Everything it learns goes to `onNews`; it keeps nothing that the log does not hold. */
export class ChainService {
  readonly #options: Options;
  readonly #panel: RpcPanel;
  readonly #follower: ChainFollower;
  readonly #desk: TransactionDesk;
  readonly #toRead = new Map<ChannelId, HoldingsQuestion>();
  /** When the newest block was made whose confirmed logs have all been told, and what this clock showed then. */
  #seen: { readonly madeSec: number; readonly atMs: number } | undefined;
  #isTrusted = true;
  /** The newest block is too old, or older than one before: told once until it is over. */
  #isStale = false;
  #isOld = false;
  #contradictions = 0;
  #failures = 0;
  #isSigning = false;
  #stopped = false;
  #cancel: CancelTimer | undefined;
  readonly #firstLook: { readonly promise: Promise<void>; readonly resolve: () => void } =
    Promise.withResolvers<void>();

  /** `nextNonce`: one above the highest that the log holds. */
  constructor(options: Options, from: ChainStart, nextNonce: number | undefined) {
    const { account, clock, isMine, random, rpcs, settings } = options;
    const { adjudicator, pollMs, profile } = settings;
    const onFault = (fault: NodeError): void => this.#tell(fault);
    const onNews = (news: ChainNews): void => {
      if (!this.#stopped) options.onNews(news);
    };
    this.#options = options;
    this.#panel = new RpcPanel({ rpcs, clock, random, pollMs, profile, onFault });
    const source = new LogSource(adjudicator, isMine);
    const panel = this.#panel;
    this.#follower = new ChainFollower({ panel, settings, source, onNews, onFault }, from);
    const signer = new TransactionSigner({ panel, settings, account }, nextNonce);
    this.#desk = new TransactionDesk({
      panel,
      settings,
      signer,
      onNews,
      mayDeposit: () => this.#isTrusted && !this.#isStale,
      isOnChain: (block) => this.#follower.isOnChain(block),
      checkTold: (receipt) => this.#follower.checkTold(receipt),
    });
  }

  /** False while two endpoints disagree, or one contradicts itself: then nothing may be signed. */
  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** Resolves once the first look of this life is over, be it that the chain could not be reached. */
  get firstLook(): Promise<void> {
    return this.#firstLook.promise;
  }

  /**
   * Seconds since the newest block that was looked at was made, and no less than since this node saw it: a clock
   * that is behind would make it younger. Infinity before there was one, and when the clock has stepped back so far
   * that it cannot tell.
   */
  get lagSec(): number {
    if (this.#seen === undefined) return Number.POSITIVE_INFINITY;
    const { atMs, madeSec } = this.#seen;
    const nowMs = this.#options.clock.nowMs();
    if (nowMs < atMs) return Number.POSITIVE_INFINITY;
    return Math.max(nowMs / 1_000 - madeSec, (nowMs - atMs) / 1_000);
  }

  /** Begins to look at the chain, at once and then every `pollMs`; more rarely while it cannot be reached. */
  start(): void {
    this.#lookAfter(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  /** Reads all blocks again from the first, at the next look: a channel came back whose logs lie in them. */
  readAgain(): void {
    this.#follower.readAgain();
  }

  /** Reads holdings at the next look, as of its confirmed block. */
  ask(question: HoldingsQuestion): void {
    this.#toRead.set(question.channelId, question);
  }

  /** Signs what was asked for, one after the other; or sends again what was signed before a restart. */
  submit(asked: AskedTransaction): void {
    this.#desk.submit(asked);
    if (asked.raw === undefined) void this.#signAll();
    else void this.#tolerate(() => this.#desk.sendAll());
  }

  /** One is over, and must not be signed any more. */
  drop(effectId: EffectId): void {
    this.#desk.drop(effectId);
  }

  /** Sends signed bytes. Sending them twice is harmless: the nonce admits them once. */
  broadcast(effectId: EffectId, raw: Hex, transactionHash: Hex): void {
    this.#desk.accept(effectId, raw, transactionHash as Hash);
    void this.#tolerate(() => this.#desk.sendAll());
  }

  async #signAll(): Promise<void> {
    if (this.#isSigning || this.#stopped) return;
    this.#isSigning = true;
    await this.#tolerate(() => this.#desk.signAll());
    this.#isSigning = false;
  }

  #lookAfter(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#options.clock.after(delayMs, () => void this.#lookOnce());
  }

  async #lookOnce(): Promise<void> {
    const { clock, random, settings } = this.#options;
    const startedMs = clock.nowMs();
    const isReached = await this.#tolerate(() => this.#look());
    this.#failures = isReached ? 0 : this.#failures + 1;
    this.#firstLook.resolve();
    if (this.#desk.hasWork) void this.#signAll();
    const pauseMs = backOffMs(settings.pollMs, this.#failures, random);
    // A clock that stepped back while it looked would have it wait for as long as that step is.
    const tookMs = Math.max(0, clock.nowMs() - startedMs);
    this.#lookAfter(Math.max(0, pauseMs - tookMs));
  }

  async #look(): Promise<void> {
    const head = await this.#panel.newestBlock();
    if (this.#isBehind(head)) return;
    this.#desk.see(head);
    await this.#judge(async () => {
      const sight = await this.#follower.look(head);
      if (sight.isReplaced && sight.fork === undefined) mark("reorg/unconfirmed-blocks");
      if (sight.isReplaced) this.#desk.reorganise(sight.fork);
      this.#noteSeen(sight.seenSec);
      const isDenied =
        sight.told !== undefined && (await this.#readHoldings(sight.told)) === "Denied";
      await this.#desk.tend({ head, confirmed: sight.told });
      if (isDenied) return "Denied";
      return sight.isAgreed ? "Agreed" : sight.standing;
    });
  }

  #noteSeen(madeSec: number | undefined): void {
    if (madeSec === undefined) return;
    const { atMs = 0, madeSec: before = -1 } = this.#seen ?? {};
    // One that was there before says nothing of how far the chain is now.
    this.#seen = { madeSec, atMs: madeSec > before ? this.#options.clock.nowMs() : atMs };
  }

  /** A stale head is told, and not acted on. */
  #isBehind(head: BlockHeader): boolean {
    const { clock, settings } = this.#options;
    const isBehind = this.#follower.isBehind(head);
    const ageSec = clock.nowMs() / 1_000 - head.timestampSec;
    this.#isOld = ageSec > settings.profile.staleAfterSec;
    if (isBehind) mark("chain/head-went-back");
    if (isBehind || this.#isOld) {
      const why = isBehind ? "older than one before" : `${Math.round(ageSec)} s old`;
      const message = `the newest block, ${head.blockNumber}, is ${why}`;
      this.#noteStale(new NodeError("ChainStale", message, { data: { head } }));
    }
    return isBehind;
  }

  #noteStale(fault: NodeError): void {
    if (!this.#isStale) mark("chain/stale");
    if (!this.#isStale) this.#tell(fault);
    this.#isStale = true;
  }

  /** Does what looks at the chain, and draws from it whether the endpoints can be trusted. */
  async #judge(look: () => Promise<Opinion>): Promise<void> {
    try {
      const standing = await look();
      this.#contradictions = 0;
      if (!this.#isOld) this.#isStale = false;
      // Where an endpoint is still waited for, nothing was heard that would restore the trust.
      if (standing === "Agreed") this.#trust();
      if (standing === "Denied") this.#distrust(contradiction("two endpoints disagree"));
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      if (error.code === "ChainStale") this.#noteStale(error);
      else if (error.code === "ChainContradicted") this.#noteContradiction(error);
      else throw error;
    }
  }

  /** What does not fit together is tried once more before it is held against an endpoint. */
  #noteContradiction(fault: NodeError): void {
    this.#contradictions += 1;
    mark("chain/answers-do-not-fit");
    if (this.#contradictions > CONTRADICTIONS_MAX) this.#distrust(fault);
  }

  #distrust(fault: NodeError): void {
    if (!this.#isTrusted) return;
    this.#isTrusted = false;
    mark("chain/distrusted");
    this.#tell(fault);
    if (!this.#stopped) this.#options.onTrust(false);
  }

  #trust(): void {
    if (this.#isTrusted) return;
    this.#isTrusted = true;
    mark("chain/trusted-again");
    if (!this.#stopped) this.#options.onTrust(true);
  }

  /** Every endpoint that answers must tell the same. */
  async #readHoldings(confirmed: BlockHeader): Promise<Opinion> {
    const { adjudicator } = this.#options.settings;
    const read = (rpc: EthereumRpc, question: HoldingsQuestion) =>
      readHoldings(rpc, adjudicator, question, confirmed.blockNumber);
    for (const [channelId, question] of this.#toRead) {
      const answer = await read(this.#panel.leader, question);
      if (answer === undefined || !isSameBlock(answer.block, confirmed)) {
        throw contradiction("holdings were read on another chain", { answer, confirmed });
      }
      const opinion = await this.#panel.opinion(async (rpc) => {
        const other = await read(rpc, question);
        if (other === undefined) return "Unknown";
        return jsonOf(other) === jsonOf(answer) ? "Same" : "Other";
      });
      if (opinion !== "Agreed") return marked("chain/holdings-not-agreed", opinion);
      this.#options.onNews(answer);
      this.#toRead.delete(channelId);
    }
    return "Agreed";
  }

  #tell(fault: NodeError): void {
    if (!this.#stopped) this.#options.onFault(fault);
  }

  /** Runs one piece of work with the chain. The chain failing is told and tried again; a bug is not caught. */
  async #tolerate(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      this.#tell(error);
      return marked("chain/unreachable", false);
    }
  }
}
