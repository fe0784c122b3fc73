/** How often somebody may ask: a bucket of tokens for each name, which fills up again as time passes. */

/** Requests a second, and how many may come at once after a pause. */
export type Rate = { readonly perSecond: number; readonly burst: number };

type Bucket = { tokens: number; atMs: number };

/** Names that are remembered: 1,024. With more, the one that was silent longest starts anew, with a full bucket. */
const NAMES_MAX = 1_024;

/** Buckets by name. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Names that are remembered now. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes `count` tokens. Gives 0, or the milliseconds until there will be as many; then nothing was taken. */
  take(name: string, count: number, nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    const known = this.#buckets.get(name) ?? { tokens: burst, atMs: nowMs };
    // A clock that stepped back gives nothing, and takes nothing.
    const passedMs = Math.max(0, nowMs - known.atMs);
    const tokens = Math.min(burst, known.tokens + (passedMs * perSecond) / 1_000);
    const isEnough = tokens >= count;
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isEnough ? tokens - count : tokens, atMs: nowMs });
    this.#forgetOldest();
    return isEnough ? 0 : Math.ceil(((count - tokens) * 1_000) / perSecond);
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > NAMES_MAX && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
