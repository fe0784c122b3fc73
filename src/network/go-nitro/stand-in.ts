/**
 * Stands in for one node of go-nitro towards our own session: it speaks that session's frames in this process, so
 * that the engine knows one kind of peer only. It keeps nothing over a restart, since the log does.
 *
 * What our session sends is acknowledged at once: it is in our log, and from there it is said until the Go node has
 * answered by deeds. What the Go node says is given a number here, and settled by our engine. Source: ADR 0037.
 */

import { decodeMessage, encodeMessage } from "../../messages/codec.ts";
import type { Message } from "../../messages/message.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { assert } from "../../primitives/assert.ts";
import {
  type AcknowledgedFrame,
  decodeFrame,
  encodeFrame,
  type Frame,
  type GreetingFrame,
} from "../frame.ts";
import { RESEND_AFTER_MS } from "../limits.ts";

/** What our engine made of a message. */
export type Verdict = { readonly code: string | undefined };

type Options = {
  readonly clock: Clock;
  /** Hands a frame to our session. Never called before `receive` has returned. */
  readonly toSession: (frame: Uint8Array) => void;
  /** Our engine has said this to the peer, and it is durable. */
  readonly onSaid: (message: Message) => void;
  /** The message under way is settled: the next one may come. */
  readonly onVerdict: (verdict: Verdict) => void;
};

/** A message of the Go node that our engine has yet to settle. */
type UnderWay = { readonly payload: Uint8Array; readonly sequence: number };

/** One conversation of our session, the other end of it. */
export class StandIn {
  readonly #options: Options;
  /** The last number given to a message of the Go node; undefined before our session has greeted. */
  #last: number | undefined;
  #underWay: UnderWay | undefined;
  #cancelResend: CancelTimer | undefined;
  #isClosed = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** True when a message of the Go node can be delivered. */
  get isFree(): boolean {
    return !this.#isClosed && this.#last !== undefined && this.#underWay === undefined;
  }

  /** Takes a frame of our session. */
  receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    assert(frame.ok, "our own session writes frames");
    if (!this.#isClosed) this.#receiveFrame(frame.value);
  }

  /** Says a message of the Go node to our session, until it is settled. Only when `isFree`. */
  deliver(message: Message): void {
    assert(this.isFree, "one message at a time");
    this.#last = (this.#last ?? 0) + 1;
    this.#underWay = { payload: encodeMessage(message), sequence: this.#last };
    this.#transmitUnderWay();
  }

  /** Nothing is said any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelResend?.();
  }

  #receiveFrame(frame: Frame): void {
    switch (frame.type) {
      case "Greeting":
        this.#welcome(frame);
        break;
      case "Data": {
        const { payload, sequence } = frame;
        this.#transmit({ type: "Acknowledged", upTo: sequence, refused: [], head: undefined });
        const message = decodeMessage(payload);
        assert(message.ok, "our own engine writes messages");
        this.#options.onSaid(message.value);
        break;
      }
      case "Acknowledged":
        this.#settle(frame);
        break;
      case "Welcome":
        break;
    }
  }

  /** The Go node knows of no numbers: it is as far as our log is. What was under way takes the next one. */
  #welcome({ lastReceived, lastSent, nonce }: GreetingFrame): void {
    const standing = { lastSent: lastReceived, settledUpTo: lastReceived, lastReceived: lastSent };
    this.#transmit({ type: "Welcome", nonce, ...standing, head: undefined });
    this.#last = lastReceived;
    if (this.#underWay === undefined) return;
    this.#last += 1;
    this.#underWay = { ...this.#underWay, sequence: this.#last };
    this.#transmitUnderWay();
  }

  #settle({ refused, upTo }: AcknowledgedFrame): void {
    const sequence = this.#underWay?.sequence;
    if (sequence === undefined || upTo < sequence) return;
    this.#underWay = undefined;
    this.#cancelResend?.();
    this.#cancelResend = undefined;
    const refusal = refused.find((one) => one.sequence === sequence);
    this.#options.onVerdict({ code: refusal?.code });
  }

  /** Our session drops what comes before the conversation has begun; so it is sent again. */
  #transmitUnderWay(): void {
    if (this.#underWay === undefined) return;
    const { payload, sequence } = this.#underWay;
    this.#transmit({ type: "Data", sequence, lowest: sequence, payload });
    this.#cancelResend?.();
    this.#cancelResend = this.#options.clock.after(RESEND_AFTER_MS, () => this.#transmitUnderWay());
  }

  /** Later, since our session may be in the middle of sending. */
  #transmit(frame: Frame): void {
    queueMicrotask(() => {
      if (!this.#isClosed) this.#options.toSession(encodeFrame(frame));
    });
  }
}
