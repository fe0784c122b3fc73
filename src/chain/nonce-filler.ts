/** Nonces below a node's own transactions: those that nobody uses, and those of transactions that it does not know. */
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { mark } from "../primitives/mark.ts";
import type { ContractCall } from "./adjudicator.ts";
import type { FeePolicy } from "./chain-profile.ts";
import { type Fees, offer, raise, URGENT, type Urgency } from "./fees.ts";
import { sendRaw } from "./sent-bytes.ts";
import type { TransactionSigner } from "./transaction-signer.ts";

/** What a nonce is filled through. */
type Ground = {
  readonly rpc: EthereumRpc;
  readonly signer: TransactionSigner;
  readonly policy: FeePolicy;
};

/** What is open above it. */
type Above = {
  readonly nonces: readonly number[];
  readonly urgency: Urgency;
  /** True when one of them has waited for too long. */
  readonly isHeldUp: boolean;
};

/** Gas of a payment that calls nothing. Source: Ethereum yellow paper, appendix G. */
const TRANSFER_GAS = 21_000n;

/**
 * A nonce that nobody uses holds up all above it, and so does a transaction that no miner takes. A log that was lost can
 * leave either behind; a payment of nothing to oneself takes the place. It needs no record: sent twice, it counts once.
 */
export class NonceFiller {
  /** What was offered last in the place of an unknown transaction. */
  #offered: { readonly nonce: number; readonly fees: Fees } | undefined;

  /** False when there was neither. */
  async fill(ground: Ground, above: Above): Promise<boolean> {
    const { nonces, urgency } = above;
    if (nonces.length === 0) return false;
    const { policy, signer } = ground;
    const pending = await signer.count("pending");
    if (!nonces.includes(pending) && pending < Math.max(...nonces)) {
      const fees = offer(policy, urgency, await signer.prices());
      if (fees === undefined) return true;
      mark("transaction/gap-filled");
      return await payNothing(ground, pending, fees);
    }
    const mined = above.isHeldUp ? await signer.count("latest") : pending;
    const fees = mined < Math.min(...nonces) ? await this.#dearest(ground, mined) : undefined;
    if (fees === undefined) return false;
    mark("transaction/unknown-one-replaced");
    this.#offered = { nonce: mined, fees };
    return await payNothing(ground, mined, fees);
  }

  /**
   * Twice what presses now, and what takes the place of that: nobody knows what the other one offers. Where that did not
   * do, twice as much again, up to the cap.
   */
  async #dearest({ policy, signer }: Ground, nonce: number): Promise<Fees | undefined> {
    const last = this.#offered?.nonce === nonce ? this.#offered.fees : undefined;
    const before = last ?? offer(policy, URGENT, await signer.prices());
    if (before === undefined) return undefined;
    if (last !== undefined) mark("transaction/unknown-one-outbid-again");
    const twice = { maxFeeWei: 2n * before.maxFeeWei, tipWei: 2n * before.tipWei };
    return raise(before, twice, policy.urgentCapWei) ?? last;
  }
}

async function payNothing({ rpc, signer }: Ground, nonce: number, fees: Fees): Promise<boolean> {
  const nothing: ContractCall = { to: signer.address, data: "0x", valueWei: 0n };
  // One that was sent before may wait yet, where no miner takes it.
  await sendRaw(rpc, signer.signAt(nothing, { nonce, gasLimit: TRANSFER_GAS, fees }));
  return true;
}
