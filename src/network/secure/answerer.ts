/** Handshakes that others begin. Most of those who begin one may be nobody's peers: all here is bounded. */
import type { CancelTimer } from "../../ports/clock.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import type { Admission } from "./admission.ts";
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
} from "./handshaker.ts";
import { encodeWord, type Hello } from "./introduction.ts";
import { drawKeyPair } from "./key-exchange.ts";
import { type NoiseState, readNoise } from "./noise-handshake.ts";
import { responseFrame, type SecureFrame } from "./secure-frame.ts";
import {
  FORGED_MAX,
  HALF_OPEN_KNOWN_MAX,
  HALF_OPEN_MAX,
  HALF_OPEN_PER_ENDPOINT_MAX,
  HANDSHAKE_TIMEOUT_MS,
} from "./secure-limits.ts";
import type { HandshakeRefusal, SecureFaultCode } from "./secure-options.ts";
import type { SecureSession } from "./secure-session.ts";

type Initiation = SecureFrame & { readonly type: "Initiation" };
type Confirmation = SecureFrame & { readonly type: "Confirmation" };

/** A handshake that was answered and not confirmed, or that was refused and may have to hear that again. */
type HalfOpen = Ends & {
  readonly isKnown: boolean;
  readonly initiation: Uint8Array;
  readonly response: Uint8Array;
  readonly noise: NoiseState;
  readonly cancelTimeout: CancelTimer;
  refusal?: Uint8Array;
  /** Frames that were not the last one of this handshake. */
  forged: number;
};

/** What an answerer needs besides. */
export type AnswererOptions = {
  readonly admission: Admission;
  /** True for one who was here before: it shows a ticket, or is where a peer is. */
  readonly isKnown: (endpoint: Endpoint, ticket: Uint8Array) => boolean;
  readonly onSession: (session: SecureSession) => void;
};

/** All handshakes that others began and that are under way. */
export class Answerer {
  readonly #handshaker: Handshaker;
  readonly #options: AnswererOptions;
  /** By my index, the oldest first. */
  readonly #halfOpen = new Map<number, HalfOpen>();

  constructor(handshaker: Handshaker, options: AnswererOptions) {
    this.#handshaker = handshaker;
    this.#options = options;
  }

  /** Handshakes under way. */
  get size(): number {
    return this.#halfOpen.size;
  }

  has(index: number): boolean {
    return this.#halfOpen.has(index);
  }

  /** True while a handshake from an endpoint is under way. */
  uses(endpoint: Endpoint): boolean {
    return [...this.#halfOpen.values()].some((one) => one.endpoint === endpoint);
  }

  /** Answers the first frame of a handshake, or repeats the answer. */
  takeInitiation(endpoint: Endpoint, { message, ticket, senderIndex }: Initiation): void {
    const { send } = this.#handshaker;
    const known = [...this.#halfOpen.values()].find(
      (one) => one.endpoint === endpoint && equalBytes(one.initiation, message),
    );
    if (known !== undefined) {
      send(endpoint, known.response);
      return;
    }
    const isKnown = this.#options.isKnown(endpoint, ticket);
    const nowMs = this.#handshaker.clock.nowMs();
    if (!this.#options.admission.admits(endpoint, isKnown, nowMs)) {
      this.#report("HandshakesTooFast", endpoint);
      return;
    }
    this.#makeRoom(endpoint, isKnown);
    this.#answer(endpoint, { message, senderIndex, isKnown });
  }

  /** Takes the last frame of a handshake: a session begins, or is refused. */
  takeConfirmation(endpoint: Endpoint, { message, receiverIndex }: Confirmation): void {
    const halfOpen = this.#halfOpen.get(receiverIndex);
    if (halfOpen === undefined || halfOpen.endpoint !== endpoint) {
      this.#report("SessionUnknown", endpoint);
      return;
    }
    if (halfOpen.refusal !== undefined) {
      this.#handshaker.send(endpoint, halfOpen.refusal);
      return;
    }
    const read =
      halfOpen.forged < FORGED_MAX ? readIntroduction(halfOpen.noise, message) : undefined;
    if (read === undefined) {
      halfOpen.forged += 1;
      this.#report("FrameForged", endpoint);
      return;
    }
    const { hash, introduction, state } = read;
    if (introduction?.type === "Hello")
      this.#decide({ ...halfOpen, noise: state }, introduction, hash);
    else this.#hearRefusal(halfOpen, introduction?.code);
  }

  /** The connection with an endpoint is gone. */
  lost(endpoint: Endpoint): void {
    for (const one of this.#halfOpen.values()) if (one.endpoint === endpoint) this.#remove(one);
  }

  /** Ends all. */
  close(): void {
    for (const one of this.#halfOpen.values()) this.#remove(one);
  }

  #answer(
    endpoint: Endpoint,
    {
      isKnown,
      message,
      senderIndex,
    }: Pick<Initiation, "message" | "senderIndex"> & {
      readonly isKnown: boolean;
    },
  ): void {
    const handshaker = this.#handshaker;
    const { clock, random, send } = handshaker;
    const read = readNoise(begin(handshaker, "responder", drawKeyPair(random)), message);
    const written = read && writeHello(handshaker, read.state);
    if (written === undefined) {
      this.#report("HandshakeMalformed", endpoint);
      handshaker.release(endpoint);
      return;
    }
    const myIndex = drawIndex(handshaker);
    const halfOpen: HalfOpen = {
      endpoint,
      myIndex,
      peerIndex: senderIndex,
      isKnown,
      initiation: message.slice(),
      response: responseFrame(myIndex, senderIndex, written.message),
      noise: written.state,
      cancelTimeout: clock.after(HANDSHAKE_TIMEOUT_MS, () => this.#timeOut(myIndex)),
      forged: 0,
    };
    this.#halfOpen.set(myIndex, halfOpen);
    send(endpoint, halfOpen.response);
  }

  #decide(halfOpen: HalfOpen, hello: Hello, hash: Uint8Array): void {
    const judged = judge(this.#handshaker, hello, { role: "initiator", hash });
    const { address: peer } = hello;
    const { endpoint, myIndex, noise, peerIndex } = halfOpen;
    if (!judged.ok) {
      this.#refuse(halfOpen, judged.reason.code);
      return;
    }
    const who = { endpoint, myIndex, peerIndex, peer, agreement: judged.value };
    this.#remove(halfOpen);
    this.#options.onSession(sessionOf(this.#handshaker, noise, who));
  }

  /** The refusal is sealed, so that only the one whom it is for hears it, and kept until the time is over. */
  #refuse(halfOpen: HalfOpen, code: HandshakeRefusal): void {
    const { terms, send } = this.#handshaker;
    const { endpoint, myIndex, noise, peerIndex } = halfOpen;
    // Nobody's session: it serves to say no.
    const agreement = { version: 0, profiles: [], frameBytesMax: 0 };
    const who = { endpoint, myIndex, peerIndex, peer: terms.address, agreement };
    const session = sessionOf(this.#handshaker, noise, who);
    const refusal = assertDefined(
      session.seal("Refused", encodeWord(code)),
      "the first frame of a session",
    );
    this.#halfOpen.set(myIndex, { ...halfOpen, refusal });
    this.#report(code, endpoint);
    send(endpoint, refusal);
  }

  #hearRefusal(halfOpen: HalfOpen, code: string | undefined): void {
    const { endpoint } = halfOpen;
    const { release, report } = this.#handshaker;
    this.#remove(halfOpen);
    if (code === undefined) this.#report("HandshakeMalformed", endpoint);
    else report({ code: "RefusedByPeer", endpoint, peer: undefined, detail: knownCode(code) });
    release(endpoint);
  }

  /** The oldest gives way: an honest one needs its place for a round trip only. */
  #makeRoom(endpoint: Endpoint, isKnown: boolean): void {
    const all = [...this.#halfOpen.values()];
    const here = all.filter((one) => one.endpoint === endpoint);
    const pool = all.filter((one) => one.isKnown === isKnown);
    const [oldestHere] = here;
    const [oldest] = pool;
    const max = isKnown ? HALF_OPEN_KNOWN_MAX : HALF_OPEN_MAX;
    if (oldestHere !== undefined && here.length >= HALF_OPEN_PER_ENDPOINT_MAX) {
      this.#remove(oldestHere);
    } else if (oldest !== undefined && pool.length >= max) {
      this.#remove(oldest);
      this.#report("HandshakesFull", oldest.endpoint);
      this.#handshaker.release(oldest.endpoint);
    }
  }

  #timeOut(index: number): void {
    const halfOpen = this.#halfOpen.get(index);
    if (halfOpen === undefined) return;
    this.#remove(halfOpen);
    if (halfOpen.refusal === undefined) this.#report("HandshakeTimedOut", halfOpen.endpoint);
    this.#handshaker.release(halfOpen.endpoint);
  }

  #remove({ cancelTimeout, myIndex }: HalfOpen): void {
    cancelTimeout();
    this.#halfOpen.delete(myIndex);
  }

  #report(code: SecureFaultCode, endpoint: Endpoint): void {
    this.#handshaker.report({ code, endpoint, peer: undefined, detail: undefined });
  }
}
