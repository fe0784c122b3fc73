/** A transport over connections, whatever they are made of: who is connected, what waits, and what becomes too much. */
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { RawTransport } from "../ports/raw-transport.ts";
import type { Endpoint, Transport } from "../ports/transport.ts";
import { ChunkPool } from "./wire-chunks.ts";
import { type Pipe, TICK_MS, WireConnection } from "./wire-connection.ts";
import { type WireCode, WireCounters } from "./wire-counters.ts";
import { FrameQueue } from "./wire-frame-queue.ts";
import type { WireLimits } from "./wire-limits.ts";
import { type Dial, WirePlaces } from "./wire-places.ts";

/** What tells one kind of wire from another. */
export type WireOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: WireLimits;
  /** Begins the endpoints of connections that others have opened: `tcp-in`. */
  readonly inboundPrefix: string;
  /** True for endpoints that `dial` understands. */
  readonly isPlace: (endpoint: Endpoint) => boolean;
  readonly dial: Dial;
};

type OnFrame = (from: Endpoint, frame: Uint8Array) => void;
type OnLost = (endpoint: Endpoint) => void;

/** The connections of one node, of one kind. */
export class Wire {
  readonly #options: WireOptions;
  readonly #counters = new WireCounters();
  readonly #pool: ChunkPool;
  readonly #places: WirePlaces;
  readonly #connections = new Map<Endpoint, WireConnection>();
  readonly #perHost = new Map<string, number>();
  readonly #unflushed = new Set<WireConnection>();
  #inbound = 0;
  #lastInbound = 0;
  #cancelTick: CancelTimer | undefined;
  #isClosed = false;
  #onFrame: OnFrame | undefined;
  #onLost: OnLost = () => undefined;

  constructor(options: WireOptions) {
    const { clock, dial, limits, random } = options;
    this.#options = options;
    this.#pool = new ChunkPool(limits.totalQueuedBytesMax);
    this.#places = new WirePlaces({
      clock,
      random,
      limits,
      counters: this.#counters,
      pool: this.#pool,
      dial,
      connect: (place, pipe, waiting) => this.#connect(place, undefined, pipe, waiting),
      onLost: (place) => this.#onLost(place),
    });
  }

  /** The wire as the one who opened it sees it. `places` and the end of what lies below are the adapter's. */
  rawTransport(places: readonly Endpoint[], closeBelow: () => Promise<void>): RawTransport {
    return {
      transport: this.#transport(),
      places,
      connectionCount: () => this.#connections.size,
      queuedBytes: () => this.#queuedBytes(),
      counters: () => this.#counters.all(),
      trust: (endpoint) => this.#connections.get(endpoint)?.trust(),
      close: () => {
        this.#close();
        return closeBelow();
      },
    };
  }

  /** Takes a connection that another has opened; undefined when there are too many, and the pipe was terminated. */
  accept(pipe: Pipe, host: string): WireConnection | undefined {
    const refusal = this.#refusal(host);
    if (refusal !== undefined) {
      this.#counters.count(refusal);
      pipe.terminate();
      return undefined;
    }
    this.#counters.count("Accepted");
    this.#inbound += 1;
    this.#perHost.set(host, (this.#perHost.get(host) ?? 0) + 1);
    const endpoint = `${this.#options.inboundPrefix}:${++this.#lastInbound}`;
    return this.#connect(endpoint, host, pipe, new FrameQueue(this.#pool));
  }

  /** The other end, or the world between, has ended a connection. Saying so again does nothing. */
  ended(connection: WireConnection): void {
    if (connection.isOpen) this.#lose(connection, "Lost");
  }

  #transport(): Transport {
    return {
      send: (to, frame) => this.#send(to, frame),
      listen: (onFrame, onLost) => {
        this.#onFrame = onFrame;
        if (onLost !== undefined) this.#onLost = onLost;
      },
      drop: (endpoint) => this.#drop(endpoint),
    };
  }

  #send(to: Endpoint, frame: Uint8Array): void {
    if (this.#isClosed) return;
    const connection = this.#connections.get(to);
    if (frame.length > this.#options.limits.frameSizeMax) this.#counters.count("FrameRefused");
    else if (connection !== undefined) this.#sendOn(connection, frame);
    else if (this.#options.isPlace(to)) this.#sendToPlace(to, frame);
    else this.#counters.count("NowhereToSend");
  }

  #sendToPlace(to: Endpoint, frame: Uint8Array): void {
    this.#places.send(to, frame);
    this.#keepTicking();
  }

  #sendOn(connection: WireConnection, frame: Uint8Array): void {
    this.#counters.count(connection.send(frame) ? "FrameSent" : "FrameDropped");
    if (this.#unflushed.size === 0) queueMicrotask(() => this.#flush());
    this.#unflushed.add(connection);
  }

  /** Frames that were sent one after the other go out in one write. */
  #flush(): void {
    for (const connection of this.#unflushed) connection.flush();
    this.#unflushed.clear();
  }

  #drop(endpoint: Endpoint): void {
    this.#places.drop(endpoint);
    const connection = this.#connections.get(endpoint);
    if (connection === undefined) return;
    this.#remove(connection);
    connection.end();
    this.#places.lost(endpoint, connection.hasFrame);
  }

  #connect(
    endpoint: Endpoint,
    host: string | undefined,
    pipe: Pipe,
    queue: FrameQueue,
  ): WireConnection {
    const connection = new WireConnection({
      endpoint,
      host,
      pipe,
      queue,
      limits: this.#options.limits,
      onFrame: (from, frame) => this.#receive(from, frame),
      onFault: (faulty, code) => this.#lose(faulty, code),
    });
    this.#connections.set(endpoint, connection);
    this.#keepTicking();
    connection.flush();
    return connection;
  }

  #receive(from: WireConnection, frame: Uint8Array): void {
    this.#counters.count(this.#onFrame === undefined ? "FrameUnheard" : "FrameReceived");
    this.#onFrame?.(from.endpoint, frame);
  }

  #lose(connection: WireConnection, code: WireCode): void {
    this.#counters.count(code);
    this.#remove(connection);
    connection.terminate();
    this.#places.lost(connection.endpoint, connection.hasFrame);
    this.#onLost(connection.endpoint);
  }

  #remove({ endpoint, host }: WireConnection): void {
    this.#connections.delete(endpoint);
    if (host === undefined) return;
    this.#inbound -= 1;
    const left = (this.#perHost.get(host) ?? 0) - 1;
    if (left > 0) this.#perHost.set(host, left);
    else this.#perHost.delete(host);
  }

  #refusal(host: string): WireCode | undefined {
    const { inboundMax, inboundPerHostMax } = this.#options.limits;
    if (this.#inbound >= inboundMax || this.#isClosed) return "RefusedFull";
    return (this.#perHost.get(host) ?? 0) >= inboundPerHostMax ? "RefusedHostFull" : undefined;
  }

  #queuedBytes(): number {
    let sum = this.#places.waitingBytes;
    for (const connection of this.#connections.values()) sum += connection.queuedBytes;
    return sum;
  }

  /** A wire without connections and places has no timer. */
  #keepTicking(): void {
    if (this.#cancelTick !== undefined || this.#isClosed) return;
    if (this.#connections.size === 0 && this.#places.isEmpty) return;
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => {
      this.#cancelTick = undefined;
      for (const connection of [...this.#connections.values()]) connection.tick();
      this.#places.tick();
      this.#keepTicking();
    });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTick?.();
    this.#places.close();
    for (const connection of this.#connections.values()) connection.end();
    this.#connections.clear();
    this.#perHost.clear();
    this.#inbound = 0;
  }
}
