/** Turns what the chain service tells into facts about watched channels. */
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import type { ChainNews } from "../chain/chain-news.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { checkVariablePart } from "../channel/state.ts";
import type { SightEvent, TowerEvent } from "./tower-event.ts";
import type { TowerState } from "./tower-state.ts";
import { isExpired, wasSeen } from "./watched-channel.ts";

type LogsConfirmed = ChainNews & { readonly type: "LogsConfirmed" };

/** Blocks after which the cursor is written down though nothing happened: 256, 51 minutes of Ethereum. */
const CURSOR_EVERY_BLOCKS = 256;

/**
 * The facts that confirmed logs tell, in their order, and how far the chain was read with them. Logs of strangers'
 * channels, and logs seen before, add nothing.
 */
export function sightsOf(state: TowerState, news: LogsConfirmed): readonly TowerEvent[] {
  const { block, blockTimeSec, logs } = news;
  const seen = logs.flatMap((log) => sightOf(state, log) ?? []);
  const last = state.chain.blocks.at(-1)?.blockNumber ?? -1;
  // Blocks that are read again for one channel say nothing about how far the others were read.
  if (block.blockNumber <= last) return seen;
  const isOver = challengesOverBy(state, seen, blockTimeSec);
  const isDue = seen.length > 0 || isOver || block.blockNumber >= last + CURSOR_EVERY_BLOCKS;
  return isDue ? [...seen, { type: "ChainFollowed", block, blockTimeSec }] : [];
}

/** Facts of this very batch come with the cursor anyway: only what stands already needs a look. */
function challengesOverBy(
  { channels }: TowerState,
  seen: readonly SightEvent[],
  blockTimeSec: number,
): boolean {
  if (seen.length > 0) return false;
  return [...channels.values()].some((channel) => isExpired(channel, blockTimeSec));
}

function sightOf({ channels }: TowerState, log: AdjudicatorEvent): SightEvent | undefined {
  const channel = channels.get(log.channelId);
  if (channel === undefined || wasSeen(channel, log.position)) return undefined;
  return factOf(log.channelId, log);
}

function factOf(channelId: ChannelId, log: AdjudicatorEvent): SightEvent | undefined {
  const { blockHash, blockNumber, logIndex, transactionHash } = log.position;
  const position = { blockNumber, blockHash, logIndex, transactionHash };
  switch (log.type) {
    case "Deposited":
      // What is held shows when it is paid: a deposit changes nothing that a tower does.
      return undefined;
    case "ChallengeRegistered": {
      const { variablePart } = log.candidate;
      // Beyond what a client can have signed: then the channel is none of its own making.
      if (!checkVariablePart(variablePart).ok) return undefined;
      const { finalizesAtSec } = log;
      return { type: "ChallengeSeen", channelId, finalizesAtSec, variablePart, position };
    }
    case "ChallengeCleared":
    case "Checkpointed":
      return { type: "AnswerSeen", channelId, turnNum: log.newTurnNumRecord, position };
    case "Concluded":
      return { type: "ConclusionSeen", channelId, position };
    case "AllocationUpdated": {
      const { assetIndex, finalHoldings, indices, initialHoldings } = log;
      const paid = { assetIndex, initialHoldings, finalHoldings, indices };
      return { type: "PayoutSeen", channelId, ...paid, position };
    }
    case "Reclaimed": {
      if (log.reclaim === undefined) return undefined;
      const { left, right, targetChannelId: target } = log.reclaim;
      return {
        type: "ReclaimSeen",
        channelId,
        assetIndex: log.assetIndex,
        target,
        left,
        right,
        position,
      };
    }
  }
}
