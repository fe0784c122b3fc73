/** What the chain tells about a channel, folded into it. */
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { ChallengeEvent } from "./challenge.ts";
import type { Channel } from "./channel.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Destination } from "./destination.ts";
import { totalOf } from "./outcome.ts";

/** Where a log stands in the chain. Logs of one chain are ordered by block, then by log index. */
export type ChainPosition = {
  readonly blockNumber: number;
  readonly blockHash: Hash;
  readonly logIndex: number;
  readonly transactionHash: Hash;
};

/** One block among those that compete for its number. */
export type BlockId = { readonly blockNumber: number; readonly blockHash: Hash };

/** Facts that the adjudicator's logs told, seen in confirmed blocks. */
export type HoldingsEvent =
  | {
      /** Somebody's deposit raised the holdings. */
      readonly type: "DepositDetected";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** What the adjudicator holds after the deposit. */
      readonly holdings: bigint;
      readonly position: ChainPosition;
    }
  | {
      /** A payout lowered the holdings. */
      readonly type: "AllocationUpdated";
      readonly channelId: ChannelId;
      readonly asset: Address;
      readonly holdings: bigint;
      readonly position: ChainPosition;
    }
  | {
      /** Its final state was shown to the adjudicator, and can be paid out. */
      readonly type: "ChannelConcluded";
      readonly channelId: ChannelId;
      /** Seconds since 1970-01-01 UTC, in the time of the chain's blocks. */
      readonly finalizesAtSec: number;
      readonly position: ChainPosition;
    }
  | {
      /** `destination` was paid out of this channel. */
      readonly type: "WithdrawCompleted";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** Who was paid: an account, or another channel. */
      readonly destination: Destination;
      /** In the asset's smallest unit. */
      readonly amount: bigint;
      readonly position: ChainPosition;
    };

/** Folds one fact of the chain into the channel. */
export function evolveHoldings(channel: Channel, event: HoldingsEvent): Channel {
  const { blockNumber, logIndex } = event.position;
  return { ...evolveMoney(channel, event), lastLog: { blockNumber, logIndex } };
}

function evolveMoney(channel: Channel, event: HoldingsEvent): Channel {
  switch (event.type) {
    case "DepositDetected":
      return { ...channel, holdings: new Map(channel.holdings).set(event.asset, event.holdings) };
    case "AllocationUpdated":
      return {
        ...channel,
        holdings: new Map(channel.holdings).set(event.asset, event.holdings),
        paidOut: new Set(channel.paidOut).add(event.asset),
      };
    case "ChannelConcluded":
      return { ...channel, concluded: true };
    case "WithdrawCompleted":
      // The log that told of the payout came as an `AllocationUpdated` of its own.
      return channel;
  }
}

/** Folds one fact about a dispute into the channel. */
export function evolveChallenge(channel: Channel, event: ChallengeEvent): Channel {
  const { blockNumber, logIndex } = event.position;
  const lastLog = { blockNumber, logIndex };
  if (event.type === "ChallengeCleared") return { ...channel, challenge: undefined, lastLog };
  const { candidate, finalizesAtSec } = event;
  const { turnNum } = candidate.variablePart;
  return { ...channel, challenge: { finalizesAtSec, turnNum }, lastLog };
}

/** What is held of one asset; nothing seen counts as zero. */
export function held(channel: Channel, asset: Address): bigint {
  return channel.holdings.get(asset) ?? 0n;
}

/** A fact that the adjudicator was asked for. */
export type HoldingsReading = {
  /** What the adjudicator was asked for, because no log tells it: a payout into another channel. */
  readonly type: "HoldingsRead";
  readonly channelId: ChannelId;
  /** What is held of each asset. */
  readonly amounts: readonly HeldAmount[];
  /** A confirmed block. All of its logs were read before. */
  readonly block: BlockId;
};

/** What the adjudicator holds of one asset for one channel, in the asset's smallest unit. */
export type HeldAmount = { readonly asset: Address; readonly holdings: bigint };

/** Folds a reading into the channel. Logs of later blocks know better. */
export function evolveReading(channel: Channel, { amounts, block }: HoldingsReading): Channel {
  const { blockNumber } = block;
  if (channel.lastLog !== undefined && channel.lastLog.blockNumber > blockNumber) return channel;
  const read = new Map(channel.holdings);
  for (const { asset, holdings } of amounts) read.set(asset, holdings);
  // No log is passed over for it: each tells more than what is held.
  return { ...channel, holdings: read };
}

/**
 * True when the adjudicator holds all that a channel was opened with. A top-up that is under way comes on top,
 * so what it waits for does not count.
 */
export function coversOpening(channel: Channel): boolean {
  return channel.fundingOutcome.every((exit) => held(channel, exit.asset) >= totalOf(exit));
}
