/** Logs that come late to blocks which nobody suspects one by one: of an earlier life, or read many at once. */
import type { ToldLog, ToldLogs } from "./chain-news.ts";
import { LATE_BLOCKS_MAX } from "./suspect-blocks.ts";

/**
 * Blocks that are read once more in this life, as one range, more and more rarely: the life that read them ended before
 * their last logs had come, and which of them were suspect went with it; or they were caught up with by range.
 */
export class EarlierLogs {
  #from: number;
  #to: number;
  readonly #places: Set<string>;
  /** Blocks on top of the newest one that they were read at, before they are read again. */
  #pauseBlocks = 1;
  #dueAt = 0;

  constructor({ from, places, to }: ToldLogs) {
    this.#from = from;
    this.#to = to;
    this.#places = new Set(places.map(placeOf));
  }

  /** The blocks to read once more now that the chain has come to `newest`; undefined for none. */
  due(newest: number): { readonly from: number; readonly to: number } | undefined {
    const isOver = this.#pauseBlocks > LATE_BLOCKS_MAX / 2 || this.#to < this.#from;
    if (isOver || newest < this.#dueAt) return undefined;
    return { from: this.#from, to: this.#to };
  }

  /** Waits for longer before they are read again. */
  wasRead(newest: number): void {
    this.#dueAt = newest + this.#pauseBlocks;
    this.#pauseBlocks *= 2;
  }

  /** True for a log that was told. */
  has(log: ToldLog): boolean {
    return this.#places.has(placeOf(log));
  }

  /** Takes blocks that this life has told as one range, with their logs: the last of them are read again as well. */
  add({ from, places, to }: ToldLogs): void {
    const isBehind = this.#to >= from - 1 && this.#from <= this.#to;
    this.#from = Math.max(isBehind ? this.#from : from, to - LATE_BLOCKS_MAX + 1);
    this.#to = to;
    for (const log of places) this.#places.add(placeOf(log));
    this.#pauseBlocks = 1;
    this.#dueAt = 0;
  }

  /** What lies above is told in this life. */
  forkAt(blockNumber: number): void {
    this.#to = Math.min(this.#to, blockNumber);
  }
}

/** A log by its block and its place in it. */
export function placeOf({ blockHash, logIndex }: Pick<ToldLog, "blockHash" | "logIndex">): string {
  return `${blockHash} ${logIndex}`;
}
