/** Kinds of chains: how long their blocks take, when they are believed, and how transactions get into them. */
import { assert } from "../primitives/assert.ts";

/** When what a block says is acted upon. */
export type Confirmation =
  /** This many blocks are on top of it. */
  | { readonly type: "Depth"; readonly blocks: number }
  /** The endpoint calls it so. Assumed to take no longer than `lagSec`. */
  | { readonly type: "Tag"; readonly tag: "safe" | "finalized"; readonly lagSec: number };

/** When no reorganisation can reach a block any more. */
export type Finality = {
  /** Blocks on top, where the endpoint has no tag for it. */
  readonly depthBlocks: number;
  readonly tag: "finalized" | undefined;
  /** Seconds from a block to its finality, at most. */
  readonly lagSec: number;
};

/** What a transaction's miner gets on top of the base fee. */
export type TipPolicy =
  | { readonly type: "Fixed"; readonly tipWei: bigint }
  /** What half of the recent transactions gave, within these bounds. */
  | { readonly type: "FeeHistory"; readonly tipMinWei: bigint; readonly tipMaxWei: bigint };

/** How much a transaction may cost, and when it is sent again for more. Wei are per unit of gas. */
export type FeePolicy = {
  readonly tip: TipPolicy;
  /** The most that a transaction offers which can wait. Above it, it waits. */
  readonly patientCapWei: bigint;
  /** The most that a transaction offers which a deadline presses. */
  readonly urgentCapWei: bigint;
  /** Blocks without being mined after which a transaction is replaced by a dearer one. */
  readonly patientBumpBlocks: number;
  readonly urgentBumpBlocks: number;
  /**
   * `Always` where the highest fee wins a place; `WhenTooLow` where there is no public mempool: there a
   * higher offer gains nothing while the old one pays the base fee, and the old one is sent again first.
   */
  readonly bump: "Always" | "WhenTooLow";
};

/** What a node must know of a kind of chain. Source: ADR 0024. */
export type ChainProfile = {
  readonly name: "ethereum" | "op-stack" | "local";
  readonly blockTimeSec: number;
  readonly confirmation: Confirmation;
  readonly finality: Finality;
  /** Seconds that a node may be away, or not look, before it sees a challenge. */
  readonly visitGapSec: number;
  /** Seconds within which a transaction that pays its fee gets into a block. */
  readonly inclusionBoundSec: number;
  /** Seconds without a new block after which the head counts as stale. */
  readonly staleAfterSec: number;
  readonly fees: FeePolicy;
  /** Endpoints that must answer, of those that a node has; the others are waited for `patienceLooks` looks. */
  readonly answersMin: number;
  readonly patienceLooks: number;
};

const GWEI_WEI = 1_000_000_000n;

/** The main chain and its test chains. */
export const ETHEREUM: ChainProfile = {
  name: "ethereum",
  blockTimeSec: 12,
  // One more than the deepest reorganisation since proof of stake: 7 blocks, on 25 May 2022.
  confirmation: { type: "Depth", blocks: 8 },
  // Two epochs of 32 slots, and the rest of the one that is under way.
  finality: { depthBlocks: 64, tag: "finalized", lagSec: 96 * 12 },
  visitGapSec: 3_600,
  // 150 blocks: longer than any base-fee spike above the urgent cap has lasted, and than five censoring epochs.
  inclusionBoundSec: 1_800,
  staleAfterSec: 300,
  fees: {
    tip: { type: "FeeHistory", tipMinWei: GWEI_WEI / 10n, tipMaxWei: 5n * GWEI_WEI },
    patientCapWei: 100n * GWEI_WEI,
    urgentCapWei: 2_000n * GWEI_WEI,
    patientBumpBlocks: 25,
    urgentBumpBlocks: 3,
    bump: "Always",
  },
  answersMin: 1,
  patienceLooks: 15,
};

/** A rollup of the OP stack: one sequencer, 2 s blocks, no public mempool, its data on Ethereum. */
export const OP_STACK: ChainProfile = {
  name: "op-stack",
  blockTimeSec: 2,
  // Derived from data on Ethereum: only a reorganisation there, or there was none, takes it back.
  confirmation: { type: "Tag", tag: "safe", lagSec: 900 },
  finality: { depthBlocks: 1_800, tag: "finalized", lagSec: 3_600 },
  visitGapSec: 3_600,
  // The sequencing window: 3,600 blocks of Ethereum, after which a deposit there enters without the sequencer.
  inclusionBoundSec: 43_200,
  staleAfterSec: 120,
  fees: {
    tip: { type: "Fixed", tipWei: GWEI_WEI / 1_000n },
    patientCapWei: 10n * GWEI_WEI,
    urgentCapWei: 200n * GWEI_WEI,
    patientBumpBlocks: 150,
    urgentBumpBlocks: 15,
    bump: "WhenTooLow",
  },
  answersMin: 1,
  patienceLooks: 30,
};

/** A chain on this machine, whose blocks somebody makes by hand. */
export const LOCAL: ChainProfile = {
  name: "local",
  blockTimeSec: 12,
  // As go-nitro.
  confirmation: { type: "Depth", blocks: 2 },
  finality: { depthBlocks: 64, tag: undefined, lagSec: 64 * 12 },
  visitGapSec: 120,
  inclusionBoundSec: 120,
  staleAfterSec: Number.POSITIVE_INFINITY,
  fees: {
    tip: { type: "Fixed", tipWei: GWEI_WEI },
    patientCapWei: 100n * GWEI_WEI,
    urgentCapWei: 2_000n * GWEI_WEI,
    patientBumpBlocks: 25,
    urgentBumpBlocks: 3,
    bump: "Always",
  },
  answersMin: 1,
  patienceLooks: 15,
};

/** Seconds until the newest block may count as confirmed. */
export function confirmationSec({ blockTimeSec, confirmation }: ChainProfile): number {
  return confirmation.type === "Tag" ? confirmation.lagSec : confirmation.blocks * blockTimeSec;
}

/**
 * The shortest challenge duration, in seconds, in which an honest node gets its answer in for good: it sees
 * the challenge a visit gap later, once it is confirmed; its answer is mined within the inclusion bound; and
 * is confirmed itself before the challenge would have ended.
 */
export function challengeDurationMinSec(profile: ChainProfile): number {
  const { inclusionBoundSec, visitGapSec } = profile;
  return visitGapSec + inclusionBoundSec + 2 * confirmationSec(profile);
}

for (const profile of [ETHEREUM, OP_STACK, LOCAL]) {
  const { fees, finality } = profile;
  assert(fees.patientCapWei <= fees.urgentCapWei, "what presses may cost more");
  assert(finality.lagSec >= confirmationSec(profile), "what is final is confirmed");
}
