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
  #isBusy = false;
  #isClosed = false;

  /** `onCrash` learns of an error that `process` threw; the inbox is closed by then. */
  constructor(process: (input: Input) => Promise<void>, onCrash: (error: unknown) => void) {
    this.#process = process;
    this.#onCrash = onCrash;
  }

  get length(): number {
    return this.#waiting.length;
  }

  put(input: Input): void {
    if (this.#isClosed) return;
    this.#waiting.push(input);
    if (!this.#isBusy) void this.#work();
  }

  /** Takes nothing more; what waits is dropped, and comes again from the log or from the peers. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        for (const input of batch) {
          if (this.#isClosed) return;
          await this.#process(input);
        }
      }
    } catch (error) {
      this.close();
      this.#onCrash(error);
    } finally {
      this.#isBusy = false;
    }
  }
}
