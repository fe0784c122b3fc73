/** A transaction of this node from its signature until no reorganisation can undo it. */
import type { BlockId } from "../channel/holdings.ts";
import type { Hash } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { ContractCall } from "./adjudicator.ts";
import { type Fees, morePressed, PATIENT, type Urgency, urgencyOf } from "./fees.ts";
import { readSignedBytes } from "./transaction-bytes.ts";

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
  /** True once these very bytes have waited in vain, and were sent again. */
  wasSentAgain: boolean;
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
  const read = assertDefined(readSignedBytes(raw), "a transaction that this node signed");
  const { data, gasLimit, maxFeePerGasWei, maxPriorityFeePerGasWei, nonce, to, valueWei } = read;
  return {
    effectId,
    call,
    nonce,
    contractCall: { to: assertDefined(to, "whom it calls"), data, valueWei },
    gasLimit,
    fees: { maxFeeWei: maxFeePerGasWei, tipWei: maxPriorityFeePerGasWei },
    raw,
    hash,
    ...state,
    sinceBlock: undefined,
    isSent: false,
    wasSentAgain: false,
    isReplacing: false,
    minedIn: undefined,
  };
}

/** All names under which it may be mined, the newest first. */
export function namesOf({ earlier, hash }: OpenTransaction): readonly Hash[] {
  return [hash, ...earlier.toReversed()];
}

/** Sorts the pressing ones to the front. */
export function byUrgency(one: Called, other: Called): number {
  const rank = ({ call }: Called): number => (urgencyOf(call).isUrgent ? 1 : 0);
  return rank(other) - rank(one);
}

type Called = Pick<OpenTransaction, "call">;

/** How much each transaction in line is pressed. */
export type Pressures = ReadonlyMap<OpenTransaction, Urgency>;

/**
 * What stands behind a transaction in line, by its nonce, presses it, too, and what has no number yet stands behind
 * all. Reckoned for all at once, from the end of the line: who is flooded has hundreds in it.
 */
export function pressuresIn(
  line: readonly OpenTransaction[],
  toSign: readonly Pick<OpenTransaction, "call">[],
): Pressures {
  const pressures = new Map<OpenTransaction, Urgency>();
  let all = toSign.map(({ call }) => urgencyOf(call)).reduce(morePressed, PATIENT);
  let behind = all;
  let lowest = Number.POSITIVE_INFINITY;
  for (const open of line.toSorted((one, other) => other.nonce - one.nonce)) {
    const own = urgencyOf(open.call);
    // Two of one number do not stand behind each other.
    if (open.nonce < lowest) behind = all;
    lowest = open.nonce;
    pressures.set(open, morePressed(behind, own));
    all = morePressed(all, own);
  }
  return pressures;
}
