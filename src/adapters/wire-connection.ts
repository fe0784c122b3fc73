/** One connection of a wire: bytes in become frames, frames out become bytes, and both are bounded. */
import type { Endpoint } from "../ports/transport.ts";
import { CHUNK_BYTES } from "./wire-chunks.ts";
import type { WireCode } from "./wire-counters.ts";
import type { FrameQueue } from "./wire-frame-queue.ts";
import { FrameReader } from "./wire-frame-reader.ts";
import type { WireLimits } from "./wire-limits.ts";

/** What a socket, or a stream, can do. None of it throws. */
export type Pipe = {
  /** Takes as many of the bytes as there is room for, and says how many. They are copied, or gone, when it returns. */
  readonly write: (bytes: Uint8Array) => number;
  /** Ends the connection once what it took has gone out. */
  readonly end: () => void;
  /** Ends the connection at once. */
  readonly terminate: () => void;
};

/** What one connection is made of. */
export type ConnectionOptions = {
  readonly endpoint: Endpoint;
  /** Who shares the limit of connections with it: a host. Undefined for a connection that we have opened. */
  readonly host: string | undefined;
  readonly pipe: Pipe;
  readonly queue: FrameQueue;
  readonly limits: WireLimits;
  /** Hears each frame, and why the connection must end, which happens at most once. */
  readonly onFrame: (connection: WireConnection, frame: Uint8Array) => void;
  readonly onFault: (connection: WireConnection, code: WireCode) => void;
};

/** Time on a wire is counted in ticks of one second: it never steps back, and a sleeping machine costs nobody anything. */
export const TICK_MS = 1_000;

/** Frames to and from one other end, until one of the two ends it. */
export class WireConnection {
  readonly endpoint: Endpoint;
  readonly host: string | undefined;
  readonly #options: ConnectionOptions;
  readonly #reader: FrameReader;
  #isOpen = true;
  #isTrusted: boolean;
  #hasFrame = false;
  #strangersFrames = 0;
  #openTicks = 0;
  #writeTicks = 0;
  #frameTicks = 0;

  constructor(options: ConnectionOptions) {
    const { endpoint, host, limits } = options;
    this.endpoint = endpoint;
    this.host = host;
    this.#options = options;
    // Whom we have dialed we have chosen; a stranger is who came by himself.
    this.#isTrusted = host === undefined;
    this.#reader = new FrameReader(
      this.#isTrusted ? limits.frameSizeMax : limits.strangers.frameSizeMax,
    );
  }

  /** True once the other end has sent a whole frame. */
  get hasFrame(): boolean {
    return this.#hasFrame;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get queuedBytes(): number {
    return this.#options.queue.sizeBytes;
  }

  trust(): void {
    this.#isTrusted = true;
    this.#reader.sizeMax = this.#options.limits.frameSizeMax;
  }

  /** Takes a frame into the queue; false when there is no room. Write with `flush`. */
  send(frame: Uint8Array): boolean {
    const { limits, queue } = this.#options;
    const most = this.#isTrusted ? limits.queuedBytesMax : limits.strangers.queuedBytesMax;
    const isTaken = queue.add(frame, most);
    // Many frames at once go out while they come, rather than all at their end.
    if (queue.sizeBytes >= CHUNK_BYTES) this.flush();
    return isTaken;
  }

  /** Writes until the other end takes no more. What is left goes out at the next call. */
  flush(): void {
    const { pipe, queue } = this.#options;
    for (let bytes = queue.next(); bytes !== undefined; bytes = queue.next()) {
      const sent = Math.max(0, pipe.write(bytes));
      // A write may find out that the connection is gone, and the queue with it.
      if (!this.#isOpen) return;
      if (sent > 0) this.#writeTicks = 0;
      queue.written(sent);
      if (sent < bytes.length) return;
    }
  }

  /** Takes bytes that came. */
  receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    const reader = this.#reader;
    reader.feed(bytes);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      this.#hasFrame = true;
      this.#frameTicks = 0;
      if (!this.#isTrusted && this.#isOneTooMany()) return;
      this.#options.onFrame(this, frame);
      // Whoever heard the frame may have ended this connection.
      if (!this.#isOpen) return;
    }
    if (reader.claimsTooMuch) this.#options.onFault(this, "FrameTooLarge");
  }

  /** A second has passed: has the other end been too slow? */
  tick(): void {
    const { queue } = this.#options;
    this.#openTicks += 1;
    this.#writeTicks = queue.sizeBytes > 0 ? this.#writeTicks + 1 : 0;
    this.#frameTicks = this.#reader.isMidFrame ? this.#frameTicks + 1 : 0;
    const code = this.#overdue();
    if (code !== undefined) this.#options.onFault(this, code);
  }

  /** Ends it after what is queued, as far as the other end takes that now. */
  end(): void {
    this.flush();
    this.#forget();
    this.#options.pipe.end();
  }

  /** Ends it at once. */
  terminate(): void {
    this.#forget();
    this.#options.pipe.terminate();
  }

  #isOneTooMany(): boolean {
    this.#strangersFrames += 1;
    const isTooMany = this.#strangersFrames > this.#options.limits.strangers.framesMax;
    if (isTooMany) this.#options.onFault(this, "StrangerTooMuch");
    return isTooMany;
  }

  #forget(): void {
    this.#isOpen = false;
    this.#options.queue.clear();
  }

  #overdue(): WireCode | undefined {
    const { halfOpenMs, stalledMs, strangers } = this.#options.limits;
    const isAccepted = this.host !== undefined;
    if (isAccepted && !this.#hasFrame && isOver(this.#openTicks, halfOpenMs)) return "HalfOpen";
    if (!this.#isTrusted && isOver(this.#openTicks, strangers.closedAfterMs)) {
      return "StrangerExpired";
    }
    if (isOver(this.#writeTicks, stalledMs)) return "ReaderStalled";
    if (isOver(this.#frameTicks, stalledMs)) return "FrameStalled";
    return undefined;
  }
}

/** The first tick is only a part of a second. */
function isOver(ticks: number, limitMs: number): boolean {
  return (ticks - 1) * TICK_MS >= limitMs;
}
