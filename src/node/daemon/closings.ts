/** What was opened while something started, to be closed the other way round. */

/** Closes one thing. */
export type Closing = () => unknown;

/** Things that are open. */
export class Closings {
  #open: Closing[] = [];

  /** Something was opened: this closes it. */
  add(closing: Closing): void {
    this.#open.push(closing);
  }

  /** Closes everything, the newest first, whatever one of them throws; throws the first such error. */
  async closeAll(): Promise<void> {
    const open = this.#open.reverse();
    this.#open = [];
    let failure: { readonly error: unknown } | undefined;
    for (const closing of open) {
      try {
        await closing();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }
}
