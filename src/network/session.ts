/**
 * The session of a node with its peers: every message in order and once, over a wire that promises
 * nothing. The log of each node is what makes it hold over restarts.
 *
 *     greet -> Greeting -> Welcome -> welcomed -> resume
 *     append -> send -> Data -> deliver -> append -> settle -> Acknowledged -> acknowledged | refused
 *
 * Source: ADR 0010; ADR 0019 for the greeting.
 */

import type { Address } from "../crypto/address.ts";
import type { LogHead } from "../events/record-head.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint, Transport } from "../ports/transport.ts";
import { assert, assertDefined, unreachable } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import {
  type AcknowledgedFrame,
  type DataFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  type GreetingFrame,
  type WelcomeFrame,
} from "./frame.ts";
import { Greeter, type Standing } from "./greeter.ts";
import { Incoming, type Numbered, type Verdict } from "./incoming.ts";
import { RESEND_AFTER_MS, RESEND_AFTER_MS_MAX, SEQUENCE_CLAIM_MAX } from "./limits.ts";
import { Outgoing } from "./outgoing.ts";

/** Heads of logs, asked for at each frame that carries one. */
export type SessionHeads = {
  /** Where this node's log ends, as far as it is durable. */
  readonly mine: () => LogHead;
  /** The newest head of a peer's log that the peer has told; undefined when it has told none. */
  readonly heldOf: (peer: Address) => LogHead | undefined;
};

/** What a session needs. The address book may change; it is asked for each frame. */
export type SessionOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly endpointOf: (peer: Address) => Endpoint | undefined;
  readonly peerAt: (endpoint: Endpoint) => Address | undefined;
  /** Absent: frames of this session carry no heads. */
  readonly heads?: SessionHeads;
  /** Milliseconds until the first repetition, 1 to 30,000; 1,000 when left out. Doubles up to 30,000. */
  readonly resendAfterMs?: number;
};

/**
 * Why a frame was dropped, or could not be sent. None of these stops the session.
 *
 * - `EndpointUnknown`: it came from an endpoint that is no peer's. A stranger, or an old address book.
 * - `PeerUnreachable`: the address book has no endpoint for the peer. The frame is sent again later.
 * - `NotResumed`: it came before `resume` for its sender, and was not kept. An honest peer repeats it.
 * - `FrameTooLarge`, `Undecodable`, `SequenceOutOfRange`: the peer breaks the rules.
 * - `AcknowledgedUnsent`: it has heard more of this node than this node's log knows of. Either it breaks
 *   the rules, or the log has lost its end: the listener is told with `doubted`.
 * - `WindowExceeded`: the peer sends more than is kept for it; an honest one repeats it.
 */
export type SessionFault =
  | { readonly code: "EndpointUnknown"; readonly endpoint: Endpoint }
  | {
      readonly code:
        | "PeerUnreachable"
        | "NotResumed"
        | "FrameTooLarge"
        | "Undecodable"
        | "SequenceOutOfRange"
        | "WindowExceeded"
        | "AcknowledgedUnsent";
      readonly peer: Address;
    };

/** What a session tells the engine. */
export type SessionListener = {
  /** Hands over the next message of a peer. `settle` answers it, in the order of delivery. */
  readonly deliver: (from: Address, sequence: number, payload: Uint8Array) => void;
  /**
   * The peer has settled all up to `upTo`; what of it was refused has been told by `refused` before. `head` is
   * where its log ends, as it says.
   */
  readonly acknowledged: (peer: Address, upTo: number, head: LogHead | undefined) => void;
  /** The peer refused this message for good. It is settled and never sent again. */
  readonly refused: (peer: Address, sequence: number, code: string) => void;
  /**
   * The peer answered the greeting, and says how far it is, and which head of this node's log it holds. The
   * next call for it is `resume` or `greet`.
   */
  readonly welcomed: (peer: Address, peersStanding: Standing, head: LogHead | undefined) => void;
  /** The peer has heard of messages that this node's log does not know. */
  readonly doubted: (peer: Address) => void;
  /** Counts faults. Called for each frame, so it must be cheap. */
  readonly report?: (fault: SessionFault) => void;
};

/** Where a conversation stands, from the log. */
export type Resumption = {
  /** The last sequence that was given to a message for the peer; 0 when there is none. */
  readonly lastSent: number;
  /** The highest sequence from the peer that is in the log; 0 when there is none. */
  readonly lastReceived: number;
  /** What the log holds for the peer and what it has not settled, in rising order. */
  readonly unacknowledged: readonly Numbered[];
};

/** What of the peers waits in memory, all together. */
export type KeptFrames = { readonly bytes: number; readonly unsettled: number };

type Peer = { readonly incoming: Incoming; readonly outgoing: Outgoing };

/** All conversations of one node. One per node and life; it holds nothing that the log does not. */
export class Session {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #peers = new Map<Address, Peer>();
  readonly #greeters = new Map<Address, Greeter>();
  /** Verdicts that are still to come for conversations which ended with a new greeting. */
  readonly #unheard = new Map<Address, number>();
  #closed = false;

  constructor(options: SessionOptions, listener: SessionListener) {
    const { resendAfterMs = RESEND_AFTER_MS } = options;
    assert(resendAfterMs >= 1 && resendAfterMs <= RESEND_AFTER_MS_MAX, "1 ms to 30 s");
    this.#options = options;
    this.#listener = listener;
    options.transport.listen(
      (from, frame) => this.#receive(from, frame),
      undefined,
      (endpoint) => this.#find(endpoint),
    );
  }

  /**
   * Asks a peer how far the conversation is for it, until it answers. Ends the conversation that there may
   * be: the next one begins with `resume`. `nonce` is new each time: 0 to 2^48 - 1, drawn by chance.
   */
  greet(peer: Address, nonce: number, standing: Standing): void {
    if (this.#closed) return;
    const { clock, resendAfterMs = RESEND_AFTER_MS } = this.#options;
    this.#endConversation(peer);
    this.#greeters.get(peer)?.close();
    const transmit = (frame: GreetingFrame): void => this.#transmit(peer, frame);
    const options = { standing, nonce, transmit, clock, resendAfterMs };
    this.#greeters.set(peer, new Greeter(options));
  }

  /** True between `greet` and `resume`, and before both: what is to be sent waits for `resume`. */
  isSilent(peer: Address): boolean {
    return !this.#peers.has(peer);
  }

  /** True while a greeting waits for its answer. */
  isGreeting(peer: Address): boolean {
    return this.#greeters.has(peer);
  }

  /** Ends what there is with a peer, and keeps nothing of it but the count of verdicts that are still to come. */
  forget(peer: Address): void {
    this.#endConversation(peer);
    this.#greeters.get(peer)?.close();
    this.#greeters.delete(peer);
  }

  /**
   * Starts the conversation with a peer where the log left it, and sends again what is unacknowledged.
   * Called once for each peer, or once more after each `greet`.
   */
  resume(peer: Address, { lastReceived, lastSent, unacknowledged }: Resumption): void {
    if (this.#closed) return;
    assert(!this.#peers.has(peer), "a conversation resumes once");
    const { clock, resendAfterMs = RESEND_AFTER_MS } = this.#options;
    const transmit = (frame: DataFrame): void => this.#transmit(peer, frame);
    const outgoing = new Outgoing({ transmit, clock, resendAfterMs });
    const resumed = { incoming: new Incoming(lastReceived), outgoing };
    this.#peers.set(peer, resumed);
    outgoing.resume(lastSent, unacknowledged);
    const early = this.#greeters.get(peer)?.takeEarly() ?? [];
    this.#greeters.get(peer)?.close();
    this.#greeters.delete(peer);
    for (const frame of early) if (!this.#closed) this.#receiveData(peer, resumed, frame);
  }

  /** Sends a message that is durable in the log. Sequences of one peer start at 1 and only rise. */
  send(peer: Address, sequence: number, payload: Uint8Array): void {
    if (!this.#closed) this.#resumed(peer).outgoing.send({ sequence, payload });
  }

  /** Answers a delivered message; called in the order of delivery, once the verdict is durable. */
  settle(from: Address, sequence: number, verdict: Verdict): void {
    if (this.#closed || this.#isOfOldConversation(from)) return;
    const { incoming } = this.#resumed(from);
    incoming.settle(sequence, verdict);
    this.#answer(from, incoming);
  }

  /** The peer can be reached again: sends at once what it may have missed, and does not wait for a timer. */
  wake(peer: Address): void {
    if (this.#closed) return;
    this.#peers.get(peer)?.outgoing.wake();
    this.#greeters.get(peer)?.repeat();
  }

  /** What waits for earlier frames, and what was delivered and has no verdict yet. */
  kept(): KeptFrames {
    const halves = [...this.#peers.values()].map(({ incoming }) => incoming);
    const bytes = halves.reduce((sum, { earlyBytes }) => sum + earlyBytes, 0);
    return { bytes, unsettled: halves.reduce((sum, one) => sum + one.unsettledCount, 0) };
  }

  /** Ends this life: no timer stays, no frame leaves or is taken, later calls do nothing. */
  close(): void {
    this.#closed = true;
    for (const { outgoing } of this.#peers.values()) outgoing.close();
    for (const greeter of this.#greeters.values()) greeter.close();
  }

  #endConversation(peer: Address): void {
    const old = this.#peers.get(peer);
    if (old === undefined) return;
    old.outgoing.close();
    this.#peers.delete(peer);
    const unheard = (this.#unheard.get(peer) ?? 0) + old.incoming.unsettledCount;
    if (unheard > 0) this.#unheard.set(peer, unheard);
  }

  #isOfOldConversation(from: Address): boolean {
    const unheard = this.#unheard.get(from) ?? 0;
    if (unheard > 0) mark("session/verdict-of-old-conversation");
    if (unheard > 1) this.#unheard.set(from, unheard - 1);
    else this.#unheard.delete(from);
    return unheard > 0;
  }

  #resumed(peer: Address): Peer {
    return assertDefined(this.#peers.get(peer), "a resumed conversation");
  }

  /** An answer that is repeated tells the head of today: what it acknowledges is durable the longer the more. */
  #answer(to: Address, incoming: Incoming): void {
    const head = this.#options.heads?.mine();
    this.#transmit(to, { ...incoming.answer(), head });
  }

  #transmit(to: Address, frame: Frame): void {
    const endpoint = this.#options.endpointOf(to);
    if (endpoint === undefined) mark("session/peer-without-endpoint");
    if (endpoint === undefined) this.#report({ code: "PeerUnreachable", peer: to });
    else this.#options.transport.send(endpoint, encodeFrame(frame));
  }

  #find(endpoint: Endpoint): void {
    const peer = this.#closed ? undefined : this.#options.peerAt(endpoint);
    if (peer !== undefined) this.wake(peer);
  }

  #receive(endpoint: Endpoint, bytes: Uint8Array): void {
    if (this.#closed) return;
    const from = this.#options.peerAt(endpoint);
    if (from === undefined) mark("session/stranger");
    if (from === undefined) this.#report({ code: "EndpointUnknown", endpoint });
    else this.#receiveFrom(from, bytes);
  }

  #receiveFrom(from: Address, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (!frame.ok) mark("session/malformed-frame");
    if (!frame.ok) this.#report({ code: frame.reason.code, peer: from });
    else this.#receiveFrame(from, frame.value);
  }

  #receiveFrame(from: Address, frame: Frame): void {
    const peer = this.#peers.get(from);
    switch (frame.type) {
      case "Greeting":
        this.#receiveGreeting(from, frame);
        break;
      case "Welcome":
        this.#receiveWelcome(from, frame);
        break;
      case "Data":
        if (peer !== undefined) this.#receiveData(from, peer, frame);
        else if (this.#greeters.get(from)?.keep(frame) !== true) this.#reportNotResumed(from);
        break;
      case "Acknowledged":
        if (peer !== undefined) this.#receiveAcknowledged(from, peer, frame);
        else this.#reportNotResumed(from);
        break;
      default:
        unreachable(frame);
    }
  }

  /** Whoever greets has just started, and may have missed anything; it hears how far we two are. */
  #receiveGreeting(from: Address, { lastReceived, nonce }: GreetingFrame): void {
    const standing = this.#standing(from);
    if (standing === undefined) {
      this.#reportNotResumed(from);
      return;
    }
    const head = this.#options.heads?.heldOf(from);
    this.#transmit(from, { type: "Welcome", nonce, ...standing, head });
    this.#greeters.get(from)?.hearGreeting();
    const peer = this.#peers.get(from);
    if (peer === undefined) return;
    if (lastReceived > 0) mark("session/greeted-in-conversation");
    if (lastReceived > standing.lastSent) this.#doubt(from);
    else peer.outgoing.hearGreeting();
  }

  #standing(peer: Address): Standing | undefined {
    const known = this.#peers.get(peer);
    if (known === undefined) return this.#greeters.get(peer)?.standing;
    const { incoming, outgoing } = known;
    const { lastSent, settledUpTo } = outgoing;
    return { lastSent, settledUpTo, lastReceived: incoming.settledUpTo };
  }

  #receiveWelcome(from: Address, frame: WelcomeFrame): void {
    const { head, lastReceived, lastSent, settledUpTo } = frame;
    const claims = [lastReceived, lastSent, settledUpTo];
    if (claims.some((claim) => claim > SEQUENCE_CLAIM_MAX)) {
      mark("session/absurd-standing");
      this.#report({ code: "SequenceOutOfRange", peer: from });
    } else if (this.#greeters.get(from)?.takeWelcome(frame) === true) {
      this.#listener.welcomed(from, { lastSent, settledUpTo, lastReceived }, head);
    }
  }

  #receiveData(from: Address, { incoming }: Peer, frame: DataFrame): void {
    const reception = incoming.receive(frame);
    switch (reception) {
      case "Settled":
        mark("session/frame-settled-before");
        this.#answer(from, incoming);
        break;
      case "SequenceOutOfRange":
      case "WindowExceeded":
        mark("session/frame-out-of-window");
        this.#report({ code: reception, peer: from });
        break;
      case "Held":
        break;
      case "Repeated":
        mark("session/frame-doubled");
        break;
      default:
        unreachable(reception);
    }
    this.#deliver(from, incoming);
  }

  /** A listener may close the session, so each step looks again. */
  #deliver(from: Address, incoming: Incoming): void {
    for (let next = incoming.take(); next !== undefined; next = incoming.take()) {
      this.#listener.deliver(from, next.sequence, next.payload);
      if (this.#closed) return;
    }
  }

  #receiveAcknowledged(from: Address, { outgoing }: Peer, frame: AcknowledgedFrame): void {
    const settlement = outgoing.acknowledge(frame);
    switch (settlement.type) {
      case "Progress":
        for (const { sequence, code } of settlement.refused) {
          mark("session/refusal-heard");
          this.#listener.refused(from, sequence, code);
        }
        this.#listener.acknowledged(from, frame.upTo, frame.head);
        break;
      case "AcknowledgedUnsent":
        this.#doubt(from);
        break;
      case "Stale":
        mark("session/answer-doubled");
        break;
      default:
        unreachable(settlement);
    }
  }

  #doubt(peer: Address): void {
    mark("session/answer-to-unsent");
    this.#report({ code: "AcknowledgedUnsent", peer });
    this.#listener.doubted(peer);
  }

  #reportNotResumed(peer: Address): void {
    mark("session/frame-before-conversation");
    this.#report({ code: "NotResumed", peer });
  }

  #report(fault: SessionFault): void {
    this.#listener.report?.(fault);
  }
}
