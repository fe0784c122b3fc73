/** Blocks whose logs may not have all been told: they are read again, more and more rarely. */
import type { Hash } from "../crypto/signature.ts";
import type { BlockHeader } from "./block-header.ts";

/** Blocks after which a suspect block is read for the last time: 32, one epoch of the main chain. */
const LAST_AFTER_BLOCKS = 32;

/** Blocks for which a log may be late: 64, since pauses of 1, 2, 4 and so on up to the last one add up to 63. */
export const LATE_BLOCKS_MAX: number = 2 * LAST_AFTER_BLOCKS;

type Suspect = {
  readonly block: BlockHeader;
  /** True when a receipt shows that logs are missing: then every look reads it. */
  isConvicted: boolean;
  /** Blocks on top of the newest one that it was read at, before it is read again. */
  pauseBlocks: number;
  /** The number of the newest block from which on it is read again; undefined until there is one. */
  dueAt: number | undefined;
};

/**
 * A block's header says that there may be logs in it, and its endpoint gives none, or some: the rest may come
 * late, or the header may say so by accident. Nobody can tell which, so nobody waits for long.
 */
export class SuspectBlocks {
  readonly #suspects = new Map<Hash, Suspect>();

  /** Notes a block. True the first time: one without logs is then worth another look before it is told. */
  note(block: BlockHeader): boolean {
    if (this.#suspects.has(block.blockHash)) return false;
    this.#add(block, false);
    return true;
  }

  /** Notes a block that holds logs which were not told. */
  convict(block: BlockHeader): void {
    this.#add(block, true);
  }

  #add(block: BlockHeader, isConvicted: boolean): void {
    const { blockHash } = block;
    this.#suspects.set(blockHash, { block, isConvicted, pauseBlocks: 1, dueAt: undefined });
  }

  /** The blocks that are to be read again now. One that was read often enough is forgotten. */
  due({ blockNumber }: BlockHeader): readonly BlockHeader[] {
    const due: BlockHeader[] = [];
    for (const [hash, suspect] of this.#suspects) {
      suspect.dueAt ??= blockNumber + suspect.pauseBlocks;
      const isDue = blockNumber >= suspect.dueAt;
      if (isDue || suspect.isConvicted) due.push(suspect.block);
      // Whoever looks often waits no shorter: it is blocks that a late log is late by.
      if (!isDue) continue;
      suspect.pauseBlocks *= 2;
      suspect.dueAt = blockNumber + suspect.pauseBlocks;
      if (suspect.pauseBlocks > LAST_AFTER_BLOCKS) this.#suspects.delete(hash);
    }
    return due;
  }
}
