/** The rules of what the chain tells: its order, its challenges, and what this node does not sign meanwhile. */
import type { ChallengeEvent, ChallengeLogEvent } from "../channel/challenge.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { HoldingsEvent } from "../channel/holdings.ts";
import { REORG_DEPTH_MAX, type TakenBackEvent } from "../channel/remembered-facts.ts";
import type { VariablePart } from "../channel/state.ts";
import { broken } from "./broken-rule.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History, KnownChallenge } from "./causal-history.ts";

type Expiry = ChallengeEvent & { readonly type: "ChallengeExpired" };

/** Learns a log of the chain. Those of a channel come in the order of the chain. */
export function learnFromChain(history: History, event: HoldingsEvent | ChallengeLogEvent): Broken {
  const { channelId, position, type } = event;
  const channel = history.channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  if (event.type === "ChallengeRegistered") {
    const { candidate, finalizesAtSec } = event;
    const shown = candidate.variablePart;
    note(channel, position.blockNumber, { shown, finalizesAtSec, isOver: false });
  }
  if (event.type === "ChallengeCleared") note(channel, position.blockNumber, undefined);
  if (event.type === "ChannelConcluded") {
    // A final state has no second one beside it: of a concluded channel the chain has the one that this node signed.
    const shown = signedFinal(channel);
    const { finalizesAtSec } = event;
    if (shown !== undefined) {
      note(channel, position.blockNumber, { shown, finalizesAtSec, isOver: true });
    }
  }
  const { blockNumber, logIndex } = position;
  const before = history.places.get(channelId);
  history.places.set(channelId, { blockNumber, logIndex });
  if (before === undefined || blockNumber > before.blockNumber) return [];
  // One log of the chain tells of a payout and of who got it.
  const isNext = logIndex > before.logIndex || type === "WithdrawCompleted";
  if (blockNumber === before.blockNumber && isNext) return [];
  const text = `log ${logIndex} of block ${blockNumber} comes after log ${before.logIndex} of block ${before.blockNumber}`;
  return broken("ChainWentBack", text);
}

function signedFinal({ created, states }: ChannelHistory): VariablePart | undefined {
  const { myIndex } = created;
  const known = [...states.values()].find(
    ({ signatures, variablePart }) => variablePart.isFinal && signatures[myIndex] !== undefined,
  );
  return known?.variablePart;
}

/** Learns that nobody answered a challenge: there was one, and its time is over. */
export function learnExpiry(history: History, { block, blockTimeSec, channelId }: Expiry): Broken {
  const channel = history.channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const challenge = challengeOf(channel);
  if (challenge === undefined || challenge.finalizesAtSec > blockTimeSec) {
    return broken("ExpiredTooEarly", `no challenge on ${channelId} is over at ${blockTimeSec}`);
  }
  note(channel, block.blockNumber, { ...challenge, isOver: true });
  return [];
}

/** Learns that blocks are gone. What they told of a challenge is told again, or was never so. */
export function learnTakenBack(history: History, { channelId, fork }: TakenBackEvent): Broken {
  const channel = history.channels.get(channelId);
  if (channel === undefined) return unknownChannel(channelId);
  const { challenges } = channel;
  while ((challenges.at(-1)?.blockNumber ?? -1) > fork.blockNumber) challenges.pop();
  return [];
}

/** What was shown to the chain last, and until when somebody can answer. */
export function challengeOf({ challenges }: ChannelHistory): KnownChallenge | undefined {
  return challenges.at(-1)?.challenge;
}

function note(
  { challenges }: ChannelHistory,
  blockNumber: number,
  challenge: KnownChallenge | undefined,
): void {
  challenges.push({ blockNumber, challenge });
  // No reorganisation that can be taken back goes below the newest one of those.
  const lowest = blockNumber - REORG_DEPTH_MAX;
  while ((challenges[1]?.blockNumber ?? blockNumber) < lowest) challenges.shift();
}

/** From its own dispute on, and while somebody's challenge runs, this node signs nothing in a channel. */
export function brokenByDispute(
  history: History,
  { channelId }: { readonly channelId: ChannelId },
): Broken {
  const channel = history.channels.get(channelId);
  const isDisputed =
    channel?.isDisputed === true || (channel && challengeOf(channel)) !== undefined;
  if (!isDisputed) return [];
  return broken("SignedInDispute", `this node signed in ${channelId}, which the chain decides`);
}
