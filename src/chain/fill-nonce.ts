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
 * False when there was neither.
 */
export async function fillNonce(ground: Ground, above: Above): Promise<boolean> {
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
  const fees = mined < Math.min(...nonces) ? await dearest(ground) : undefined;
  if (fees === undefined) return false;
  mark("transaction/unknown-one-replaced");
  return await payNothing(ground, mined, fees);
}

/** Twice what presses now, and what takes the place of that: nobody knows what the other one offers. */
async function dearest({ policy, signer }: Ground): Promise<Fees | undefined> {
  const fresh = offer(policy, URGENT, await signer.prices());
  if (fresh === undefined) return undefined;
  const twice = { maxFeeWei: 2n * fresh.maxFeeWei, tipWei: 2n * fresh.tipWei };
  return raise(fresh, twice, policy.urgentCapWei);
}

async function payNothing({ rpc, signer }: Ground, nonce: number, fees: Fees): Promise<boolean> {
  const nothing: ContractCall = { to: signer.address, data: "0x", valueWei: 0n };
  // One that was sent before may wait yet, where no miner takes it.
  await sendRaw(rpc, signer.signAt(nothing, { nonce, gasLimit: TRANSFER_GAS, fees }));
  return true;
}
