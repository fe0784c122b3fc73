/** One WebSocket of the API: its requests, its subscriptions, and its patience with a slow reader. */
import type { NodeEvent } from "../../events/event.ts";
import type { EventRecord, Tag } from "../../events/record.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { accept } from "../../primitives/result.ts";
import { checkToken, type TokenClaims } from "./access-token.ts";
import { type ApiResult, fault } from "./api-error.ts";
import type { EventFilter } from "./api-types.ts";
import { answerText, type DispatchParts, errorObject } from "./dispatch.ts";
import { tagOf } from "./event-methods.ts";
import { writeJson } from "./json-text.ts";
import type { Caller, SocketDoor } from "./method.ts";
import type { NitroNotifier } from "./nitro-notifier.ts";
import { eventView } from "./views.ts";

/** Why the server ends a WebSocket, by close code. Those from 4000 on are free for programs. Source: RFC 6455. */
export const CLOSE = {
  /** The node stops. */
  goingAway: 1_001,
  /** No valid token within ten seconds, or one that has expired since. */
  unauthorized: 4_001,
  /** It reads too slowly. */
  tooSlow: 4_008,
} as const;

/** Milliseconds in which somebody without a token has to show one. */
const AUTHENTICATION_MS = 10_000;

/** Subscriptions of one WebSocket. */
const SUBSCRIPTIONS_MAX = 16;

/** Requests of one WebSocket that are worked on at once. */
const REQUESTS_MAX = 64;

/** Bytes on their way to the reader beyond which its subscriptions wait: 256 KiB. */
const PAUSE_BYTES = 262_144;

/** Bytes beyond which it is cut off: 4 MiB. Only answers and go-nitro's notifications, which cannot wait, get there. */
const CUT_BYTES = 4 * 2 ** 20;

/** Milliseconds that a reader may take nothing while its subscriptions wait. */
const PATIENCE_MS = 60_000;

/** The socket itself, as far as it is used here. */
export type RawSocket = {
  readonly send: (text: string) => unknown;
  readonly getBufferedAmount: () => number;
  readonly close: (code?: number, reason?: string) => void;
};

/** What a WebSocket is made from. */
export type SocketParts = {
  readonly dispatch: DispatchParts;
  readonly clock: Clock;
  readonly notifier: NitroNotifier;
  readonly caller: Caller;
  /** True for go-nitro's clients, which hear everything without asking. */
  readonly isNotified: boolean;
  /** True where go-nitro's clients are let in without a token. */
  readonly isOpen: boolean;
  /** Subscriptions may lag behind the log by so many records; the store's own limit where absent. */
  readonly lagMax: number | undefined;
};

/** One connection, from its opening to its end. */
export class ApiSocket {
  readonly #parts: SocketParts;
  readonly #subscriptions = new Map<number, () => void>();
  readonly #waiting = new Set<() => void>();
  #socket: RawSocket | undefined;
  #claims: TokenClaims | undefined;
  #cancelDeadline: CancelTimer = () => {};
  #stopNotifying: () => void = () => {};
  #count = 0;
  #underWay = 0;

  constructor(parts: SocketParts) {
    this.#parts = parts;
    this.#claims = parts.caller.claims;
  }

  /** Bytes on their way to the reader. */
  get bufferedBytes(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  /** The connection is there. */
  open(socket: RawSocket): void {
    this.#socket = socket;
    const { clock, isOpen } = this.#parts;
    if (this.#claims !== undefined || isOpen) this.#notify();
    if (this.#claims !== undefined || isOpen) return;
    this.#cancelDeadline = clock.after(AUTHENTICATION_MS, () =>
      this.#end(CLOSE.unauthorized, "no token was shown in time"),
    );
  }

  /** The reader has taken what was on its way. */
  drained(): void {
    for (const goOn of this.#waiting) goOn();
    this.#waiting.clear();
  }

  /** The connection is gone. */
  closed(): void {
    this.#socket = undefined;
    this.#cancelDeadline();
    this.#stopNotifying();
    for (const end of this.#subscriptions.values()) end();
    this.#subscriptions.clear();
    this.drained();
  }

  /** Ends the connection, because the node stops. */
  stop(): void {
    this.#end(CLOSE.goingAway, "the node stops");
  }

  async received(text: string): Promise<void> {
    if (this.#underWay >= REQUESTS_MAX) {
      const error = errorObject({ error: "TooManyRequests", data: { retryAfterMs: 1_000 } });
      this.#send(writeJson({ jsonrpc: "2.0", id: null, error }));
      return;
    }
    this.#underWay += 1;
    const caller = { ...this.#parts.caller, claims: this.#validClaims(), socket: this.#door };
    const answer = await answerText(this.#parts.dispatch, text, caller);
    this.#underWay -= 1;
    this.#send(answer);
  }

  readonly #door: SocketDoor = {
    authenticate: (token) => this.#authenticate(token),
    subscribe: (filter, from) => this.#subscribe(filter, from),
    unsubscribe: (subscription) => {
      const end = this.#subscriptions.get(subscription);
      end?.();
      return this.#subscriptions.delete(subscription);
    },
  };

  #authenticate(token: string): ApiResult<TokenClaims> {
    const { nowMs, secret } = this.#parts.dispatch;
    const claims = checkToken(secret, token, nowMs());
    if (!claims.ok) return fault("InvalidToken", { code: claims.reason.code });
    this.#claims = claims.value;
    this.#cancelDeadline();
    this.#notify();
    return claims;
  }

  /** A token that has ended since is none. */
  #validClaims(): TokenClaims | undefined {
    const { nowMs } = this.#parts.dispatch;
    const ended = this.#claims !== undefined && nowMs() >= this.#claims.expiresAtSec * 1_000;
    return ended ? undefined : this.#claims;
  }

  #notify(): void {
    if (!this.#parts.isNotified) return;
    this.#stopNotifying();
    this.#stopNotifying = this.#parts.notifier.listen((text) => this.#send(text));
  }

  #subscribe(filter: EventFilter, from: number): ApiResult<number> {
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      return fault("TooLarge", { what: "subscriptions", max: SUBSCRIPTIONS_MAX });
    }
    this.#count += 1;
    const subscription = this.#count;
    const { store } = this.#parts.dispatch.context.node;
    const tag = tagOf(filter);
    const end = store.subscribe(
      from,
      (record) => this.#tell(subscription, tag, record),
      () => this.#end(CLOSE.tooSlow, "too far behind the log"),
      this.#parts.lagMax,
    );
    this.#subscriptions.set(subscription, end);
    return accept(subscription);
  }

  #tell(
    subscription: number,
    tag: Tag | undefined,
    record: EventRecord<NodeEvent>,
  ): void | Promise<void> {
    const { store } = this.#parts.dispatch.context.node;
    if (tag !== undefined && !store.tagsOf(record.event).includes(tag)) return;
    if (this.#validClaims() === undefined) {
      this.#end(CLOSE.unauthorized, "the token has ended");
      return;
    }
    const params = { subscription, event: eventView(record) };
    this.#send(writeJson({ jsonrpc: "2.0", method: "events_event", params }));
    const buffered = this.#socket?.getBufferedAmount() ?? 0;
    if (buffered > PAUSE_BYTES) return this.#untilDrained();
  }

  /** Nothing more is read from the log for this reader meanwhile. */
  async #untilDrained(): Promise<void> {
    let cancel: CancelTimer = () => {};
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      cancel = this.#parts.clock.after(PATIENCE_MS, () =>
        this.#end(CLOSE.tooSlow, "nothing was taken for a minute"),
      );
    });
    cancel();
  }

  #send(text: string): void {
    if (this.#socket === undefined) return;
    this.#socket.send(text);
    if (this.#socket.getBufferedAmount() > CUT_BYTES) this.#end(CLOSE.tooSlow, "reads too slowly");
  }

  #end(code: number, reason: string): void {
    this.#socket?.close(code, reason);
    this.closed();
  }
}
