/** The blocks whose logs the engine knows, and how far that goes. */
import type { BlockId } from "../channel/holdings.ts";

/** Told blocks that are remembered, so that a reorganisation between them is placed well. */
const TOLD_BLOCKS_MAX = 2_048;

/** Where the reading of logs stands. */
export class ToldBlocks {
  #scannedTo: number;
  #blocks: BlockId[];

  /** `known`: blocks that the log names; ascending. */
  constructor(scannedTo: number, known: readonly BlockId[]) {
    this.#scannedTo = scannedTo;
    this.#blocks = [...known];
  }

  /** All logs up to this block were told; -1 for none. */
  get scannedTo(): number {
    return this.#scannedTo;
  }

  /** Blocks that were told, or that the log names; ascending. It changes with the next block that is told. */
  get blocks(): readonly BlockId[] {
    return this.#blocks;
  }

  /** Reads on behind this block, whatever was told until now. */
  readFrom(before: number): void {
    this.#scannedTo = before;
  }

  /** Goes on with a block whose logs, and those of all below it, were told. */
  tell(block: BlockId): void {
    this.#scannedTo = block.blockNumber;
    const newest = this.#blocks.at(-1)?.blockNumber ?? -1;
    // As a rule it comes on top, once for each block of the chain: then nothing is copied.
    if (newest < block.blockNumber) this.#blocks.push(block);
    else {
      const below = this.#blocks.filter(({ blockNumber }) => blockNumber < block.blockNumber);
      const above = this.#blocks.filter(({ blockNumber }) => blockNumber > block.blockNumber);
      this.#blocks = [...below, block, ...above];
    }
    while (this.#blocks.length > TOLD_BLOCKS_MAX) this.#blocks.shift();
  }

  /** Forgets what lies above the block that the old chain and the new one share. */
  forkAt(fork: BlockId): void {
    this.#scannedTo = Math.min(this.#scannedTo, fork.blockNumber);
    this.#blocks = this.#blocks.filter(({ blockNumber }) => blockNumber <= fork.blockNumber);
  }
}
