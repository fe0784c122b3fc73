/** A transaction of this node from its signature until no reorganisation can undo it. */
import { parseTransaction } from "viem";
import type { BlockId } from "../channel/holdings.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { ContractCall } from "./adjudicator.ts";
import type { Fees } from "./fees.ts";

/** One per effect. What changes in it is seen by the desk alone. */
export type OpenTransaction = {
  readonly effectId: EffectId;
  readonly call: ChainCall;
  readonly nonce: number;
  /** What is signed, as the contract gets it. */
  readonly contractCall: ContractCall;
  readonly gasLimit: bigint;
  readonly fees: Fees;
  readonly raw: Hex;
  readonly hash: Hash;
  /** Cheaper ones under the same nonce: each may still be mined. */
  readonly earlier: readonly Hash[];
  /** The newest block when it was sent first: it can be in none up to that one. -1 after a restart. */
  readonly afterBlock: number;
  /** The newest block when it was sent at this price; undefined until there is one. */
  sinceBlock: number | undefined;
  isSent: boolean;
  /** True while a dearer one is signed and not yet durable. */
  isReplacing: boolean;
  /** The confirmed block that was told. */
  minedIn: BlockId | undefined;
};

/** Signed bytes as an open transaction. */
export function openTransaction(
  { call, effectId }: Pick<OpenTransaction, "effectId" | "call">,
  raw: Hex,
  hash: Hash,
  state: Pick<OpenTransaction, "afterBlock" | "earlier">,
): OpenTransaction {
  const { data, gas, maxFeePerGas, maxPriorityFeePerGas, nonce, to, value } = parseTransaction(raw);
  return {
    effectId,
    call,
    nonce: nonce ?? 0,
    contractCall: { to: to as ContractCall["to"], data: data ?? "0x", valueWei: value ?? 0n },
    gasLimit: gas ?? 0n,
    fees: { maxFeeWei: maxFeePerGas ?? 0n, tipWei: maxPriorityFeePerGas ?? 0n },
    raw,
    hash,
    ...state,
    sinceBlock: undefined,
    isSent: false,
    isReplacing: false,
    minedIn: undefined,
  };
}

/** All names under which it may be mined, the newest first. */
export function namesOf({ earlier, hash }: OpenTransaction): readonly Hash[] {
  return [hash, ...earlier.toReversed()];
}
