/** Turns logs of the adjudicator into facts about the channels that this node is in. */

import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChainPosition } from "../channel/holdings.ts";
import type { Context } from "../protocols/protocol.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";
import { challengeStates } from "./challenge-states.ts";
import { crankChannel } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import type { Rules } from "./rules.ts";

/** Decides one confirmed log. Logs of strangers' channels, and logs seen before, add nothing. */
export function decideChainEvent(draft: Draft, log: AdjudicatorEvent, rules: Rules): void {
  const channel = draft.tables.channels.get(log.channelId);
  if (channel === undefined || wasSeen(channel, log.position)) return;
  const event = factOf(channel, log, rules.context);
  if (event === undefined) return;
  draft.record(event);
  // A stranger's deposit can tell that a ledger was paid which took another one's place.
  const predecessor = channel.ledger?.predecessor;
  if (predecessor !== undefined) crankChannel(draft, predecessor, rules.context);
  crankChannel(draft, channel.id, rules.context);
}

/** Each channel for itself: one that was lost and taken back has its logs in blocks read long ago. */
function wasSeen({ lastLog }: Channel, { blockNumber, logIndex }: ChainPosition): boolean {
  if (lastLog === undefined) return false;
  if (blockNumber !== lastLog.blockNumber) return blockNumber < lastLog.blockNumber;
  return logIndex <= lastLog.logIndex;
}

function factOf(
  channel: Channel,
  log: AdjudicatorEvent,
  context: Context,
): ProtocolEvent | undefined {
  const { blockHash, blockNumber, logIndex, transactionHash } = log.position;
  const position = { blockNumber, blockHash, logIndex, transactionHash };
  const channelId = channel.id;
  switch (log.type) {
    case "Deposited": {
      const { asset, holdings } = log;
      return { type: "DepositDetected", channelId, asset, holdings, position };
    }
    case "AllocationUpdated": {
      // The log names the asset by its index in the outcome that was paid, which is the supported one.
      const asset = channel.fundingOutcome[log.assetIndex]?.asset;
      if (asset === undefined) return undefined;
      const holdings = log.finalHoldings;
      return { type: "AllocationUpdated", channelId, asset, holdings, position };
    }
    case "Concluded": {
      const { finalizesAtSec } = log;
      return { type: "ChannelConcluded", channelId, finalizesAtSec, position };
    }
    case "ChallengeRegistered": {
      const { finalizesAtSec } = log;
      const shown = challengeStates(channel, [log.candidate, ...log.proof], context);
      if (shown === undefined) return undefined;
      const { candidate, proof } = shown;
      return { type: "ChallengeRegistered", channelId, finalizesAtSec, candidate, proof, position };
    }
    case "ChallengeCleared": {
      const turnNum = log.newTurnNumRecord;
      return { type: "ChallengeCleared", channelId, turnNum, position };
    }
    default:
      return undefined;
  }
}
