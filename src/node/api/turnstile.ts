/** Lets few in at once: for work that costs more than its request. */
import { type ApiResult, fault } from "./api-error.ts";

/** Milliseconds after which whoever was turned away may try again. */
const RETRY_MS = 1_000;

/** One for each kind of work. */
export class Turnstile {
  readonly #atOnceMax: number;
  #inside = 0;

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  /** Does the work, or says that others are at it. */
  async enter<Value>(work: () => Promise<ApiResult<Value>>): Promise<ApiResult<Value>> {
    if (this.#inside >= this.#atOnceMax)
      return fault("TooManyRequests", { retryAfterMs: RETRY_MS });
    this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
    }
  }
}
