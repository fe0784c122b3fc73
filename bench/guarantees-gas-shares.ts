/** What the transactions of a dispute come to, and how much of a day of the main chain that is. */
import { BLOCK_GAS_LIMIT } from "../sim/chain/local-chain.ts";
import type { DisputeStep, TransactionCost } from "./guarantees-gas-dispute.ts";
import { BLOCKS_PER_DAY } from "./guarantees-gas-limits.ts";

/** Gas of all blocks of a day: 216 billion at 30 million each. Blocks have held twice that since 2025. */
const GAS_PER_DAY: number = Number(BLOCK_GAS_LIMIT) * BLOCKS_PER_DAY;

/**
 * Guarantees of a hub whose peers all go to the chain on one day: 20,000. That is 10,000 channels of
 * one asset, each guaranteed on both sides of the hub: the most that a hub is built for.
 */
export const HUB_GUARANTEES = 20_000;

/**
 * Part of a day's blocks that such a hub may fill: a twentieth. It has to pay for its place in them
 * as all others do; more would be a question of luck.
 */
export const HUB_DAY_SHARE_MAX = 0.05;

/** Gas of all transactions, or of those of one step. */
export function gasOf(costs: readonly TransactionCost[], step?: DisputeStep): number {
  const counted = step === undefined ? costs : costs.filter((cost) => cost.step === step);
  return counted.reduce((sum, { gas }) => sum + gas, 0);
}

/** The dearest transaction's gas and the longest one's bytes; they may be two. */
export function largestOf(costs: readonly TransactionCost[]): {
  readonly gas: number;
  readonly sizeBytes: number;
} {
  return {
    gas: Math.max(...costs.map(({ gas }) => gas)),
    sizeBytes: Math.max(...costs.map(({ sizeBytes }) => sizeBytes)),
  };
}

/** The part of a day's blocks that this much gas fills, from 0; 1 is all of them. */
export function shareOfDay(gas: number): number {
  return gas / GAS_PER_DAY;
}

/**
 * Gas of a hub that has to force `HUB_GUARANTEES`, all in ledgers like this one. A channel is
 * guaranteed in two ledgers, by one guarantee per asset in each, and challenged once.
 */
export function hubGas(costs: readonly TransactionCost[]): number {
  const challenges = gasOf(costs, "challenge a target");
  const guarantees = costs.filter(({ step }) => step === "reclaim").length;
  const ledgers = HUB_GUARANTEES / guarantees;
  return ledgers * (gasOf(costs) - challenges) + (ledgers / 2) * challenges;
}
