/** What the chain told about a channel before each of its newest blocks, so that a reorganisation can be undone. */
import type { Address } from "../crypto/address.ts";
import { type Adjudication, UNDISPUTED } from "./adjudication.ts";
import type { ChannelId } from "./channel-id.ts";
import type { BlockId } from "./holdings.ts";

/** Everything that a channel has from the chain, and from nowhere else. */
export type ChainFacts = {
  /** Per asset, what the adjudicator holds for this channel in confirmed blocks. */
  readonly holdings: ReadonlyMap<Address, bigint>;
  /** Assets whose payout was seen in confirmed blocks. */
  readonly paidOut: ReadonlySet<Address>;
  /** True once all that an end on the chain promised was paid: see `isUsedUp`. */
  readonly paidInFull: boolean;
  readonly concluded: boolean;
  readonly adjudication: Adjudication;
  /** The last log of the chain that became a fact of this channel: what lies before it was seen. */
  readonly lastLog: { readonly blockNumber: number; readonly logIndex: number } | undefined;
};

/** Of a channel that the chain has told nothing about. */
export const UNTOLD: ChainFacts = {
  holdings: new Map(),
  paidOut: new Set(),
  paidInFull: false,
  concluded: false,
  adjudication: UNDISPUTED,
  lastLog: undefined,
};

/** The facts as they were before the block that changed them. */
export type RememberedFacts = { readonly blockNumber: number; readonly before: ChainFacts };

/**
 * Blocks for which facts can be taken back: 256, four times the depth at which any chain profile calls a block
 * final. Source: ADR 0024.
 */
export const REORG_DEPTH_MAX = 256;

/** No reorganisation has taken money away. */
export const NOTHING_MISSED: ReadonlyMap<Address, bigint> = new Map();

/** Facts that reorganised blocks had told, of one channel. */
export type TakenBackEvent = {
  /** The blocks above `fork` are gone: what they told of this channel is as if it had never been. */
  readonly type: "ChainFactsTakenBack";
  readonly channelId: ChannelId;
  /** The newest block that both chains share. */
  readonly fork: BlockId;
};

type Remembering = ChainFacts & {
  readonly remembered: readonly RememberedFacts[];
  /** Per asset, what was held before a reorganisation took some of it away. */
  readonly missed: ReadonlyMap<Address, bigint>;
};

/** The channel, ready for a fact of this block. */
export function rememberFacts<Channel extends Remembering>(
  channel: Channel,
  blockNumber: number,
): Channel {
  const { adjudication, concluded, holdings, lastLog, paidInFull, paidOut } = channel;
  const recent = channel.remembered.filter(
    (one) => one.blockNumber > blockNumber - REORG_DEPTH_MAX,
  );
  // What was read of an older block goes with the block that was told before it: a fork below that takes both.
  const isLate = (recent.at(-1)?.blockNumber ?? -1) >= blockNumber;
  if (isLate) return { ...channel, remembered: recent };
  const before = { holdings, paidOut, paidInFull, concluded, adjudication, lastLog };
  return { ...channel, remembered: [...recent, { blockNumber, before }] };
}

/** True when a block above `blockNumber` told something about the channel. */
export function toldAbove({ remembered }: Remembering, blockNumber: number): boolean {
  return (remembered.at(-1)?.blockNumber ?? -1) > blockNumber;
}

/** The channel as it was before the first block above the fork. */
export function takeFactsBack<Channel extends Remembering>(
  channel: Channel,
  { fork }: TakenBackEvent,
): Channel {
  const first = channel.remembered.find((one) => one.blockNumber > fork.blockNumber);
  if (first === undefined) return channel;
  const remembered = channel.remembered.filter((one) => one.blockNumber <= fork.blockNumber);
  const missed = isShaken(channel) ? channel.missed : channel.holdings;
  const { holdings } = first.before;
  // A payout that is told later takes nothing away: what is missed is missing now, or not at all.
  const isMissing = isShaken({ holdings, missed });
  return { ...channel, ...first.before, remembered, missed: isMissing ? missed : NOTHING_MISSED };
}

/** True after a reorganisation took money away, until the chain tells of it again: nothing is signed meanwhile. */
export function isShaken({ holdings, missed }: Pick<Remembering, "holdings" | "missed">): boolean {
  return [...missed].some(([asset, amount]) => (holdings.get(asset) ?? 0n) < amount);
}
