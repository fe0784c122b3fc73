/** What the chain tells about a channel, folded into it. */

import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import {
  type Adjudication,
  afterExpiry,
  CONCLUDED_STATE_HASH,
  outcomeAfterPayout,
  outcomeAfterReclaim,
} from "./adjudication.ts";
import type { ChallengeEvent, ChallengeLogEvent } from "./challenge.ts";
import type { Channel } from "./channel.ts";
import type { ChannelId } from "./channel-id.ts";
import { type Destination, isExternal } from "./destination.ts";
import { finalStateOf } from "./final-state.ts";
import { ALLOCATION_TYPE, type Outcome, totalOf } from "./outcome.ts";
import { isShaken, NOTHING_MISSED, rememberFacts } from "./remembered-facts.ts";
import { stateHash } from "./state.ts";

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
      /** What the adjudicator holds after the payout. */
      readonly holdings: bigint;
      /** What it held before. */
      readonly initialHoldings: bigint;
      /** Places of the allocations that were paid, empty for all; undefined when the chain does not tell. */
      readonly indices: readonly number[] | undefined;
      readonly position: ChainPosition;
    }
  | {
      /** In a ledger, what a virtual channel pays each side took the place of its guarantee. */
      readonly type: "GuaranteeReclaimed";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** The virtual channel. */
      readonly target: ChannelId;
      /** What the left side of the guarantee gets, in the asset's smallest unit. */
      readonly left: bigint;
      /** What the right side gets. */
      readonly right: bigint;
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
  const remembered = rememberFacts(channel, blockNumber);
  return { ...evolveMoney(remembered, event), lastLog: { blockNumber, logIndex } };
}

function evolveMoney(channel: Channel, event: HoldingsEvent): Channel {
  switch (event.type) {
    case "DepositDetected": {
      const holdings = new Map(channel.holdings).set(event.asset, event.holdings);
      const missed = isShaken({ ...channel, holdings }) ? channel.missed : NOTHING_MISSED;
      return { ...channel, holdings, missed };
    }
    case "AllocationUpdated": {
      const adjudication = afterPayout(channel, event);
      return {
        ...channel,
        holdings: new Map(channel.holdings).set(event.asset, event.holdings),
        paidOut: new Set(channel.paidOut).add(event.asset),
        paidInFull: channel.paidInFull || promisesNothing(adjudication),
        adjudication,
        // Whatever was missing when it was paid out does not come back.
        missed: new Map([...channel.missed].filter(([asset]) => asset !== event.asset)),
      };
    }
    case "GuaranteeReclaimed":
      return { ...channel, adjudication: afterReclaim(channel.adjudication, event) };
    case "ChannelConcluded":
      return { ...channel, concluded: true, adjudication: concluded(channel) };
    case "WithdrawCompleted":
      // The log that told of the payout came as an `AllocationUpdated` of its own.
      return channel;
  }
}

/** Everybody signed the final state, and I sign one at most. A log that lost it cannot tell what it pays. */
function concluded(channel: Channel): Adjudication {
  const outcome = finalStateOf(channel)?.outcome;
  return { type: "Final", turnNum: undefined, stateHash: CONCLUDED_STATE_HASH, outcome };
}

/** What a concluded channel pays, where this log learns of the final state only now, and nothing was paid yet. */
export function learnEnd(channel: Channel): Channel {
  const { adjudication, paidOut } = channel;
  if (adjudication.type !== "Final" || adjudication.outcome !== undefined) return channel;
  // What was paid before would have to be taken off, and nobody remembers it.
  if (adjudication.turnNum !== undefined || paidOut.size > 0) return channel;
  const outcome = finalStateOf(channel)?.outcome;
  return outcome === undefined
    ? channel
    : { ...channel, adjudication: { ...adjudication, outcome } };
}

/** Who pays out shows that the channel is final: a challenge may have ended since the last block that was read. */
function afterPayout(
  channel: Channel,
  { asset, indices, initialHoldings }: HoldingsEvent & { readonly type: "AllocationUpdated" },
): Adjudication {
  const adjudication = afterExpiry(channel.adjudication);
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return adjudication;
  if (indices === undefined) return { ...adjudication, outcome: undefined };
  const assetIndex = adjudication.outcome.findIndex((exit) => exit.asset === asset);
  const payout = { assetIndex, initialHoldings, indices };
  return { ...adjudication, outcome: outcomeAfterPayout(adjudication.outcome, payout) };
}

function promisesNothing(adjudication: Adjudication): boolean {
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return false;
  return adjudication.outcome.every((exit) => totalOf(exit) === 0n);
}

function afterReclaim(
  before: Adjudication,
  { asset, left, right, target }: HoldingsEvent & { readonly type: "GuaranteeReclaimed" },
): Adjudication {
  const adjudication = afterExpiry(before);
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return adjudication;
  const outcome = outcomeAfterReclaim(adjudication.outcome, asset, target, { left, right });
  return { ...adjudication, outcome };
}

/** Folds one fact about a dispute into the channel. */
export function evolveChallenge(channel: Channel, event: ChallengeEvent): Channel {
  if (event.type === "ChallengeExpired") {
    const remembered = rememberFacts(channel, event.block.blockNumber);
    return { ...remembered, adjudication: afterExpiry(channel.adjudication) };
  }
  const { blockNumber, logIndex } = event.position;
  const lastLog = { blockNumber, logIndex };
  const remembered = rememberFacts(channel, blockNumber);
  return { ...remembered, lastLog, adjudication: challenged(channel, event) };
}

function challenged({ id }: Channel, event: ChallengeLogEvent): Adjudication {
  if (event.type === "ChallengeCleared") return { type: "Open", turnNumRecord: event.turnNum };
  const { candidate, finalizesAtSec } = event;
  const { appData, outcome, turnNum } = candidate.variablePart;
  const hash = stateHash(id, candidate.variablePart);
  return { type: "Challenged", finalizesAtSec, turnNum, stateHash: hash, outcome, appData };
}

/**
 * True when the chain has made an older state final than the end that this log knows: what that says never comes. A
 * channel that was concluded has had its end: what is shown once the adjudicator has forgotten it decides nothing.
 */
export function isEndOvertaken(channel: Channel): boolean {
  const { adjudication } = channel;
  if (channel.concluded || adjudication.type !== "Final") return false;
  if (adjudication.turnNum === undefined) return false;
  const end = finalStateOf(channel);
  return end !== undefined && adjudication.turnNum < end.turnNum;
}

/** True once nothing changes any more what the channel pays: a conclude, or a challenge that nobody answered. */
export function isFinalOnChain({ adjudication }: Channel): boolean {
  return adjudication.type === "Final";
}

/**
 * True once the adjudicator has paid all that it can of what is mine, or of what another channel of mine gets.
 * Where the log cannot tell what the contract pays, a payout of each asset must do.
 */
export function isPaidOut(channel: Channel): boolean {
  const { adjudication, fundingOutcome, paidOut } = channel;
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) {
    return fundingOutcome.every(({ asset }) => paidOut.has(asset));
  }
  const { outcome } = adjudication;
  return outcome.every((_, assetIndex) => myPlaces(channel, outcome, assetIndex).length === 0);
}

/** True for a channel with money of its own that a dispute has decided, once all is paid: nothing can come of it. */
export function isSettledByDispute(channel: Channel): boolean {
  return channel.use.type !== "Virtual" && isFinalOnChain(channel) && isPaidOut(channel);
}

/**
 * True for a channel that has paid out of each asset what there was, and gets nothing from another one: a ledger that
 * took another one's place may, until it has paid all that it owes. The adjudicator forgets a channel that it has paid
 * in full, and takes a challenge with any of its states then: it decides nothing. Source: MultiAssetHolder.sol,
 * `transfer`; ADR 0022.
 */
export function isUsedUp(channel: Channel): boolean {
  const { fundingOutcome, ledger, paidInFull, paidOut } = channel;
  const mayGetMore = ledger?.predecessor !== undefined && !paidInFull;
  if (fundingOutcome.length === 0 || mayGetMore) return false;
  return fundingOutcome.every(({ asset }) => paidOut.has(asset) && held(channel, asset) === 0n);
}

/** Where the outcome still promises something of an asset to me, or to another channel, that is held. */
export function myPlaces(
  channel: Channel,
  outcome: Outcome,
  assetIndex: number,
): readonly number[] {
  const exit = outcome[assetIndex];
  if (exit === undefined || held(channel, exit.asset) === 0n) return [];
  const mine = ownDestination(channel, exit.asset);
  return exit.allocations.flatMap(({ amount, destination }, place) =>
    amount > 0n && (destination === mine || !isExternal(destination)) ? [place] : [],
  );
}

/** Where my money goes. A ledger that took another one's place opens with guarantees before the balances. */
function ownDestination(
  { fundingOutcome, myIndex }: Channel,
  asset: Address,
): Destination | undefined {
  const exit = fundingOutcome.find((one) => one.asset === asset);
  const balances = exit?.allocations.filter(
    ({ allocationType }) => allocationType === ALLOCATION_TYPE.simple,
  );
  return balances?.[myIndex]?.destination;
}

/** True when what is held now, paid out by an outcome in its order, pays me something: by the newest supported one. */
export function paysMe(
  channel: Channel,
  outcome: Outcome = channel.supported?.variablePart.outcome ?? [],
): boolean {
  return outcome.some((exit, assetIndex) => {
    const after = amountsAfterPayout(channel, outcome, assetIndex);
    return myPlaces(channel, outcome, assetIndex).some(
      (place) => (after[place] ?? 0n) < (exit.allocations[place]?.amount ?? 0n),
    );
  });
}

/** True when what is held of some asset pays me all that the end on the chain still promises me of it. */
export function paysMyRest(channel: Channel): boolean {
  const { adjudication } = channel;
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return false;
  const { outcome } = adjudication;
  return outcome.some((_, assetIndex) => {
    const after = amountsAfterPayout(channel, outcome, assetIndex);
    const places = myPlaces(channel, outcome, assetIndex);
    return places.length > 0 && places.every((place) => after[place] === 0n);
  });
}

/** What each allocation of an asset still promises once all that is held of it is paid out, in their order. */
function amountsAfterPayout(
  channel: Channel,
  outcome: Outcome,
  assetIndex: number,
): readonly bigint[] {
  const asset = outcome[assetIndex]?.asset;
  const initialHoldings = asset === undefined ? 0n : held(channel, asset);
  const paid = outcomeAfterPayout(outcome, { assetIndex, initialHoldings, indices: [] });
  return paid[assetIndex]?.allocations.map(({ amount }) => amount) ?? [];
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
  return { ...rememberFacts(channel, blockNumber), holdings: read };
}

/**
 * True when the adjudicator holds all that a channel was opened with. A top-up that is under way comes on top,
 * so what it waits for does not count.
 */
export function coversOpening(channel: Channel): boolean {
  return channel.fundingOutcome.every((exit) => held(channel, exit.asset) >= totalOf(exit));
}
