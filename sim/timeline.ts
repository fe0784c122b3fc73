/** Virtual time: what is to happen, in order of its time and then of its asking. */
import type { CancelTimer } from "../src/ports/clock.ts";
import { assert } from "../src/primitives/assert.ts";

type Item = {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
};

/** A queue of things to come. Time moves only when the next one is taken. */
export class Timeline {
  readonly #heap: Item[] = [];
  #nowMs: number;
  #order = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Milliseconds since 1970-01-01 UTC, in the simulated world. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** When the next thing happens; undefined when nothing is to come. */
  get nextMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    assert(delayMs >= 0, "nothing happens in the past");
    const item: Item = { atMs: this.#nowMs + delayMs, order: this.#order++, run, cancelled: false };
    this.#push(item);
    return () => {
      item.cancelled = true;
    };
  }

  /** Moves time to the next thing and runs it. False when nothing is to come. */
  step(): boolean {
    this.#dropCancelled();
    const item = this.#pop();
    if (item === undefined) return false;
    this.#nowMs = item.atMs;
    item.run();
    return true;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled === true) this.#pop();
  }

  #push(item: Item): void {
    let index = this.#heap.length;
    this.#heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || !isBefore(item, above)) break;
      this.#heap[index] = above;
      index = parent;
    }
    this.#heap[index] = item;
  }

  #pop(): Item | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#sink(last);
    return first;
  }

  #sink(item: Item): void {
    let index = 0;
    for (;;) {
      const child = this.#earlierChild(index);
      const below = child === undefined ? undefined : this.#heap[child];
      if (child === undefined || below === undefined || !isBefore(below, item)) break;
      this.#heap[index] = below;
      index = child;
    }
    this.#heap[index] = item;
  }

  #earlierChild(index: number): number | undefined {
    const left = 2 * index + 1;
    const leftItem = this.#heap[left];
    const rightItem = this.#heap[left + 1];
    if (leftItem === undefined) return undefined;
    return rightItem !== undefined && isBefore(rightItem, leftItem) ? left + 1 : left;
  }
}

function isBefore(one: Item, other: Item): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
