/** What a transaction offers for each unit of gas, and when it offers more. Source: EIP-1559. */

import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { isHex } from "../primitives/hex.ts";
import { mark, marked } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ChainCall } from "../protocols/effects.ts";
import type { ChainProfile, FeePolicy, TipPolicy } from "./chain-profile.ts";

/** Wei for one unit of gas: the most in all, and the most that goes to the block's maker. */
export type Fees = { readonly maxFeeWei: bigint; readonly tipWei: bigint };

/** How much a transaction is pressed. */
export type Urgency = {
  readonly isUrgent: boolean;
  /** Time of the block by which it must be in, in seconds since 1970-01-01 UTC. */
  readonly deadlineSec: number | undefined;
};

/** Nothing is lost by waiting for lower fees. */
export const PATIENT: Urgency = { isUrgent: false, deadlineSec: undefined };

/** Something is lost by waiting, though nobody knows when. */
export const URGENT: Urgency = { isUrgent: true, deadlineSec: undefined };

/** A challenge holds up money or answers one that would take it; a conclusion may do the latter. */
export function urgencyOf(call: ChainCall): Urgency {
  switch (call.type) {
    case "Challenge":
      return { isUrgent: true, deadlineSec: call.deadlineSec };
    case "Checkpoint":
    case "Conclude":
      return { isUrgent: call.deadlineSec !== undefined, deadlineSec: call.deadlineSec };
    default:
      return PATIENT;
  }
}

/** As pressed as the more pressed one: what is first in line holds up what comes after it. */
export function morePressed(one: Urgency, other: Urgency): Urgency {
  const { deadlineSec = other.deadlineSec } = one;
  return {
    isUrgent: one.isUrgent || other.isUrgent,
    deadlineSec: deadlineSec && Math.min(deadlineSec, other.deadlineSec ?? deadlineSec),
  };
}

/** The most that a transaction may offer. */
export function capOf({ patientCapWei, urgentCapWei }: FeePolicy, { isUrgent }: Urgency): bigint {
  return isUrgent ? urgentCapWei : patientCapWei;
}

/**
 * What a new transaction offers: twice the base fee stays valid for five full blocks in a row, each 12.5 %
 * dearer. Undefined when even the next block costs more than the cap: then it waits.
 */
export function offer(
  policy: FeePolicy,
  urgency: Urgency,
  { baseFeeWei, tipWei }: { readonly baseFeeWei: bigint; readonly tipWei: bigint },
): Fees | undefined {
  const cap = capOf(policy, urgency);
  if (baseFeeWei + tipWei > cap)
    return urgency.isUrgent
      ? marked("transaction/urgent-at-its-cap", { maxFeeWei: cap, tipWei: least(tipWei, cap) })
      : undefined;
  return { maxFeeWei: least(2n * baseFeeWei + tipWei, cap), tipWei };
}

/** Nodes replace a transaction by one that offers a tenth more; 12.5 % is what all of them take. */
const RAISE_PERCENT = 1_125n;
const RAISE_OF = 1_000n;

/** What a transaction offers that takes the place of one; undefined when the cap does not allow enough more. */
export function raise(old: Fees, fresh: Fees | undefined, cap: bigint): Fees | undefined {
  const maxFeeWei = most(raised(old.maxFeeWei), fresh?.maxFeeWei ?? 0n);
  const tipWei = most(raised(old.tipWei), fresh?.tipWei ?? 0n);
  const capped = least(maxFeeWei, cap);
  if (capped < raised(old.maxFeeWei) || raised(old.tipWei) > capped)
    return marked("transaction/fee-at-its-cap", undefined);
  return marked("transaction/fee-raised", { maxFeeWei: capped, tipWei: least(tipWei, capped) });
}

function raised(wei: bigint): bigint {
  return (wei * RAISE_PERCENT + RAISE_OF - 1n) / RAISE_OF;
}

/** Tries that an urgent transaction gets in the time that is left. */
const TRIES_LEFT = 8;

/** Blocks without being mined after which a transaction offers more: fewer as its deadline comes near. */
export function bumpBlocks(
  { blockTimeSec, fees }: ChainProfile,
  { deadlineSec, isUrgent }: Urgency,
  headSec: number,
): number {
  if (!isUrgent) return fees.patientBumpBlocks;
  if (deadlineSec === undefined) return fees.urgentBumpBlocks;
  const blocksLeft = (deadlineSec - headSec) / blockTimeSec;
  if (blocksLeft <= 2) mark("transaction/last-blocks-before-deadline");
  return Math.max(1, Math.min(fees.urgentBumpBlocks, Math.floor(blocksLeft / TRIES_LEFT)));
}

/** Blocks whose tips are looked at: 10, two minutes of the main chain. */
const FEE_HISTORY_BLOCKS = "0xa";

/** What others give to the block's maker; the least of the policy where the endpoint cannot tell. */
export async function readTip(rpc: EthereumRpc, policy: TipPolicy): Promise<bigint> {
  if (policy.type === "Fixed") return policy.tipWei;
  const { tipMaxWei, tipMinWei } = policy;
  const tips = await recentTips(rpc);
  const middle = tips.toSorted((one, other) => (one < other ? -1 : 1))[tips.length >> 1] ?? 0n;
  return least(most(middle, tipMinWei), tipMaxWei);
}

async function recentTips(rpc: EthereumRpc): Promise<readonly bigint[]> {
  try {
    const answer = await rpc.request("eth_feeHistory", [FEE_HISTORY_BLOCKS, "latest", [50]]);
    const { reward } = (answer ?? {}) as { readonly reward?: readonly (readonly unknown[])[] };
    return (reward ?? []).flatMap(([tip]) => (isHexNumber(tip) ? [BigInt(tip)] : []));
  } catch (error) {
    // Not every endpoint knows this call. The least tip is raised later if it does not suffice.
    if (error instanceof NodeError && error.code === "RpcRefused") return [];
    throw error;
  }
}

function isHexNumber(value: unknown): value is string {
  return isHex(value) || (typeof value === "string" && /^0x[0-9a-f]+$/.test(value));
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
