/** The memory of all queues of one wire: chunks of one size, so many and no more. */

/** 32 KiB: a chunk is written at once, and larger ones make no write cheaper. */
export const CHUNK_BYTES: number = 32 * 1_024;

/** Free chunks that are kept for the next frames, instead of being made anew: 1 MiB. */
const KEPT_MAX = 32;

/** Lends chunks. A chunk that comes back is lent again with whatever bytes it holds. */
export class ChunkPool {
  readonly #free: Uint8Array[] = [];
  #left: number;

  constructor(bytesMax: number) {
    this.#left = Math.floor(bytesMax / CHUNK_BYTES);
  }

  /** Chunks that can still be lent. */
  get left(): number {
    return this.#left;
  }

  lend(): Uint8Array {
    this.#left -= 1;
    return this.#free.pop() ?? new Uint8Array(CHUNK_BYTES);
  }

  takeBack(chunk: Uint8Array): void {
    this.#left += 1;
    if (this.#free.length < KEPT_MAX) this.#free.push(chunk);
  }
}
