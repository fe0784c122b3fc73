/** What strangers may ask of this node now: so many handshakes in a second for one endpoint, and for all. */
import type { Endpoint } from "../../ports/transport.ts";
import {
  type BucketSize,
  ENDPOINT_RATE,
  ENDPOINTS_MAX,
  HINT_RATE,
  KNOWN_RATE,
  STRANGERS_RATE,
  UNPROVEN_RATE,
} from "./secure-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What one endpoint may do. */
type EndpointRates = { readonly handshakes: TokenBucket; readonly unproven: TokenBucket };

/** The rates of a node. What it remembers of endpoints is bounded. */
export class Admission {
  /** In the order of their last frame that proved nothing. */
  readonly #endpoints = new Map<Endpoint, EndpointRates>();
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
    const { handshakes } = this.#ratesOf(endpoint, nowMs);
    return handshakes.take(1, nowMs) && (isKnown ? this.#known : this.#strangers).take(1, nowMs);
  }

  /** True for one more frame that proves nothing. False when an endpoint has brought too many of them. */
  bears(endpoint: Endpoint, nowMs: number): boolean {
    return this.#ratesOf(endpoint, nowMs).unproven.take(1, nowMs);
  }

  /** True when this node may tell somebody that a session is unknown. */
  allowsHint(nowMs: number): boolean {
    return this.#hints.take(1, nowMs);
  }

  /** The connection with an endpoint is gone. Its name may never come again. */
  forget(endpoint: Endpoint): void {
    this.#endpoints.delete(endpoint);
  }

  /** The rates of an endpoint, which is now the newest. The oldest makes room. */
  #ratesOf(endpoint: Endpoint, nowMs: number): EndpointRates {
    const rates = this.#endpoints.get(endpoint) ?? {
      handshakes: new TokenBucket(ENDPOINT_RATE, nowMs),
      unproven: new TokenBucket(UNPROVEN_RATE, nowMs),
    };
    this.#endpoints.delete(endpoint);
    this.#endpoints.set(endpoint, rates);
    const [oldest] = this.#endpoints.keys();
    if (this.#endpoints.size > ENDPOINTS_MAX && oldest !== undefined)
      this.#endpoints.delete(oldest);
    return rates;
  }
}
