/** Signs the transactions of one account: the next number, the fees of the day, enough gas. */

import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Hex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { ContractCall } from "./adjudicator.ts";
import { callOf, gasLimitOf } from "./adjudicator-calls.ts";
import { type BlockHeader, readHeader } from "./block-header.ts";
import type { Account, ChainSettings } from "./chain-settings.ts";
import { type Fees, readTip } from "./fees.ts";
import { estimateGas, type GasEstimate } from "./gas-limit.ts";
import { openTransaction } from "./open-transaction.ts";
import type { RpcPanel } from "./rpc-panel.ts";
import type { SignedTransaction } from "./transaction.ts";

type Options = {
  readonly panel: RpcPanel;
  readonly settings: ChainSettings;
  readonly account: Account;
};

/** One per account. */
export class TransactionSigner {
  readonly #options: Options;
  #nextNonce: number | undefined;
  /** True once a transaction of this life was given its nonce: from then on nobody else counts. */
  #isNonceSure = false;
  #head: BlockHeader | undefined;
  #tipWei: bigint | undefined;
  /** The call that was written last. */
  #written: { readonly call: ChainCall; readonly contractCall: ContractCall } | undefined;

  /** `nextNonce`: one above the highest that the node's log holds. */
  constructor(options: Options, nextNonce: number | undefined) {
    this.#options = options;
    this.#nextNonce = nextNonce;
  }

  get address(): Address {
    return this.#options.account.address;
  }

  /** Takes the fees of the block after this one. */
  see(head: BlockHeader): void {
    if (head.blockHash !== this.#head?.blockHash) this.#tipWei = undefined;
    this.#head = head;
  }

  /** The block that was seen last; asks for it before the first look. */
  async newestBlock(): Promise<BlockHeader> {
    this.#head ??= await readHeader(this.#rpc, "latest");
    if (this.#head !== undefined) return this.#head;
    throw new NodeError("RpcRefused", "the chain has no newest block");
  }

  /** What gas costs now. Asked once for each block, not for each transaction. */
  async prices(): Promise<{ readonly baseFeeWei: bigint; readonly tipWei: bigint }> {
    const { baseFeeWei } = await this.newestBlock();
    this.#tipWei ??= await readTip(this.#rpc, this.#options.settings.profile.fees.tip);
    return { baseFeeWei, tipWei: this.#tipWei };
  }

  /** The numbers below this are used up at a block; `unknown` for an endpoint that cannot tell of that block. */
  async used(at: Hex | "latest", unknown: number): Promise<number> {
    try {
      return await this.count(at);
    } catch (error) {
      if (error instanceof NodeError && error.code === "RpcRefused") return unknown;
      throw error;
    }
  }

  /** How many transactions the account has made, up to a block or with those that wait for one. */
  async count(at: Hex | "pending" | "latest"): Promise<number> {
    const { account } = this.#options;
    return Number(await this.#rpc.request("eth_getTransactionCount", [account.address, at]));
  }

  /** From now on the number of the next transaction is held against the chain once more. */
  doubtNonce(): void {
    this.#isNonceSure = false;
  }

  /**
   * Gas for a call: what was measured, or what the endpoint estimates if that is more. Refused when the
   * contract would refuse the call in the newest block.
   */
  async gasFor(
    call: ChainCall,
    fees: Fees,
  ): Promise<Exclude<GasEstimate, { readonly type: "Unknown" }>> {
    const gas = gasLimitOf(call);
    const isPlain = call.type === "Deposit" && call.asset === ZERO_ADDRESS;
    if (isPlain || call.type === "ApproveToken") return { type: "Gas", gas };
    const estimate = await estimateGas(this.#rpc, this.address, this.#completed(call, gas, fees));
    if (estimate.type === "Refused") return estimate;
    const isMore = estimate.type === "Gas" && estimate.gas > gas;
    return isMore ? estimate : { type: "Gas", gas };
  }

  /** What is estimated is what would be signed: an account may complete a call as it signs it. */
  #completed(call: ChainCall, gasLimit: bigint, fees: Fees): ContractCall {
    const { account } = this.#options;
    const contractCall = this.#callOf(call);
    if (account.complete !== undefined) return account.complete(contractCall);
    const { hash, raw } = this.signAt(contractCall, { nonce: 0, gasLimit, fees });
    const name = { effectId: "draft" as EffectId, call };
    return openTransaction(name, raw, hash, { afterBlock: -1, earlier: [] }).contractCall;
  }

  /** Written once for its estimate and its signature. */
  #callOf(call: ChainCall): ContractCall {
    const contractCall =
      this.#written?.call === call
        ? this.#written.contractCall
        : callOf(this.#options.settings.adjudicator, call);
    this.#written = { call, contractCall };
    return contractCall;
  }

  /** Signs a call under the next number. */
  async signNext(
    call: ChainCall,
    gasLimit: bigint,
    fees: Fees,
  ): Promise<SignedTransaction & { readonly nonce: number }> {
    const nonce = await this.#drawNonce();
    const contractCall = this.#callOf(call);
    const signed = this.signAt(contractCall, { nonce, gasLimit, fees });
    this.#nextNonce = nonce + 1;
    this.#isNonceSure = true;
    return { ...signed, nonce };
  }

  /** Signs a call under a given number. */
  signAt(
    call: ContractCall,
    {
      fees,
      gasLimit,
      nonce,
    }: {
      readonly nonce: number;
      readonly gasLimit: bigint;
      readonly fees: Fees;
    },
  ): SignedTransaction {
    const { account, settings } = this.#options;
    return account.sign({
      ...call,
      chainId: settings.chainId,
      nonce,
      gasLimit,
      maxFeePerGasWei: fees.maxFeeWei,
      maxPriorityFeePerGasWei: fees.tipWei,
    });
  }

  /** A log that has lost its end knows an old nonce: the first one of each life is held against the chain. */
  async #drawNonce(): Promise<number> {
    const known = this.#nextNonce ?? 0;
    if (this.#isNonceSure) return known;
    const pending = await this.count("pending");
    if (pending > known && this.#nextNonce !== undefined) mark("transaction/log-knew-an-old-nonce");
    return Math.max(known, pending);
  }

  get #rpc(): EthereumRpc {
    return this.#options.panel.leader;
  }
}
