/** Where inputs wait for the engine: first in, first out, one at a time. */

/**
 * Requests that may wait at once: 10,000. Beyond it a user is told to come back, so that a burst costs
 * an answer and not the node's memory. Messages are bounded before: the session holds them back.
 */
export const REQUESTS_WAITING_MAX = 10_000;

/** Hands each input to `process` after the one before is done. */
export class Inbox<Input> {
  readonly #process: (input: Input) => Promise<void>;
  readonly #onCrash: (error: unknown) => void;
  #waiting: Input[] = [];
  /** What is being worked off, last one first: taking from the end costs nothing. */
  #batch: Input[] = [];
  #isBusy = false;
  #isClosed = false;

  /** `onCrash` learns of an error that `process` threw, and closes the inbox. */
  constructor(process: (input: Input) => Promise<void>, onCrash: (error: unknown) => void) {
    this.#process = process;
    this.#onCrash = onCrash;
  }

  /** Inputs that nobody has begun to process. */
  get length(): number {
    return this.#batch.length + this.#waiting.length;
  }

  /** True when nothing waits and nothing is being processed. */
  get isEmpty(): boolean {
    return !this.#isBusy && this.length === 0;
  }

  /** True once nothing is taken any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Inputs that wait, and the one that is being processed. */
  get load(): number {
    return this.length + (this.#isBusy ? 1 : 0);
  }

  put(input: Input): void {
    if (this.#isClosed) return;
    this.#waiting.push(input);
    if (!this.#isBusy) void this.#work();
  }

  /** Takes nothing more, and gives back what nobody will process. */
  close(): readonly Input[] {
    this.#isClosed = true;
    const dropped = [...this.#batch, ...this.#waiting];
    this.#batch = [];
    this.#waiting = [];
    return dropped;
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#waiting.length > 0) {
        this.#batch = this.#waiting.reverse();
        this.#waiting = [];
        for (let input = this.#batch.pop(); input !== undefined; input = this.#batch.pop()) {
          await this.#process(input);
        }
      }
    } catch (error) {
      this.#onCrash(error);
    } finally {
      this.#isBusy = false;
    }
  }
}
