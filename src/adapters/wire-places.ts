/** The places that a wire dials: one attempt at a time for each, backed off from when it fails. */
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { Endpoint } from "../ports/transport.ts";
import { backOffMs } from "./wire-back-off.ts";
import type { ChunkPool } from "./wire-chunks.ts";
import type { Pipe, WireConnection } from "./wire-connection.ts";
import type { WireCounters } from "./wire-counters.ts";
import { FrameQueue } from "./wire-frame-queue.ts";
import type { WireLimits } from "./wire-limits.ts";
import { WirePlace } from "./wire-place.ts";

/**
 * Connects to a place. `opened` is called at most once, before the promise is settled, and gives the connection that
 * is to be fed; undefined when nobody wants it any more, and the pipe is to be terminated. Rejects when it fails.
 */
export type Dial = (
  place: Endpoint,
  opened: (pipe: Pipe) => WireConnection | undefined,
  signal: AbortSignal,
) => Promise<unknown>;

/** What the places of a wire need of it. */
export type PlacesOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: WireLimits;
  readonly counters: WireCounters;
  readonly pool: ChunkPool;
  readonly dial: Dial;
  /** Makes the connection of a pipe, with the frames that have waited for it. */
  readonly connect: (place: Endpoint, pipe: Pipe, waiting: FrameQueue) => WireConnection;
  /** Hears that what waited for a place is lost. */
  readonly onLost: (place: Endpoint) => void;
};

/** All places of one wire. */
export class WirePlaces {
  readonly #options: PlacesOptions;
  readonly #places = new Map<Endpoint, WirePlace>();

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  get waitingBytes(): number {
    let sum = 0;
    for (const place of this.#places.values()) {
      if (place.state.type !== "Connected") sum += place.waiting.sizeBytes;
    }
    return sum;
  }

  /** Keeps a frame for a place that is not connected, and dials it if that may be. */
  send(endpoint: Endpoint, frame: Uint8Array): void {
    const { counters, limits } = this.#options;
    const place = this.#places.get(endpoint) ?? this.#add(endpoint);
    if (place === undefined) {
      counters.count("TooManyPlaces");
      return;
    }
    const isTaken = place.waiting.add(frame, limits.waitingBytesMax);
    counters.count(isTaken ? "FrameSent" : "FrameDropped");
    if (place.state.type === "Idle") this.#dial(endpoint, place);
  }

  /** The connection with a place has ended. It proved to be alive if it has ever sent a frame. */
  lost(endpoint: Endpoint, wasAlive: boolean): void {
    const place = this.#places.get(endpoint);
    if (place === undefined) return;
    if (wasAlive) place.failures = 0;
    this.#backOff(endpoint, place);
  }

  /** Forgets what waits for a place, and gives up an attempt to reach it. */
  drop(endpoint: Endpoint): void {
    const place = this.#places.get(endpoint);
    if (place === undefined) return;
    place.waiting.clear();
    if (place.state.type === "Dialing") this.#backOff(endpoint, place);
  }

  tick(): void {
    for (const [endpoint, place] of this.#places) {
      if (place.tick()) this.#places.delete(endpoint);
    }
  }

  close(): void {
    for (const place of this.#places.values()) {
      place.leave();
      place.waiting.clear();
    }
    this.#places.clear();
  }

  #add(endpoint: Endpoint): WirePlace | undefined {
    if (this.#places.size >= this.#options.limits.placesMax) this.#forgetIdle();
    if (this.#places.size >= this.#options.limits.placesMax) return undefined;
    const place = new WirePlace(new FrameQueue(this.#options.pool));
    this.#places.set(endpoint, place);
    return place;
  }

  #forgetIdle(): void {
    for (const [endpoint, place] of this.#places) {
      if (place.state.type === "Idle") this.#places.delete(endpoint);
    }
  }

  #dial(endpoint: Endpoint, place: WirePlace): void {
    const { clock, dial, limits } = this.#options;
    const attempt = new AbortController();
    const isCurrent = (): boolean =>
      place.state.type === "Dialing" && place.state.attempt === attempt;
    const fail = (): void => {
      if (isCurrent()) this.#fail(endpoint, place);
    };
    const cancel = clock.after(limits.dialTimeoutMs, fail);
    place.state = { type: "Dialing", attempt, cancel };
    const opened = (pipe: Pipe): WireConnection | undefined =>
      isCurrent() ? this.#open(endpoint, place, pipe) : undefined;
    // An attempt that succeeds has left its state by then; one that ends otherwise has failed.
    dial(endpoint, opened, attempt.signal).then(fail, fail);
  }

  #open(endpoint: Endpoint, place: WirePlace, pipe: Pipe): WireConnection {
    const { connect, counters, pool } = this.#options;
    counters.count("Dialed");
    if (place.state.type === "Dialing") place.state.cancel();
    place.state = { type: "Connected" };
    // Until it is heard from, the connection counts as one more failure.
    place.failures += 1;
    const { waiting } = place;
    place.waiting = new FrameQueue(pool);
    return connect(endpoint, pipe, waiting);
  }

  #fail(endpoint: Endpoint, place: WirePlace): void {
    const { counters, onLost } = this.#options;
    counters.count("DialFailed");
    place.failures += 1;
    place.waiting.clear();
    this.#backOff(endpoint, place);
    onLost(endpoint);
  }

  #backOff(endpoint: Endpoint, place: WirePlace): void {
    const { clock, random } = this.#options;
    place.leave();
    const delayMs = backOffMs(Math.max(place.failures - 1, 0), random);
    const cancel = clock.after(delayMs, () => {
      place.state = { type: "Idle" };
      if (place.waiting.sizeBytes > 0) this.#dial(endpoint, place);
    });
    place.state = { type: "BackingOff", cancel };
  }
}
