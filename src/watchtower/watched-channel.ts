/** What a tower knows from the chain about one channel. */
import {
  type Adjudication,
  afterExpiry,
  CONCLUDED_STATE_HASH,
  outcomeAfterPayout,
  outcomeAfterReclaim,
  UNDISPUTED,
} from "../channel/adjudication.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId } from "../channel/holdings.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";
import { possiblePayouts } from "../channel/possible-payouts.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import { stateHash } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { SightEvent } from "./tower-event.ts";

/** Everything that the chain told of a channel. */
type Sight = {
  readonly adjudication: Adjudication;
  /** Per asset, what the adjudicator held after the last payout. Nothing is known of others. */
  readonly holdings: ReadonlyMap<Address, bigint>;
  /** Where the last log about the channel stands: what lies before it was seen. */
  readonly lastLog: { readonly blockNumber: number; readonly logIndex: number } | undefined;
};

/** One channel, and its facts as they were before the newest blocks, for the case that those vanish. */
export type WatchedChannel = Sight & {
  readonly id: ChannelId;
  /** By rising block number. */
  readonly remembered: readonly { readonly blockNumber: number; readonly before: Sight }[];
};

/** A channel that the chain has told nothing about. */
export function unseenChannel(id: ChannelId): WatchedChannel {
  const sight = { adjudication: UNDISPUTED, holdings: new Map(), lastLog: undefined };
  return { id, ...sight, remembered: [] };
}

/** Folds what one log told. `closing` is what the channel pays if it is concluded, as far as its clients know. */
export function seeLog(
  channel: WatchedChannel,
  event: SightEvent,
  closing: Outcome | undefined,
): WatchedChannel {
  const { blockNumber, logIndex } = event.position;
  const changed = sightAfter(channel, event, closing);
  return { ...remember(channel, blockNumber), ...changed, lastLog: { blockNumber, logIndex } };
}

/** True for a log whose facts are known: blocks may be read more than once. */
export function wasSeen(
  { lastLog }: WatchedChannel,
  { blockNumber, logIndex }: { readonly blockNumber: number; readonly logIndex: number },
): boolean {
  if (lastLog === undefined) return false;
  if (blockNumber !== lastLog.blockNumber) return blockNumber < lastLog.blockNumber;
  return logIndex <= lastLog.logIndex;
}

/** True when a challenge that nobody answered is over at this time of a block. Source: StatusManager, `_mode`. */
export function isExpired({ adjudication }: WatchedChannel, blockTimeSec: number): boolean {
  return adjudication.type === "Challenged" && adjudication.finalizesAtSec <= blockTimeSec;
}

/** The channel once the challenge on it is over. */
export function expire(channel: WatchedChannel, { blockNumber }: BlockId): WatchedChannel {
  const adjudication = afterExpiry(channel.adjudication);
  if (adjudication === channel.adjudication) return channel;
  return { ...remember(channel, blockNumber), adjudication };
}

/** The channel without what blocks above `fork` had told. */
export function turnBack(channel: WatchedChannel, { blockNumber }: BlockId): WatchedChannel {
  const first = channel.remembered.find((one) => one.blockNumber > blockNumber);
  if (first === undefined) return channel;
  const remembered = channel.remembered.filter((one) => one.blockNumber <= blockNumber);
  return { id: channel.id, ...first.before, remembered };
}

function remember(channel: WatchedChannel, blockNumber: number): WatchedChannel {
  const { adjudication, holdings, lastLog, remembered } = channel;
  const recent = remembered.filter((one) => one.blockNumber > blockNumber - REORG_DEPTH_MAX);
  if (recent.at(-1)?.blockNumber === blockNumber) return { ...channel, remembered: recent };
  const before = { adjudication, holdings, lastLog };
  return { ...channel, remembered: [...recent, { blockNumber, before }] };
}

function sightAfter(
  channel: WatchedChannel,
  event: SightEvent,
  closing: Outcome | undefined,
): Partial<Sight> {
  switch (event.type) {
    case "ChallengeSeen": {
      const { finalizesAtSec, variablePart } = event;
      const { appData, outcome, turnNum } = variablePart;
      const hash = stateHash(channel.id, variablePart);
      const shown = { turnNum, stateHash: hash, outcome, appData };
      return { adjudication: { type: "Challenged", finalizesAtSec, ...shown } };
    }
    case "AnswerSeen":
      return { adjudication: { type: "Open", turnNumRecord: event.turnNum } };
    case "ConclusionSeen": {
      const final = { turnNum: undefined, stateHash: CONCLUDED_STATE_HASH, outcome: closing };
      return { adjudication: { type: "Final", ...final } };
    }
    case "PayoutSeen":
    case "ReclaimSeen":
      return outcomeChanged(channel, event);
  }
}

/** Either shows that the channel is final: a challenge may have ended since the last block that was read. */
function outcomeChanged(
  { adjudication: before, holdings }: WatchedChannel,
  event: SightEvent & { readonly type: "PayoutSeen" | "ReclaimSeen" },
): Partial<Sight> {
  const adjudication = afterExpiry(before);
  if (adjudication.type !== "Final" || adjudication.outcome === undefined) return {};
  const { outcome } = adjudication;
  const asset = outcome[event.assetIndex]?.asset;
  if (asset === undefined) return {};
  if (event.type === "ReclaimSeen") {
    const after = outcomeAfterReclaim(outcome, asset, event.target, event);
    return { adjudication: { ...adjudication, outcome: after } };
  }
  return {
    holdings: new Map(holdings).set(asset, event.finalHoldings),
    adjudication: { ...adjudication, outcome: outcomePaid(outcome, event) },
  };
}

/** Where no call tells who was paid, the sum does, unless different payouts come to it. */
function outcomePaid(
  outcome: Outcome,
  event: SightEvent & { readonly type: "PayoutSeen" },
): Outcome | undefined {
  const { indices } = event;
  if (indices !== undefined) return outcomeAfterPayout(outcome, { ...event, indices });
  const [first, ...others] = possiblePayouts(outcome, event).map(({ after }) => after);
  if (first === undefined) return undefined;
  return others.every((other) => isSameOutcome(first, other)) ? first : undefined;
}
