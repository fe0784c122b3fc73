/** The newest blocks of the chain as they hang together: each names the one below it by its hash. */
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type BlockHeader, contradiction, readHeaderOf } from "./block-header.ts";

/**
 * Blocks between the newest known one and a new head over which parents are read one by one: 64. After a
 * longer absence the blocks between are checked by number.
 */
const LINK_BLOCKS_MAX = 64;

/** A run of blocks without gaps. It follows the head of one endpoint, wherever that goes. */
export class LinkedBlocks {
  readonly #sizeMax: number;
  /** Ascending, without gaps. */
  #headers: readonly BlockHeader[] = [];

  /** `sizeMax`: how many blocks are remembered. */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get newest(): BlockHeader | undefined {
    return this.#headers.at(-1);
  }

  /** The block with this number, if it is among them. */
  at(blockNumber: number): BlockHeader | undefined {
    const [oldest] = this.#headers;
    return oldest === undefined ? undefined : this.#headers[blockNumber - oldest.blockNumber];
  }

  /** True when that head is one of these blocks, and not the newest: the endpoint has gone back. */
  isBehind(head: BlockHeader): boolean {
    const { newest } = this;
    if (newest === undefined || head.blockNumber >= newest.blockNumber) return false;
    return this.at(head.blockNumber)?.blockHash === head.blockHash;
  }

  /**
   * Makes `head` the newest block, and knows at least `depth` blocks below it. True when the newest block until
   * now is not among those below, as far as is known. Throws `NodeError` with
   * `ChainContradicted` when the endpoint does not know a parent: it has just gone over to another chain.
   */
  async follow(rpc: EthereumRpc, head: BlockHeader, depth: number): Promise<boolean> {
    const before = this.newest;
    const lowest = Math.max(0, head.blockNumber - depth);
    // Most looks find no new block.
    if (before?.blockHash === head.blockHash && this.#reaches(lowest)) return false;
    const isNear =
      this.newest !== undefined && head.blockNumber - this.newest.blockNumber <= LINK_BLOCKS_MAX;
    const path = [head];
    for (let below = head; !this.#isLinked(below, isNear, lowest); path.push(below)) {
      const parent = await readHeaderOf(rpc, below.parentHash);
      if (parent === undefined || parent.blockNumber !== below.blockNumber - 1) {
        throw contradiction(`block ${below.blockNumber} has no parent`, { below, parent });
      }
      below = parent;
    }
    path.reverse();
    const [first = head] = path;
    const kept = this.#below(first.blockNumber);
    const isWhole = kept.at(-1)?.blockHash === first.parentHash;
    this.#headers = (isWhole ? kept.concat(path) : path).slice(-this.#sizeMax);
    return before !== undefined && this.at(before.blockNumber)?.blockHash !== before.blockHash;
  }

  /** They have no gaps: where a block lies follows from its number. */
  #below(blockNumber: number): readonly BlockHeader[] {
    const [oldest] = this.#headers;
    return this.#headers.slice(0, Math.max(0, blockNumber - (oldest?.blockNumber ?? 0)));
  }

  /** True when nothing below this block needs to be read. */
  #isLinked({ blockNumber, parentHash }: BlockHeader, isNear: boolean, lowest: number): boolean {
    if (blockNumber === 0) return true;
    const below = this.at(blockNumber - 1);
    if (below?.blockHash === parentHash && this.#reaches(lowest)) return true;
    const [oldest] = this.#headers;
    const mayLink = isNear && oldest !== undefined && blockNumber > oldest.blockNumber;
    return !mayLink && blockNumber <= lowest;
  }

  #reaches(blockNumber: number): boolean {
    const [oldest] = this.#headers;
    return oldest !== undefined && oldest.blockNumber <= blockNumber;
  }
}
