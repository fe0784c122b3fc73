/** The blocks whose logs the engine knows, and how far that goes. */
import type { BlockId } from "../channel/holdings.ts";

/** Told blocks that are remembered, so that a reorganisation between them is placed well. */
const TOLD_BLOCKS_MAX = 2_048;

/** Where the reading of logs stands. */
export type ToldBlocks = {
  /** All logs up to this block were told; -1 for none. */
  readonly scannedTo: number;
  /** Blocks that were told, or that the log names; ascending. */
  readonly blocks: readonly BlockId[];
};

/** Goes on with a block whose logs, and those of all below it, were told. */
export function tellBlock({ blocks }: ToldBlocks, block: BlockId): ToldBlocks {
  const newest = blocks.at(-1)?.blockNumber ?? -1;
  // As a rule it comes on top, once for each block of the chain.
  if (newest < block.blockNumber) {
    return {
      scannedTo: block.blockNumber,
      blocks: blocks.slice(1 - TOLD_BLOCKS_MAX).concat(block),
    };
  }
  const below = blocks.filter(({ blockNumber }) => blockNumber < block.blockNumber);
  const above = blocks.filter(({ blockNumber }) => blockNumber > block.blockNumber);
  const kept = [...below, block, ...above].slice(-TOLD_BLOCKS_MAX);
  return { scannedTo: block.blockNumber, blocks: kept };
}

/** Forgets what lies above the block that the old chain and the new one share. */
export function forkAt({ blocks, scannedTo }: ToldBlocks, fork: BlockId): ToldBlocks {
  return {
    scannedTo: Math.min(scannedTo, fork.blockNumber),
    blocks: blocks.filter(({ blockNumber }) => blockNumber <= fork.blockNumber),
  };
}
