/** Handshakes that this node begins, repeated until they end, and begun again until the peer is there. */
import type { Address } from "../../crypto/address.ts";
import type { CancelTimer } from "../../ports/clock.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { viewOf } from "../../primitives/message-pack-reader.ts";
import {
  begin,
  drawIndex,
  type Ends,
  type Handshaker,
  judge,
  knownCode,
  readIntroduction,
  sessionOf,
  writeHello,
  writeRefusal,
} from "./handshaker.ts";
import type { Agreement } from "./introduction.ts";
import { drawKeyPair } from "./key-exchange.ts";
import { type NoiseState, writeNoise } from "./noise-handshake.ts";
import {
  confirmationFrame,
  initiationFrame,
  PADDING_BYTES,
  type SecureFrame,
  TICKET_BYTES,
} from "./secure-frame.ts";
import {
  FORGED_MAX,
  HANDSHAKE_REPEAT_MS,
  HANDSHAKE_TIMEOUT_MS,
  REDIAL_MS,
  REFUSAL_FAILURES,
} from "./secure-limits.ts";
import type { HandshakeRefusal, SecureFaultCode } from "./secure-options.ts";
import type { SecureSession } from "./secure-session.ts";

type Response = SecureFrame & { readonly type: "Response" };

/** One handshake under way. */
type Attempt = {
  readonly endpoint: Endpoint;
  readonly myIndex: number;
  noise: NoiseState;
  /** What is repeated until something comes back. */
  frame: Uint8Array;
  /** What it has come to, from message 3 until the peer shows that it has read it. */
  session: SecureSession | undefined;
  /** Frames that were no answer. */
  forged: number;
  repeatMs: number;
  cancelRepeat: CancelTimer;
  readonly cancelTimeout: CancelTimer;
};

/** A peer that this node wants to reach. */
type Wish = {
  readonly peer: Address;
  /** Where it was last, for one that has no place. */
  fallback: Endpoint | undefined;
  /** Attempts in a row that came to nothing. */
  failures: number;
  attempt: Attempt | undefined;
  cancelWait: CancelTimer | undefined;
};

/** What a dialer needs besides. */
export type DialerOptions = {
  readonly placesOf: (peer: Address) => readonly Endpoint[];
  /** The ticket that a peer gave for the next time; undefined when it gave none. */
  readonly ticketOf: (peer: Address) => Uint8Array | undefined;
  readonly isConnected: (peer: Address) => boolean;
  readonly onSession: (session: SecureSession) => void;
};

const NO_TICKET: Uint8Array = new Uint8Array(TICKET_BYTES);

/** All peers that this node wants to reach. */
export class Dialer {
  readonly #handshaker: Handshaker;
  readonly #options: DialerOptions;
  readonly #wishes = new Map<Address, Wish>();
  readonly #byIndex = new Map<number, Wish>();

  constructor(handshaker: Handshaker, options: DialerOptions) {
    this.#handshaker = handshaker;
    this.#options = options;
  }

  /** Handshakes under way. */
  get size(): number {
    return this.#byIndex.size;
  }

  has(index: number): boolean {
    return this.#byIndex.has(index);
  }

  /** True while a handshake with an endpoint is under way. */
  uses(endpoint: Endpoint): boolean {
    return [...this.#wishes.values()].some(({ attempt }) => attempt?.endpoint === endpoint);
  }

  /**
   * Begins a handshake, unless one is under way or the time for the next one has not come. `fallback` is where
   * a peer without a place was last; without either this node waits until the peer comes.
   */
  want(peer: Address, fallback?: Endpoint): void {
    const wish = this.#wishes.get(peer) ?? newWish(peer);
    this.#wishes.set(peer, wish);
    wish.fallback = fallback;
    if (wish.attempt === undefined && wish.cancelWait === undefined) this.#attempt(wish);
  }

  /** Begins a handshake at once: something has just changed. */
  hurry(peer: Address): void {
    const wish = this.#wishes.get(peer);
    wish?.cancelWait?.();
    if (wish !== undefined) wish.cancelWait = undefined;
    this.want(peer);
  }

  /** A session with the peer begins: the handshake that is under way is not needed. */
  stop(peer: Address): void {
    const wish = this.#wishes.get(peer);
    if (wish === undefined) return;
    this.#end(wish);
    wish.cancelWait?.();
    wish.cancelWait = undefined;
  }

  /** The peer is there to stay: how often it could not be reached before counts no more. */
  forgive(peer: Address): void {
    const wish = this.#wishes.get(peer);
    if (wish !== undefined && wish.attempt === undefined) this.#wishes.delete(peer);
  }

  /** Begins a handshake after a while, as if an attempt had failed, or `failuresMin` of them. */
  retry(peer: Address, failuresMin: number): void {
    const wish = this.#wishes.get(peer) ?? newWish(peer);
    this.#wishes.set(peer, wish);
    wish.cancelWait?.();
    this.#fail(wish, failuresMin);
  }

  /** The same after a refusal, of either side: what it was about will not change at once. */
  retryLate(peer: Address): void {
    this.retry(peer, REFUSAL_FAILURES);
  }

  /** The peer must not be reached any more. */
  forget(peer: Address): void {
    this.stop(peer);
    this.#wishes.delete(peer);
  }

  /** The session that a frame belongs to, while the peer has not yet shown that it has read message 3. */
  unconfirmed(index: number): SecureSession | undefined {
    return this.#byIndex.get(index)?.attempt?.session;
  }

  /** The peer answers, so that it is there: what it says decides. */
  takeResponse(endpoint: Endpoint, { message, receiverIndex, senderIndex }: Response): void {
    const wish = this.#byIndex.get(receiverIndex);
    const attempt = wish?.attempt;
    if (wish === undefined || attempt === undefined || attempt.endpoint !== endpoint) {
      this.#report("SessionUnknown", endpoint, undefined);
      return;
    }
    // A copy of the answer that was read already.
    if (attempt.session !== undefined) return;
    const read = attempt.forged < FORGED_MAX ? readIntroduction(attempt.noise, message) : undefined;
    if (read === undefined) {
      attempt.forged += 1;
      this.#report("FrameForged", endpoint, undefined);
      return;
    }
    const { hash, introduction, state } = read;
    const ends = { endpoint, myIndex: attempt.myIndex, peerIndex: senderIndex };
    if (introduction?.type !== "Hello") {
      this.#refuse(wish, state, { code: "HandshakeMalformed", peerIndex: senderIndex });
      return;
    }
    const judged = judge(this.#handshaker, introduction, { role: "responder", hash });
    const isOther = introduction.address !== wish.peer;
    const code = judged.ok ? (isOther ? "WrongPeer" : undefined) : judged.reason.code;
    if (code !== undefined) this.#refuse(wish, state, { code, peerIndex: senderIndex });
    else if (judged.ok) this.#confirm(wish, { state, ends, agreement: judged.value });
  }

  /** The peer has read message 3, and goes along. */
  confirmed(index: number): void {
    const wish = this.#byIndex.get(index);
    const session = wish?.attempt?.session;
    if (wish === undefined || session === undefined) return;
    this.#end(wish);
    this.#options.onSession(session);
  }

  /** The peer has read message 3, and refuses. */
  refused(index: number, code: string): void {
    const wish = this.#byIndex.get(index);
    if (wish?.attempt === undefined) return;
    const { endpoint } = wish.attempt;
    const detail = knownCode(code);
    this.#handshaker.report({ code: "RefusedByPeer", endpoint, peer: wish.peer, detail });
    this.#fail(wish, REFUSAL_FAILURES);
  }

  /** The connection with an endpoint is gone. */
  lost(endpoint: Endpoint): void {
    for (const wish of this.#wishes.values()) {
      if (wish.attempt?.endpoint === endpoint) this.#fail(wish);
    }
  }

  /** Ends all. */
  close(): void {
    for (const peer of [...this.#wishes.keys()]) this.forget(peer);
  }

  #attempt(wish: Wish): void {
    const handshaker = this.#handshaker;
    const { clock, isWelcome, random } = handshaker;
    const endpoint = this.#placeOf(wish);
    // A peer that is banned, or for which there is no room, may be welcome later.
    if (endpoint === undefined || !isWelcome(wish.peer)) {
      this.#fail(wish);
      return;
    }
    const myIndex = drawIndex(handshaker);
    const start = begin(handshaker, "initiator", drawKeyPair(random));
    const written = writeNoise(start, () => new Uint8Array(PADDING_BYTES));
    const { message, state } = assertDefined(written, "message 1, in which no keys meet");
    const ticket = this.#options.ticketOf(wish.peer) ?? NO_TICKET;
    const attempt: Attempt = {
      endpoint,
      myIndex,
      noise: state,
      frame: initiationFrame(myIndex, ticket, message),
      session: undefined,
      forged: 0,
      repeatMs: HANDSHAKE_REPEAT_MS,
      cancelRepeat: () => undefined,
      cancelTimeout: clock.after(HANDSHAKE_TIMEOUT_MS, () => this.#timeOut(wish, endpoint)),
    };
    wish.attempt = attempt;
    this.#byIndex.set(myIndex, wish);
    this.#transmit(attempt);
  }

  #placeOf({ failures, fallback, peer }: Wish): Endpoint | undefined {
    const places = this.#options.placesOf(peer);
    return places[failures % Math.max(places.length, 1)] ?? fallback;
  }

  #transmit(attempt: Attempt): void {
    const { clock, send } = this.#handshaker;
    attempt.cancelRepeat = clock.after(attempt.repeatMs, () => this.#transmit(attempt));
    attempt.repeatMs *= 2;
    send(attempt.endpoint, attempt.frame);
  }

  #confirm(
    wish: Wish,
    {
      agreement,
      ends,
      state,
    }: {
      readonly state: NoiseState;
      readonly ends: Ends;
      readonly agreement: Agreement;
    },
  ): void {
    const written = writeHello(this.#handshaker, state);
    if (written === undefined) {
      this.#report("HandshakeMalformed", ends.endpoint, wish.peer);
      this.#fail(wish, REFUSAL_FAILURES);
      return;
    }
    const who = { ...ends, agreement, peer: wish.peer };
    const session = sessionOf(this.#handshaker, written.state, who);
    this.#sayNow(wish, confirmationFrame(ends.peerIndex, written.message), session);
  }

  #sayNow(wish: Wish, frame: Uint8Array, session: SecureSession): void {
    const attempt = assertDefined(wish.attempt, "an attempt that was answered");
    attempt.cancelRepeat();
    attempt.session = session;
    attempt.frame = frame;
    attempt.repeatMs = HANDSHAKE_REPEAT_MS;
    this.#transmit(attempt);
  }

  /** The other side hears why, and learns nothing of who this node is. */
  #refuse(
    wish: Wish,
    state: NoiseState,
    { code, peerIndex }: { readonly code: HandshakeRefusal; readonly peerIndex: number },
  ): void {
    const { endpoint } = assertDefined(wish.attempt, "an attempt that was answered");
    this.#report(code, endpoint, wish.peer);
    const written = writeRefusal(state, code);
    if (written !== undefined) {
      this.#handshaker.send(endpoint, confirmationFrame(peerIndex, written.message));
    }
    this.#fail(wish, REFUSAL_FAILURES);
  }

  #timeOut(wish: Wish, endpoint: Endpoint): void {
    this.#report("HandshakeTimedOut", endpoint, wish.peer);
    this.#fail(wish);
  }

  /** Tries again later, if there is a place and nobody has come meanwhile. */
  #fail(wish: Wish, failuresMin = 0): void {
    const { clock } = this.#handshaker;
    const { isConnected, placesOf } = this.#options;
    const endpoint = wish.attempt?.endpoint;
    this.#end(wish);
    wish.failures = Math.max(wish.failures + 1, failuresMin);
    if (endpoint !== undefined) this.#handshaker.release(endpoint);
    wish.cancelWait = undefined;
    if (isConnected(wish.peer)) return;
    if (placesOf(wish.peer).length === 0) {
      this.#wishes.delete(wish.peer);
      return;
    }
    wish.cancelWait = clock.after(this.#backOffMs(wish), () => {
      wish.cancelWait = undefined;
      this.#attempt(wish);
    });
  }

  /** Half of the time is chance, so that two who failed together do not fail together again. */
  #backOffMs({ failures }: Wish): number {
    const { max, min } = REDIAL_MS;
    const longestMs = Math.min(min * 2 ** Math.min(failures - 1, 20), max);
    const chance = viewOf(this.#handshaker.random.bytes(2)).getUint16(0) / 2 ** 16;
    return Math.floor(longestMs * (1 - chance / 2));
  }

  #end(wish: Wish): void {
    const { attempt } = wish;
    if (attempt === undefined) return;
    attempt.cancelRepeat();
    attempt.cancelTimeout();
    this.#byIndex.delete(attempt.myIndex);
    wish.attempt = undefined;
  }

  #report(code: SecureFaultCode, endpoint: Endpoint, peer: Address | undefined): void {
    this.#handshaker.report({ code, endpoint, peer, detail: undefined });
  }
}

function newWish(peer: Address): Wish {
  return { peer, fallback: undefined, failures: 0, attempt: undefined, cancelWait: undefined };
}
