/** Where a life of a node goes on reading the chain. */
import type { ChainStart, ToldLog, ToldLogs } from "../chain/chain-news.ts";
import { LATE_BLOCKS_MAX } from "../chain/suspect-blocks.ts";
import type { NodeFacts } from "./node-state.ts";

/** Logs that a node remembers having been told: 1,024, so that a state stays small where all happens at once. */
export const TOLD_LOGS_MAX = 1_024;

/** `isNew` says whether the log knows no channel. */
export function chainStart(facts: NodeFacts, isNew: () => boolean): ChainStart {
  const { blocks: known, cursor } = facts;
  if (cursor === undefined) return { scannedTo: -1, known, isNew };
  const told = toldBefore(facts, cursor.blockNumber);
  // The block of the last event is read again: it may hold more logs than that one.
  return { scannedTo: cursor.blockNumber - 1, known, isNew, told };
}

function toldBefore({ toldLogs }: NodeFacts, to: number): ToldLogs {
  // Where some were left out, the oldest block that is left may not be whole.
  const whole = toldLogs.length < TOLD_LOGS_MAX ? 0 : (toldLogs[0]?.blockNumber ?? 0) + 1;
  return { from: Math.max(to - LATE_BLOCKS_MAX + 1, whole), to, places: toldLogs };
}

/** The logs that were told, with one more of a block that is no older. */
export function withToldLog(told: readonly ToldLog[], log: ToldLog): readonly ToldLog[] {
  const { blockHash, blockNumber, logIndex } = log;
  const last = told.at(-1);
  // One log of the chain can become several events.
  if (last?.blockHash === blockHash && last.logIndex === logIndex) return told;
  const recent = told.filter((one) => one.blockNumber > blockNumber - LATE_BLOCKS_MAX);
  return [...recent, { blockNumber, blockHash, logIndex }].slice(-TOLD_LOGS_MAX);
}
