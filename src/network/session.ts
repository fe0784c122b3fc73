/**
 * The session of a node with its peers: every message in order and once, over a wire that promises
 * nothing. The log of each node is what makes it hold over restarts.
 *
 *     append -> send -> Data -> deliver -> append -> settle -> Acknowledged -> acknowledged | refused
 *
 * Source: ADR 0010.
 */
import type { Address } from "../crypto/address.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint, Transport } from "../ports/transport.ts";
import { assert, assertDefined, unreachable } from "../primitives/assert.ts";
import { type AcknowledgedFrame, type DataFrame, decodeFrame, encodeFrame } from "./frame.ts";
import { Incoming, type Numbered, type Verdict } from "./incoming.ts";
import { RESEND_AFTER_MS, RESEND_AFTER_MS_MAX } from "./limits.ts";
import { Outgoing } from "./outgoing.ts";

/** What a session needs. The address book may change; it is asked for each frame. */
export type SessionOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly endpointOf: (peer: Address) => Endpoint | undefined;
  readonly peerAt: (endpoint: Endpoint) => Address | undefined;
  /** Milliseconds until the first repetition, 1 to 30,000; 1,000 when left out. Doubles up to 30,000. */
  readonly resendAfterMs?: number;
};

/**
 * Why a frame was dropped, or could not be sent. None of these stops the session.
 *
 * - `EndpointUnknown`: it came from an endpoint that is no peer's. A stranger, or an old address book.
 * - `PeerUnreachable`: the address book has no endpoint for the peer. The frame is sent again later.
 * - `NotResumed`: it came before `resume` for its sender. An honest peer repeats it.
 * - `FrameTooLarge`, `Undecodable`, `SequenceOutOfRange`, `AcknowledgedUnsent`: the peer breaks the rules.
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
  /** The peer has settled all up to `upTo`; what of it was refused has been told by `refused` before. */
  readonly acknowledged: (peer: Address, upTo: number) => void;
  /** The peer refused this message for good. It is settled and never sent again. */
  readonly refused: (peer: Address, sequence: number, code: string) => void;
  /** Counts faults. Called for each frame, so it must be cheap. */
  readonly report?: (fault: SessionFault) => void;
};

/** Where a conversation stands, from the log. */
export type Resumption = {
  /** The highest sequence from the peer that is in the log; 0 when there is none. */
  readonly lastReceived: number;
  /** What the log holds for the peer and what it has not settled, in rising order. */
  readonly unacknowledged: readonly Numbered[];
};

type Peer = { readonly incoming: Incoming; readonly outgoing: Outgoing };

/** All conversations of one node. One per node and life; it holds nothing that the log does not. */
export class Session {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #peers = new Map<Address, Peer>();
  #closed = false;

  constructor(options: SessionOptions, listener: SessionListener) {
    const { resendAfterMs = RESEND_AFTER_MS } = options;
    assert(resendAfterMs >= 1 && resendAfterMs <= RESEND_AFTER_MS_MAX, "1 ms to 30 s");
    this.#options = options;
    this.#listener = listener;
    options.transport.listen((from, frame) => this.#receive(from, frame));
  }

  /**
   * Starts the conversation with a peer where the log left it, and sends again what is unacknowledged.
   * Called once for each peer before any other call for it; frames that come earlier are dropped.
   */
  resume(peer: Address, { lastReceived, unacknowledged }: Resumption): void {
    if (this.#closed) return;
    assert(!this.#peers.has(peer), "a conversation resumes once");
    const { clock, resendAfterMs = RESEND_AFTER_MS } = this.#options;
    const transmit = (frame: DataFrame): void => this.#transmit(peer, frame);
    const outgoing = new Outgoing({ transmit, clock, resendAfterMs });
    this.#peers.set(peer, { incoming: new Incoming(lastReceived), outgoing });
    outgoing.resume(unacknowledged);
  }

  /** Sends a message that is durable in the log. Sequences of one peer start at 1 and only rise. */
  send(peer: Address, sequence: number, payload: Uint8Array): void {
    if (!this.#closed) this.#resumed(peer).outgoing.send({ sequence, payload });
  }

  /** Answers a delivered message; called in the order of delivery, once the verdict is durable. */
  settle(from: Address, sequence: number, verdict: Verdict): void {
    if (this.#closed) return;
    const { incoming } = this.#resumed(from);
    incoming.settle(sequence, verdict);
    this.#transmit(from, incoming.answer());
  }

  /** Ends this life: no timer stays, no frame leaves or is taken, later calls do nothing. */
  close(): void {
    this.#closed = true;
    for (const { outgoing } of this.#peers.values()) outgoing.close();
  }

  #resumed(peer: Address): Peer {
    return assertDefined(this.#peers.get(peer), "a resumed conversation");
  }

  #transmit(to: Address, frame: DataFrame | AcknowledgedFrame): void {
    const endpoint = this.#options.endpointOf(to);
    if (endpoint === undefined) this.#report({ code: "PeerUnreachable", peer: to });
    else this.#options.transport.send(endpoint, encodeFrame(frame));
  }

  #receive(endpoint: Endpoint, bytes: Uint8Array): void {
    if (this.#closed) return;
    const from = this.#options.peerAt(endpoint);
    if (from === undefined) this.#report({ code: "EndpointUnknown", endpoint });
    else this.#receiveFrom(from, bytes);
  }

  #receiveFrom(from: Address, bytes: Uint8Array): void {
    const peer = this.#peers.get(from);
    const frame = decodeFrame(bytes);
    if (peer === undefined) this.#report({ code: "NotResumed", peer: from });
    else if (!frame.ok) this.#report({ code: frame.reason.code, peer: from });
    else if (frame.value.type === "Data") this.#receiveData(from, peer, frame.value);
    else this.#receiveAcknowledged(from, peer, frame.value);
  }

  #receiveData(from: Address, { incoming }: Peer, frame: DataFrame): void {
    const reception = incoming.receive(frame);
    switch (reception) {
      case "Settled":
        this.#transmit(from, incoming.answer());
        break;
      case "SequenceOutOfRange":
      case "WindowExceeded":
        this.#report({ code: reception, peer: from });
        break;
      case "Held":
      case "Repeated":
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
          this.#listener.refused(from, sequence, code);
        }
        this.#listener.acknowledged(from, frame.upTo);
        break;
      case "AcknowledgedUnsent":
        this.#report({ code: settlement.type, peer: from });
        break;
      case "Stale":
        break;
      default:
        unreachable(settlement);
    }
  }

  #report(fault: SessionFault): void {
    this.#listener.report?.(fault);
  }
}
