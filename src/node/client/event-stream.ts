/** The events of a node as a stream that outlives its connections. */
import type { EventView } from "../api/api-types.ts";
import { parseJson, writeJson } from "../api/json-text.ts";
import type { ClientOptions, FollowOptions } from "./client-options.ts";
import { NodeCallError, resultIn } from "./node-call-error.ts";

/** Milliseconds before a lost connection is made anew: 0.25 seconds, then twice as long, up to 15 seconds. */
const RETRY_MS = { first: 250, max: 15_000 } as const;

/** Events that wait for a reader before the connection is given up: it is made anew from where the reader is. */
const WAITING_MAX = 10_000;

/** How one connection ended. */
type Ended = { readonly why: string };

/** Follows the log. See `NodeClient.events`. */
export async function* followEvents(
  client: ClientOptions,
  options: FollowOptions,
): AsyncGenerator<EventView> {
  const { signal } = options;
  let from = options.from;
  let pauseMs: number = RETRY_MS.first;
  while (!isOver(signal)) {
    const connection = new Connection(client, { ...options, from });
    let ended: Ended | undefined;
    try {
      from = await connection.start();
      for await (const event of connection.events()) {
        from = event.offset + 1;
        pauseMs = RETRY_MS.first;
        yield event;
      }
      ended = connection.ended;
    } finally {
      connection.close();
    }
    if (isOver(signal)) return;
    options.onLost?.(ended?.why ?? "the connection was lost");
    await pause(pauseMs, signal);
    pauseMs = Math.min(RETRY_MS.max, pauseMs * 2);
  }
}

const isOver = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** One WebSocket with one subscription. */
class Connection {
  readonly #options: FollowOptions;
  readonly #socket: WebSocket;
  readonly #token: string | undefined;
  #waiting: EventView[] = [];
  #wakeUp: () => void = () => {};
  #ended: Ended | undefined;
  #started: { resolve: (from: number) => void; reject: (error: unknown) => void } | undefined;

  constructor({ isOwn = false, token, url }: ClientOptions, options: FollowOptions) {
    this.#options = options;
    this.#token = token;
    const place = new URL("/api/v1/subscribe?notifications=none", url);
    place.protocol = place.protocol.replace("http", "ws");
    this.#socket = new WebSocket(place, isOwn ? { tls: { rejectUnauthorized: false } } : {});
    options.signal?.addEventListener("abort", () => this.close());
  }

  get ended(): Ended | undefined {
    return this.#ended;
  }

  /** Resolves with the offset of the first event, once the node has agreed; or when the connection has failed. */
  start(): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
      this.#socket.onopen = () => this.#ask();
      this.#socket.onmessage = ({ data }) => this.#received(String(data));
      this.#socket.onerror = () => this.#end("the node cannot be reached");
      this.#socket.onclose = ({ reason }) =>
        this.#end(reason === "" ? "the connection was lost" : reason);
      this.#onEnd = () => resolve(this.#options.from);
    });
  }

  #onEnd: () => void = () => {};

  async *events(): AsyncGenerator<EventView> {
    while (true) {
      const waiting = this.#waiting;
      this.#waiting = [];
      yield* waiting;
      if (this.#waiting.length > 0) continue;
      if (this.#ended !== undefined) return;
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
    }
  }

  close(): void {
    this.#end("closed");
    this.#socket.close();
  }

  /** The token first: then the node has it before it reads the subscription. */
  #ask(): void {
    const { channelId, from, objectiveId, peer } = this.#options;
    const params = { channelId, from, objectiveId, peer };
    if (this.#token !== undefined) this.#send(1, "session_authenticate", { token: this.#token });
    this.#send(2, "events_subscribe", params);
  }

  #send(id: number, method: string, params: unknown): void {
    this.#socket.send(writeJson({ jsonrpc: "2.0", id, method, params }));
  }

  #received(text: string): void {
    const message = parseJson(text) as {
      readonly id?: number;
      readonly method?: string;
      readonly params?: { readonly event: EventView };
    };
    if (message.method === "events_event" && message.params !== undefined) {
      this.#take(message.params.event);
      return;
    }
    if (message.method !== undefined) return;
    try {
      const result = resultIn(message) as { readonly from?: number };
      if (message.id === 2) this.#started?.resolve(result.from ?? 0);
    } catch (error) {
      this.#started?.reject(
        error instanceof NodeCallError ? error : new NodeCallError("NotANode", text),
      );
    }
  }

  #take(event: EventView): void {
    this.#waiting.push(event);
    this.#wakeUp();
    if (this.#waiting.length > WAITING_MAX) this.#socket.close();
  }

  #end(why: string): void {
    this.#ended ??= { why };
    this.#onEnd();
    this.#wakeUp();
  }
}
