/** How the chain of a simulated world behaves, and how nodes see it. What nobody sets is calm. */
import { type ChainProfile, LOCAL } from "../src/chain/chain-profile.ts";
import { assert } from "../src/primitives/assert.ts";
import type { ActorName } from "./actors.ts";
import { BASE_FEE_WEI, ROLLBACK_BLOCKS_MAX } from "./chain/local-chain.ts";

/** A stretch of the chain: `blocks` blocks from block `from` on. The first block of a run is number 1. */
export type BlockSpan = { readonly from: number; readonly blocks: number };

/** A stretch of virtual time, in seconds from the start of the run. */
export type TimeSpan = { readonly fromSec: number; readonly forSec: number };

/**
 * What becomes of the transactions in blocks that a reorg takes back: each fraction between 0 and 1, together
 * at most 1. All others survive: they are in the same block of the new branch as in the old one.
 */
export type ReorgFates = {
  /** Forgotten by every pool: only who sends it again gets it mined. */
  readonly droppedFraction: number;
  /** Mined again, but a few blocks later. */
  readonly delayedFraction: number;
  readonly delayBlocks: readonly [min: number, max: number];
  /** Those that are reordered take each other's places, the last one first. */
  readonly reorderedFraction: number;
  /** Another transaction of the same sender and nonce is mined instead: one that was sent before, or one that pays nobody. */
  readonly replacedFraction: number;
};

/** A reorg: right before a block is made, the newest ones are taken back. */
export type Reorg = Partial<ReorgFates> & {
  /** Blocks taken back, 1 to 64; fewer when the run has made fewer. */
  readonly depth: number;
  /** Blocks made in their place at once; `depth` when absent. With fewer the head goes back. */
  readonly remade?: number;
  /** Whose transactions may have another fate than to survive; everybody's when absent. */
  readonly of?: ActorName;
};

/** Transactions that no miner takes. Who names neither sender nor function, names all. */
export type Censorship = {
  readonly sender?: ActorName;
  /** First four bytes of the call's data, or the name of an adjudicator's function. */
  readonly function?: string;
};

/** How one endpoint of one node behaves. Fractions are between 0 and 1. */
export type RpcConditions = {
  /** Fewest and most milliseconds until an answer comes. */
  readonly latencyMs: readonly [min: number, max: number];
  /** How many blocks the endpoint is behind the chain, always. */
  readonly staleBlocks: number;
  /** Spans in which it sees no new block. */
  readonly frozen: readonly TimeSpan[];
  /** Spans in which it does not answer. */
  readonly outages: readonly TimeSpan[];
  /** How many questions are answered by an error. */
  readonly errorFraction: number;
  /** How many transactions arrive though their sender is told that the endpoint was out of reach. */
  readonly lostAnswerFraction: number;
  /** How many logs the endpoint never tells. */
  readonly missingLogFraction: number;
  /** How many logs it tells only when so many blocks are on top. */
  readonly lateLogFraction: number;
  readonly lateLogBlocks: readonly [min: number, max: number];
  /** How many answers with logs hold one of them twice, and how many are not in order. */
  readonly duplicateLogFraction: number;
  readonly reorderedLogFraction: number;
  /** `Hashes`: every block of the run has another hash than it has; `Logs`: it tells no log at all. */
  readonly lies: "Nothing" | "Hashes" | "Logs";
};

/** How the chain behaves. Blocks are counted from the first one of the run, which is number 1. */
export type ChainConditions = {
  /** What nodes take this chain for. Its block time is the chain's. */
  readonly profile: ChainProfile;
  /** Virtual milliseconds between two looks of a node at the chain. */
  readonly pollMs: number;
  /** How many blocks come late, and by how many seconds. */
  readonly gapFraction: number;
  readonly gapSec: readonly [min: number, max: number];
  /** Seconds until an endpoint calls a block `safe` and `finalized`. */
  readonly safeSec: number;
  readonly finalizedSec: number;
  /** Reorgs by the number of the block that is about to be made. */
  readonly reorgs: Readonly<Record<number, Reorg>>;
  /** How many blocks come with a reorg besides, how deep it is, and what it does. */
  readonly reorgFraction: number;
  readonly reorgDepth: readonly [min: number, max: number];
  readonly fates: ReorgFates;
  /** Blocks for which a transaction waits before a miner looks at it. */
  readonly inclusionDelayBlocks: readonly [min: number, max: number];
  /** How many transactions no miner ever takes; one that replaces such a one has luck of its own. */
  readonly stuckFraction: number;
  readonly censorship: readonly (Censorship & BlockSpan)[];
  /** Base fees other than `BASE_FEE_WEI`. Of spans that overlap, the last one counts. */
  readonly feeSpikes: readonly (BlockSpan & { readonly baseFeeWei: bigint })[];
  /** The endpoints of each node, the one that it sends to first; one calm endpoint where nothing is said. */
  readonly rpcs: Readonly<Partial<Record<ActorName, readonly Partial<RpcConditions>[]>>>;
};

/** What a scenario says about its chain. */
export type ChainSetup = Partial<Omit<ChainConditions, "fates">> & {
  readonly fates?: Partial<ReorgFates>;
};

/** Every transaction survives. */
export const CALM_FATES: ReorgFates = {
  droppedFraction: 0,
  delayedFraction: 0,
  delayBlocks: [1, 5],
  reorderedFraction: 0,
  replacedFraction: 0,
};

/** An endpoint in the same data centre, which is always right. */
export const CALM_RPC: RpcConditions = {
  latencyMs: [1, 10],
  staleBlocks: 0,
  frozen: [],
  outages: [],
  errorFraction: 0,
  lostAnswerFraction: 0,
  missingLogFraction: 0,
  lateLogFraction: 0,
  lateLogBlocks: [1, 5],
  duplicateLogFraction: 0,
  reorderedLogFraction: 0,
  lies: "Nothing",
};

/** A chain without faults: a block every 12 s, no reorg, and every transaction is in the next block. */
export const CALM_CHAIN: ChainConditions = {
  profile: LOCAL,
  // A third of a block's time.
  pollMs: 4_000,
  gapFraction: 0,
  gapSec: [12, 60],
  // 32 and 64 blocks, as on the main chain.
  safeSec: 384,
  finalizedSec: 768,
  reorgs: {},
  reorgFraction: 0,
  reorgDepth: [1, 2],
  fates: CALM_FATES,
  inclusionDelayBlocks: [0, 0],
  stuckFraction: 0,
  censorship: [],
  feeSpikes: [],
  rpcs: {},
};

/** Fills in what a scenario leaves open. */
export function chainConditions({ fates, ...settings }: ChainSetup): ChainConditions {
  const conditions = { ...CALM_CHAIN, ...settings, fates: { ...CALM_FATES, ...fates } };
  const depths = [
    ...Object.values(conditions.reorgs).map(({ depth }) => depth),
    ...conditions.reorgDepth,
  ];
  for (const depth of depths) {
    assert(depth >= 1 && depth <= ROLLBACK_BLOCKS_MAX, "a reorg takes back 1 to 64 blocks");
  }
  assert(conditions.safeSec <= conditions.finalizedSec, "what is final is safe");
  return conditions;
}

/** The endpoints of a node, the one that it sends to first. */
export function rpcConditionsOf(
  { rpcs }: ChainConditions,
  node: ActorName,
): readonly RpcConditions[] {
  return (rpcs[node] ?? [{}]).map((settings) => ({ ...CALM_RPC, ...settings }));
}

/** The base fee of a block of the run. */
export function baseFeeOf(
  { feeSpikes }: Pick<ChainConditions, "feeSpikes">,
  block: number,
): bigint {
  const spike = feeSpikes.findLast((span) => isInSpan(span, block));
  return spike?.baseFeeWei ?? BASE_FEE_WEI;
}

/** True for blocks of the span. */
export function isInSpan({ blocks, from }: BlockSpan, block: number): boolean {
  return block >= from && block < from + blocks;
}

/** True from the beginning of the span until right before its end. */
export function isInTime({ forSec, fromSec }: TimeSpan, virtualMs: number): boolean {
  return virtualMs >= fromSec * 1_000 && virtualMs < (fromSec + forSec) * 1_000;
}
