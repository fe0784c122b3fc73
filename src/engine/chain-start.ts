/** Where a life of a node goes on reading the chain. */
import type { ChainStart } from "../chain/chain-news.ts";
import type { NodeFacts } from "./node-state.ts";

/** `isNew` says whether the log knows no channel. */
export function chainStart({ blocks, cursor }: NodeFacts, isNew: () => boolean): ChainStart {
  // The block of the last event is read again: it may hold more logs than that one.
  return { scannedTo: cursor === undefined ? -1 : cursor.blockNumber - 1, known: blocks, isNew };
}
