/** Transactions that wait to be mined. The miner owns it; nodes see it through what their endpoints answer. */
import { refusal } from "../src/adapters/ethereum-answer.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { fromHex } from "../src/primitives/hex.ts";
import { BLOCK_GAS_LIMIT, LOCAL_CHAIN_ID } from "./chain/local-chain.ts";
import type { SentTransaction } from "./sent-transaction.ts";

/** A transaction in the pool. */
export type WaitingTransaction = SentTransaction & {
  /** Of two that could both be next, the one with the lower number is. */
  readonly order: number;
  /** The first block, of the run, that may hold it. */
  readonly notBefore: number;
  /** No miner ever takes it. */
  readonly isStuck: boolean;
  /** The block, of the run, before which its sender first asked for something with this nonce. */
  readonly since: number;
};

/** What the chain says about a sender. */
export type SenderState = { readonly nonce: number; readonly balanceWei: bigint };

/** How a transaction is to wait. */
export type Waiting = Pick<WaitingTransaction, "notBefore" | "isStuck" | "since"> & {
  /** Goes before all that wait: its sender has bribed the miner. */
  readonly isFirst: boolean;
};

/** One more tenth is asked of a fee that takes another's place. Source: go-ethereum, `PriceBump`. */
const BUMP_PERCENT = 110n;

/** Gas that any transaction costs before it does something. Source: yellow paper, G_transaction and G_txdata. */
const GAS = { transaction: 21_000n, creation: 32_000n, zeroByte: 4n, byte: 16n, creationWord: 2n };

/** A pool as a full node has it, of the transactions that reached it. */
export class Mempool {
  readonly #waiting = new Map<Hash, WaitingTransaction>();
  readonly #byNonce = new Map<Address, Map<number, WaitingTransaction>>();
  /** What others took the place of, by sender and nonce. */
  readonly #replaced = new Map<string, SentTransaction[]>();
  readonly #watchers: ((sent: SentTransaction) => void)[] = [];
  #arrived = 0;

  /** Shows every transaction that comes in, at once: a pool has no secrets. */
  watch(onArrival: (sent: SentTransaction) => void): void {
    this.#watchers.push(onArrival);
  }

  /**
   * Throws `NodeError` with `RpcRefused`, in the words of a real node, when no block could hold the
   * transaction or the pool holds a better one.
   */
  check(sent: SentTransaction, state: SenderState): void {
    const why = whyInvalid(sent, state) ?? whyUnwanted(sent, this.rivalOf(sent));
    if (why !== undefined) throw refusal("eth_sendRawTransaction", { code: -32_003, message: why });
  }

  /** Takes a transaction in that was checked. */
  add(sent: SentTransaction, { isFirst, ...waiting }: Waiting): void {
    const old = this.rivalOf(sent);
    if (old !== undefined) this.#retire(old);
    this.#arrived += 1;
    const order = isFirst ? -this.#arrived : this.#arrived;
    // A better offer waits as long as the one that it takes the place of had to.
    const { notBefore, since } = old ?? waiting;
    this.putBack({ ...sent, ...waiting, notBefore, since, order });
    for (const onArrival of this.#watchers) onArrival(sent);
  }

  /** Takes in again what a block held that is gone. Nobody judges it a second time. */
  putBack(waiting: WaitingTransaction): void {
    const { from, hash, nonce } = waiting;
    this.#waiting.set(hash, waiting);
    const ofSender = this.#byNonce.get(from) ?? new Map<number, WaitingTransaction>();
    this.#byNonce.set(from, ofSender.set(nonce, waiting));
  }

  byHash(hash: Hash): WaitingTransaction | undefined {
    return this.#waiting.get(hash);
  }

  /** The one that waits under the same sender and nonce. */
  rivalOf({ from, nonce }: SentTransaction): WaitingTransaction | undefined {
    return this.#ofNonce(from, nonce);
  }

  /** What others took the place of, with this sender and nonce, oldest first. */
  earlier({ from, nonce }: SentTransaction): readonly SentTransaction[] {
    return this.#replaced.get(`${from} ${nonce}`) ?? [];
  }

  /** The nonce after the last one that could be mined as things stand. */
  pendingNonce(from: Address, latestNonce: number): number {
    let nonce = latestNonce;
    while (this.#ofNonce(from, nonce) !== undefined) nonce += 1;
    return nonce;
  }

  /**
   * What the next block may hold, in order: of each sender's next ones the one that came first. One that may
   * not go in holds all later ones of its sender up.
   */
  selected(
    latestNonces: ReadonlyMap<Address, number>,
    mayGoIn: (waiting: WaitingTransaction) => boolean,
  ): readonly WaitingTransaction[] {
    const next = new Map(latestNonces);
    const chosen: WaitingTransaction[] = [];
    for (;;) {
      const heads = [...next].flatMap(([from, nonce]) => this.#ofNonce(from, nonce) ?? []);
      const [first] = heads.filter(mayGoIn).sort((one, other) => one.order - other.order);
      if (first === undefined) return chosen;
      chosen.push(first);
      next.set(first.from, first.nonce + 1);
    }
  }

  /** Each sender's transaction whose turn it is. */
  heads(latestNonces: ReadonlyMap<Address, number>): readonly WaitingTransaction[] {
    return [...latestNonces].flatMap(([from, nonce]) => this.#ofNonce(from, nonce) ?? []);
  }

  /** Forgets what can never be mined any more: its nonce is taken. */
  forgetBelow(from: Address, latestNonce: number): void {
    for (const [nonce, { hash }] of this.#byNonce.get(from) ?? []) {
      if (nonce < latestNonce) this.drop(hash);
    }
  }

  /** Forgets a transaction, as every pool does after a while with one that nobody takes. */
  drop(hash: Hash): void {
    const waiting = this.#waiting.get(hash);
    if (waiting === undefined) return;
    this.#waiting.delete(hash);
    const ofSender = this.#byNonce.get(waiting.from);
    ofSender?.delete(waiting.nonce);
    if (ofSender?.size === 0) this.#byNonce.delete(waiting.from);
  }

  /** Everybody who has a transaction here. */
  get senders(): readonly Address[] {
    return [...this.#byNonce.keys()];
  }

  #retire(old: WaitingTransaction): void {
    this.drop(old.hash);
    const key = `${old.from} ${old.nonce}`;
    this.#replaced.set(key, [...(this.#replaced.get(key) ?? []), old]);
  }

  #ofNonce(from: Address, nonce: number): WaitingTransaction | undefined {
    return this.#byNonce.get(from)?.get(nonce);
  }
}

function whyUnwanted(
  sent: SentTransaction,
  rival: SentTransaction | undefined,
): string | undefined {
  if (rival === undefined) return undefined;
  if (rival.hash === sent.hash) return "transaction already imported";
  const isDearer =
    sent.maxFeePerGasWei * 100n >= rival.maxFeePerGasWei * BUMP_PERCENT &&
    sent.tipPerGasWei * 100n >= rival.tipPerGasWei * BUMP_PERCENT;
  return isDearer ? undefined : "replacement transaction underpriced";
}

function whyInvalid(sent: SentTransaction, { balanceWei, nonce }: SenderState): string | undefined {
  if (sent.chainId !== LOCAL_CHAIN_ID) return "invalid chain id for signer";
  if (sent.gasLimit > BLOCK_GAS_LIMIT) {
    return "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit";
  }
  if (sent.gasLimit < intrinsicGas(sent)) return "intrinsic gas too low";
  if (sent.tipPerGasWei > sent.maxFeePerGasWei)
    return "max priority fee per gas higher than max fee per gas";
  if (sent.nonce < nonce) return "nonce too low";
  const costWei = sent.gasLimit * sent.maxFeePerGasWei + sent.valueWei;
  return costWei > balanceWei ? "Insufficient funds for gas * price + value" : undefined;
}

function intrinsicGas({ data, to }: SentTransaction): bigint {
  const bytes = fromHex(data);
  const zeros = BigInt(bytes.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0));
  const size = BigInt(bytes.length);
  const ofData = zeros * GAS.zeroByte + (size - zeros) * GAS.byte;
  const isCreation = to === ZERO_ADDRESS;
  const ofCreation = isCreation ? GAS.creation + GAS.creationWord * ((size + 31n) / 32n) : 0n;
  return GAS.transaction + ofData + ofCreation;
}
