/** Turns logs of the adjudicator into facts about the channels that this node is in. */

import type { AdjudicatorEvent, ShownClaim } from "../chain/adjudicator-logs.ts";
import type { ChainNews } from "../chain/chain-news.ts";
import type { Channel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { ChainPosition } from "../channel/holdings.ts";
import { mark } from "../primitives/mark.ts";
import type { Context } from "../protocols/protocol.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";
import { markStranger } from "./chain-marks.ts";
import { challengeStates } from "./challenge-states.ts";
import { crankChannel } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { learnMoves } from "./learn-moves.ts";
import { learnShown } from "./learn-shown.ts";
import type { NodeTables } from "./node-state.ts";
import { paidIndices } from "./paid-indices.ts";
import { reclaimedGuarantee } from "./reclaimed-guarantee.ts";
import type { Rules } from "./rules.ts";

type ConfirmedLogs = ChainNews & { readonly type: "LogsConfirmed" };

/**
 * Decides confirmed logs: learns all of them first, and then goes on with the channels that they concern. Whoever
 * comes back late must not act on a deposit before he knows of the challenge behind it. Logs of strangers'
 * channels, and logs seen before, add nothing.
 */
export function decideLogs(
  draft: Draft,
  { blockTimeSec, logs }: Pick<ConfirmedLogs, "blockTimeSec" | "logs">,
  rules: Rules,
): void {
  const concerned = new Set<ChannelId>();
  for (const log of logs) {
    for (const channelId of learnLog(draft, { log, blockTimeSec }, rules)) concerned.add(channelId);
  }
  for (const channelId of concerned) crankChannel(draft, channelId, rules.context);
}

/** A log, and the time of the newest block that was told with it. */
type ToldLog = { readonly log: AdjudicatorEvent; readonly blockTimeSec: number };

/** The channels that may go on because of a log. */
function learnLog(draft: Draft, told: ToldLog, rules: Rules): readonly ChannelId[] {
  const { log } = told;
  const channel = draft.tables.channels.get(log.channelId);
  if (channel !== undefined && wasSeen(channel, log.position)) mark("chain/log-again");
  if (channel === undefined || wasSeen(channel, log.position)) return [];
  const event = factOf(draft.tables, channel, told, rules.context);
  if (event === undefined) return [];
  const shown = shownBy(channel, log);
  if (shown !== undefined) learnShown(draft, channel.id, shown, rules.context);
  draft.record(event);
  if (event.type === "ChallengeRegistered" && shown === undefined) {
    learnMoves(draft, channel.id, [...event.proof, event.candidate], rules.context);
  }
  // A stranger's deposit can tell that a ledger was paid which took another one's place.
  const predecessor = channel.ledger?.predecessor;
  markStranger(draft.tables, event);
  const before = predecessor === undefined ? [] : [predecessor];
  const target = event.type === "GuaranteeReclaimed" ? [event.target] : [];
  return [...target, ...before, channel.id];
}

/**
 * The claim of a log that this node learns whole. What a challenge shows is on record, and pays by itself: but where
 * nothing is supported here, its opening is all that this node could ever dispute with.
 */
function shownBy({ supported }: Channel, log: AdjudicatorEvent): ShownClaim | undefined {
  if ("shown" in log) return log.shown;
  return log.type === "ChallengeRegistered" && supported === undefined ? log : undefined;
}

/** Each channel for itself: one that was lost and taken back has its logs in blocks read long ago. */
function wasSeen({ lastLog }: Channel, { blockNumber, logIndex }: ChainPosition): boolean {
  if (lastLog === undefined) return false;
  if (blockNumber !== lastLog.blockNumber) return blockNumber < lastLog.blockNumber;
  return logIndex <= lastLog.logIndex;
}

function factOf(
  tables: NodeTables,
  channel: Channel,
  { blockTimeSec, log }: ToldLog,
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
      const { finalHoldings: holdings, initialHoldings } = log;
      const indices = paidIndices(channel, log);
      const paid = { asset, holdings, initialHoldings, indices };
      return { type: "AllocationUpdated", channelId, ...paid, position };
    }
    case "Reclaimed": {
      const asset = channel.fundingOutcome[log.assetIndex]?.asset;
      const reclaimed = reclaimedGuarantee(tables, channel, log, blockTimeSec);
      if (asset === undefined || reclaimed === undefined) return undefined;
      return { type: "GuaranteeReclaimed", channelId, asset, ...reclaimed, position };
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
    case "ChallengeCleared":
    case "Checkpointed": {
      mark("dispute/challenge-cleared");
      const turnNum = log.newTurnNumRecord;
      return { type: "ChallengeCleared", channelId, turnNum, position };
    }
  }
}

/**
 * Records the challenges that are over by the time of a confirmed block: whoever answers in that block or later
 * is refused. Returns their channels. Source: StatusManager, `_mode`.
 */
export function expireChallenges(
  draft: Draft,
  channels: Iterable<Channel>,
  { block, blockTimeSec }: ConfirmedLogs,
): readonly ChannelId[] {
  const over: ChannelId[] = [];
  for (const { id: channelId } of channels) {
    // A log of the same news may have begun it anew.
    const adjudication = draft.tables.channels.get(channelId)?.adjudication;
    if (adjudication?.type !== "Challenged" || adjudication.finalizesAtSec > blockTimeSec) continue;
    mark("dispute/challenge-expired");
    draft.record({ type: "ChallengeExpired", channelId, block, blockTimeSec });
    over.push(channelId);
  }
  return over;
}

/**
 * Blocks after which the cursor is written down though nothing happened: 256, 51 minutes of Ethereum. A node that
 * comes back reads no more than these again, which is one question to the chain.
 */
const CURSOR_EVERY_BLOCKS = 256;

/** Writes down how far the chain was read, together with what it told. */
export function noteCursor(draft: Draft, { block, blockTimeSec }: ConfirmedLogs): void {
  const last = draft.tables.facts.get("node")?.blocks.at(-1)?.blockNumber ?? 0;
  const isDue = draft.events.length > 0 || block.blockNumber >= last + CURSOR_EVERY_BLOCKS;
  if (isDue) draft.record({ type: "BlocksRead", block, blockTimeSec });
}
