/** What strangers may ask of this node now: so many handshakes in a second for one endpoint, and for all. */
import type { Endpoint } from "../../ports/transport.ts";
import {
  type BucketSize,
  ENDPOINT_RATE,
  ENDPOINTS_MAX,
  HINT_RATE,
  KNOWN_RATE,
  STRANGERS_RATE,
} from "./secure-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The rates of a node. What it remembers of endpoints is bounded. */
export class Admission {
  /** In the order of their last handshake. */
  readonly #endpoints = new Map<Endpoint, TokenBucket>();
  readonly #strangers: TokenBucket;
  readonly #known: TokenBucket;
  readonly #hints: TokenBucket;

  constructor(nowMs: number, strangersRate: BucketSize = STRANGERS_RATE) {
    this.#strangers = new TokenBucket(strangersRate, nowMs);
    this.#known = new TokenBucket(KNOWN_RATE, nowMs);
    this.#hints = new TokenBucket(HINT_RATE, nowMs);
  }

  /** Endpoints that are remembered. */
  get size(): number {
    return this.#endpoints.size;
  }

  /** True for a handshake that may begin. One who is known takes nothing from what strangers share. */
  admits(endpoint: Endpoint, isKnown: boolean, nowMs: number): boolean {
    const bucket = this.#endpoints.get(endpoint) ?? new TokenBucket(ENDPOINT_RATE, nowMs);
    this.#endpoints.delete(endpoint);
    this.#endpoints.set(endpoint, bucket);
    const [oldest] = this.#endpoints.keys();
    if (this.#endpoints.size > ENDPOINTS_MAX && oldest !== undefined)
      this.#endpoints.delete(oldest);
    return bucket.take(1, nowMs) && (isKnown ? this.#known : this.#strangers).take(1, nowMs);
  }

  /** True when this node may tell somebody that a session is unknown. */
  allowsHint(nowMs: number): boolean {
    return this.#hints.take(1, nowMs);
  }

  /** The connection with an endpoint is gone. Its name may never come again. */
  forget(endpoint: Endpoint): void {
    this.#endpoints.delete(endpoint);
  }
}
