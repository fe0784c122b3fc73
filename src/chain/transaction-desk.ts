/** The transactions of one account: numbered, signed, sent, replaced by dearer ones, until they are mined. */

import type { BlockId } from "../channel/holdings.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Hex } from "../primitives/hex.ts";
import { mark, marked } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import { gasLimitOf } from "./adjudicator-calls.ts";
import { type BlockHeader, quantity, readHeader, readNumberOf } from "./block-header.ts";
import type { AskedTransaction, ChainNews } from "./chain-news.ts";
import type { ChainSettings } from "./chain-settings.ts";
import { Doomed } from "./doomed.ts";
import {
  bumpBlocks,
  capOf,
  type Fees,
  morePressed,
  offer,
  PATIENT,
  raise,
  type Urgency,
  urgencyOf,
} from "./fees.ts";
import { NonceFiller } from "./nonce-filler.ts";
import {
  byUrgency,
  namesOf,
  type OpenTransaction,
  openTransaction,
  type Pressures,
  pressuresIn,
} from "./open-transaction.ts";
import { channelsOf, prospectOf } from "./pointless.ts";
import { type Receipt, readReceipt, reasonOfFailure } from "./receipts.ts";
import type { RpcPanel } from "./rpc-panel.ts";
import { sendRaw } from "./sent-bytes.ts";
import type { TransactionSigner } from "./transaction-signer.ts";

type Options = {
  readonly panel: RpcPanel;
  readonly settings: ChainSettings;
  readonly signer: TransactionSigner;
  readonly onNews: (news: ChainNews) => void;
  /** False while the endpoints disagree, or the chain stands still: no money is put into a channel then. */
  readonly mayDeposit: () => boolean;
  /** True for a block of the chain as it was last seen; undefined for one that is too old to say. */
  readonly isOnChain: (block: BlockId) => boolean | undefined;
  /** Throws when logs of that receipt were missing from what was told. */
  readonly checkTold: (receipt: Receipt) => void;
};

/** Receipts that are asked for at a look without asking first how many transactions were mined at all. */
const NAMES_ASKED_MAX = 3;

/** What the desk knows of the chain while it works. */
type Look = { readonly head: BlockHeader; readonly confirmed: BlockHeader | undefined };

/** One per account. It has no memory beyond what the log holds: after a restart all is submitted again. */
export class TransactionDesk {
  readonly #options: Options;
  readonly #open = new Map<EffectId, OpenTransaction>();
  /** Signed, and not yet durable. */
  readonly #signed = new Map<EffectId, ChainCall>();
  #toSign: AskedTransaction[] = [];
  #head: BlockHeader | undefined;
  /** The confirmed block of the last look for receipts: without a new one there is nothing to find. */
  #receiptsUpTo: Hash | undefined;
  #confirmed: number | undefined;
  readonly #doomed = new Doomed();
  /** True until it was checked that no nonce below the open ones is missing. */
  #mayHaveGap = true;
  /** True once one has waited so long that it had to offer more: something below it may be in its way. */
  readonly #filler = new NonceFiller();
  #isHeldUp = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** True while something waits to be signed. */
  get hasWork(): boolean {
    return this.#toSign.length > 0;
  }

  /** Takes one to be signed, or to be sent again. */
  submit(asked: AskedTransaction): void {
    const { call, earlier, effectId, raw, transactionHash } = asked;
    if (raw === undefined || transactionHash === undefined) {
      this.#toSign.push(asked);
      return;
    }
    const state = { afterBlock: -1, earlier: earlier as readonly Hash[] };
    const open = openTransaction({ effectId, call }, raw, transactionHash as Hash, state);
    this.#open.set(effectId, open);
  }

  /** Signs one no more that is over before it was sent. The number that it may have got already is filled. */
  drop(effectId: EffectId): void {
    this.#toSign = this.#toSign.filter((asked) => asked.effectId !== effectId);
    this.#doomed.forget(effectId);
    if (this.#signed.delete(effectId)) this.#mayHaveGap = true;
  }

  /** Takes signed bytes that are durable now. */
  accept(effectId: EffectId, raw: Hex, hash: Hash): void {
    const old = this.#open.get(effectId);
    const call = this.#signed.get(effectId) ?? old?.call;
    this.#signed.delete(effectId);
    if (call === undefined) return;
    const afterBlock = old?.afterBlock ?? this.#head?.blockNumber ?? -1;
    const fresh = openTransaction({ effectId, call }, raw, hash, { afterBlock, earlier: [] });
    const replaced =
      old?.nonce === fresh.nonce && old.hash !== hash ? namesOf(old).toReversed() : [];
    this.#open.set(effectId, { ...fresh, earlier: replaced, afterBlock });
  }

  /** Blocks above `fork` are gone, with whatever they had mined: all that may be among it is sent again. */
  reorganise(fork: BlockId | undefined): void {
    this.#mayHaveGap = true;
    this.#receiptsUpTo = undefined;
    this.#doomed.reset();
    for (const open of this.#open.values()) {
      if (open.minedIn !== undefined) {
        if (fork === undefined || open.minedIn.blockNumber <= fork.blockNumber) continue;
        open.minedIn = undefined;
      }
      open.isSent = marked("transaction/sent-again-after-reorg", false);
    }
  }

  /** A new block came, or none: knows the fees of the next one. */
  see(head: BlockHeader): void {
    this.#options.signer.see(head);
    this.#head = head;
  }

  /** Looks after what is open: sends, hears of receipts, offers more, heals gaps. Throws `NodeError`. */
  async tend(look: Look): Promise<void> {
    await this.sendAll();
    const { confirmed, head } = look;
    this.#confirmed = confirmed?.blockNumber;
    if (confirmed !== undefined && confirmed.blockHash !== this.#receiptsUpTo) {
      await this.#lookForReceipts(confirmed);
      this.#receiptsUpTo = confirmed.blockHash;
      await this.#forgetFinal(head);
    }
    await this.#pressAll(look);
    // One filled, the next one is looked for.
    if (this.#mayHaveGap && this.#unmined().length > 0) this.#mayHaveGap = await this.#healGap();
  }

  /** Sends what was not sent yet. One that fails does not hold up the others. */
  async sendAll(): Promise<void> {
    let failure: unknown;
    for (const open of this.#unmined()) {
      if (open.isSent) continue;
      try {
        await this.#send(open);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Signs what was asked for, the pressing first. What has to wait is asked about again at the next look. */
  async signAll(): Promise<void> {
    const tried = new Set<AskedTransaction>();
    const next = (): AskedTransaction | undefined => this.#toSign.find((one) => !tried.has(one));
    this.#toSign.sort(byUrgency);
    for (let asked = next(); asked !== undefined; asked = next()) {
      tried.add(asked);
      const done = (await this.#sign(asked)) ? asked : undefined;
      this.#toSign = this.#toSign.filter((other) => other !== done);
    }
  }

  /** False for one that has to wait. */
  async #sign(asked: AskedTransaction): Promise<boolean> {
    const { mayDeposit, settings, signer } = this.#options;
    const { call } = asked;
    if (call.type === "Deposit" && !mayDeposit())
      return marked("transaction/deposit-waits-for-trust", false);
    const { blockNumber, timestampSec: headSec } = await signer.newestBlock();
    const { adjudicator, profile } = settings;
    const prospect = await prospectOf({ rpc: this.#rpc, adjudicator, headSec }, call);
    if (prospect.type === "TooEarly") return marked("transaction/too-early", false);
    if (prospect.type === "Pointless") return this.#giveUp(asked, prospect.reason, blockNumber);
    const fees = offer(profile.fees, urgencyOf(call), await signer.prices());
    if (fees === undefined) return marked("transaction/waits-for-lower-fees", false);
    const estimate = await signer.gasFor(call, fees);
    if (estimate.type === "Gas") return await this.#signWith(asked, estimate.gas, fees);
    // An approval on its way comes first by its nonce: the deposit that needs it may follow at once.
    const isNext = call.type === "Deposit" && this.#dependsOnOpen(asked);
    if (isNext || urgencyOf(call).isUrgent) {
      mark("transaction/signed-against-estimate");
      return await this.#signWith(asked, gasLimitOf(call), fees);
    }
    return this.#giveUp(asked, estimate.reason, blockNumber);
  }

  async #signWith(asked: AskedTransaction, gasLimit: bigint, fees: Fees): Promise<boolean> {
    // It was dropped while it was looked at: nobody would send it, and its number would be missing.
    if (!this.#toSign.includes(asked)) return true;
    const { call, effectId } = asked;
    const { onNews, signer } = this.#options;
    const { hash, nonce, raw } = await signer.signNext(call, gasLimit, fees);
    this.#signed.set(effectId, call);
    this.#doomed.forget(effectId);
    onNews({ type: "TransactionSigned", effectId, nonce, transactionHash: hash, raw });
    return true;
  }

  /** Only what is confirmed counts: one that is on its way may change what the contract says, and so may a reorg. */
  #giveUp(asked: AskedTransaction, reason: string, head: number): boolean {
    if (this.#dependsOnOpen(asked)) return false;
    const { effectId } = asked;
    const isSure = this.#doomed.isSure(effectId, { head, confirmed: this.#confirmed });
    if (!isSure) return marked("transaction/pointless-for-now", false);
    mark("transaction/pointless");
    this.#doomed.forget(effectId);
    this.#options.onNews({ type: "TransactionPointless", effectId, reason });
    return true;
  }

  /** True while another transaction of this node, not mined yet, may change what this one finds. */
  #dependsOnOpen({ call, effectId }: AskedTransaction): boolean {
    const channels = channelsOf(call);
    const others = [
      ...this.#unmined().map((open) => ({ effectId: open.effectId, call: open.call })),
      ...[...this.#signed].map(([id, signed]) => ({ effectId: id, call: signed })),
    ];
    return others.some(
      (other) =>
        other.effectId !== effectId && channelsOf(other.call).some((id) => channels.includes(id)),
    );
  }

  get #rpc(): EthereumRpc {
    return this.#options.panel.leader;
  }

  #unmined(): readonly OpenTransaction[] {
    const unmined: OpenTransaction[] = [];
    for (const open of this.#open.values()) if (open.minedIn === undefined) unmined.push(open);
    return unmined;
  }

  /** Every endpoint gets it. One that takes it is enough. */
  async #send(open: OpenTransaction): Promise<void> {
    let failure: unknown;
    for (const rpc of this.#options.panel.all) {
      try {
        await sendRaw(rpc, open);
        open.isSent = true;
      } catch (error) {
        if (!(error instanceof NodeError)) throw error;
        failure ??= error;
      }
    }
    open.sinceBlock ??= this.#head?.blockNumber;
    if (!open.isSent) throw failure;
  }

  async #lookForReceipts(confirmed: BlockHeader): Promise<void> {
    const { blockNumber } = confirmed;
    const waiting = this.#unmined().filter(({ afterBlock }) => blockNumber > afterBlock);
    const names = waiting.reduce((sum, open) => sum + namesOf(open).length, 0);
    // What was raised often has many names: one number tells whether any of them can be there.
    const isMany = names > NAMES_ASKED_MAX;
    const used = isMany
      ? await this.#options.signer.used(quantity(blockNumber), Infinity)
      : Infinity;
    for (const open of waiting) {
      if (open.nonce >= used) continue;
      const receipt = await this.#receiptOf(open);
      if (receipt === undefined) continue;
      if (receipt.block.blockNumber > confirmed.blockNumber) continue;
      if (await this.#isThere(receipt.block)) await this.#tellMined(open, receipt);
    }
  }

  #receiptOf(open: OpenTransaction): Promise<Receipt | undefined> {
    return readReceipt(this.#rpc, this.#options.settings.adjudicator, namesOf(open));
  }

  async #isThere(block: BlockId): Promise<boolean> {
    const isHere = this.#options.isOnChain(block);
    if (isHere !== undefined) return isHere;
    return (await readHeader(this.#rpc, block.blockNumber))?.blockHash === block.blockHash;
  }

  async #tellMined(open: OpenTransaction, receipt: Receipt): Promise<void> {
    const { checkTold, onNews, signer } = this.#options;
    const { block, gasUsed, succeeded } = receipt;
    checkTold(receipt);
    const why = succeeded
      ? {}
      : { reason: await reasonOfFailure(this.#rpc, signer.address, open.raw, receipt) };
    open.minedIn = block;
    const { effectId } = open;
    onNews({ type: "TransactionMined", effectId, block, gasUsed, succeeded, ...why });
  }

  /** What no reorganisation can reach any more needs no care. */
  async #forgetFinal({ blockNumber }: BlockHeader): Promise<void> {
    const { finality } = this.#options.settings.profile;
    const mined = [...this.#open.values()].filter(({ minedIn }) => minedIn !== undefined);
    if (mined.length === 0) return;
    const tagged = finality.tag && (await readNumberOf(this.#rpc, finality.tag));
    const finalNumber = tagged ?? blockNumber - finality.depthBlocks;
    for (const { effectId, minedIn } of mined) {
      if (minedIn !== undefined && minedIn.blockNumber <= finalNumber) this.#open.delete(effectId);
    }
  }

  /** One look at the line serves all in it until something is waited for: only then can it change. */
  async #pressAll(look: Look): Promise<void> {
    let pressures: Pressures | undefined;
    for (const open of this.#unmined()) {
      pressures ??= pressuresIn(this.#unmined(), this.#toSign);
      const urgency = pressures.get(open);
      if (urgency === undefined || !this.#isDue(open, urgency, look.head)) continue;
      await this.#press(open, urgency, look);
      pressures = undefined;
    }
  }

  /** True for one that has waited at this price for as long as it may. */
  #isDue(open: OpenTransaction, urgency: Urgency, head: BlockHeader): boolean {
    open.sinceBlock ??= head.blockNumber;
    if (open.isReplacing || !open.isSent) return false;
    const waited = head.blockNumber - open.sinceBlock;
    return waited >= bumpBlocks(this.#options.settings.profile, urgency, head.timestampSec);
  }

  /** Offers more for one that nobody mines; and finds out when nobody ever will. */
  async #press(open: OpenTransaction, urgency: Urgency, { confirmed, head }: Look): Promise<void> {
    const { signer } = this.#options;
    const isUsed = open.nonce < (await signer.used("latest", Infinity));
    if (isUsed && (await this.#receiptOf(open)) !== undefined) return;
    open.sinceBlock = head.blockNumber;
    const at = isUsed && confirmed !== undefined ? quantity(confirmed.blockNumber) : undefined;
    if (at !== undefined && (await signer.used(at, 0)) > open.nonce) {
      this.#signAnew(open);
      return;
    }
    this.#mayHaveGap = true;
    this.#isHeldUp = true;
    const fees = await this.#dearer(open, urgency);
    if (fees !== undefined) {
      this.#replace(open, fees);
      return;
    }
    open.isSent = marked("transaction/not-raised", false);
    open.wasSentAgain = true;
  }

  async #dearer(open: OpenTransaction, urgency: Urgency): Promise<Fees | undefined> {
    const { fees } = open;
    const policy = this.#options.settings.profile.fees;
    const prices = await this.#options.signer.prices();
    const isEnough = fees.maxFeeWei >= prices.baseFeeWei + prices.tipWei;
    // What was lost comes by being sent again; what is not taken even then, nobody will take at this price.
    if (policy.bump === "WhenTooLow" && isEnough && !open.wasSentAgain) return undefined;
    return raise(fees, offer(policy, urgency, prices), capOf(policy, urgency));
  }

  #replace(open: OpenTransaction, fees: Fees): void {
    const { onNews, signer } = this.#options;
    const { contractCall, effectId, gasLimit, nonce } = open;
    const { hash, raw } = signer.signAt(contractCall, { nonce, gasLimit, fees });
    open.isReplacing = true;
    onNews({ type: "TransactionSigned", effectId, nonce, transactionHash: hash, raw });
  }

  /** Its nonce went to another transaction, in a confirmed block: these bytes can never be mined. */
  #signAnew({ call, effectId }: OpenTransaction): void {
    this.#open.delete(marked("transaction/nonce-taken", effectId));
    this.#options.signer.doubtNonce();
    this.#toSign.push({ effectId, call, raw: undefined, transactionHash: undefined, earlier: [] });
  }

  /** False when nothing below what is open was missing, or in its way. */
  #healGap(): Promise<boolean> {
    if (this.#signed.size > 0) return Promise.resolve(false);
    const { settings, signer } = this.#options;
    const nonces = [...this.#open.values()].map(({ nonce }) => nonce);
    const urgency = this.#unmined()
      .map(({ call }) => urgencyOf(call))
      .reduce(morePressed, PATIENT);
    const isHeldUp = this.#isHeldUp;
    this.#isHeldUp = false;
    const policy = settings.profile.fees;
    return this.#filler.fill({ rpc: this.#rpc, signer, policy }, { nonces, urgency, isHeldUp });
  }
}
