/** The receiving half of a session with one peer: which frames to deliver, to answer, or to drop. */

import { assert, assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { type AcknowledgedFrame, type DataFrame, isRefusalCode } from "./frame.ts";
import { EARLY_BYTES_MAX, RECEIVE_WINDOW } from "./limits.ts";

/** A payload with its place in the peer's order. */
export type Numbered = { readonly sequence: number; readonly payload: Uint8Array };

/** What the engine decided about a delivered message, once that is durable. */
export type Verdict =
  | { readonly type: "Accepted" }
  | { readonly type: "Refused"; readonly code: string };

/**
 * What became of a data frame.
 *
 * - `Held`: new and kept; `take` says whether anything can be delivered now.
 * - `Repeated`: held or delivered already, and not settled yet. Nothing to do.
 * - `Settled`: settled before. The peer missed the answer, so it is due again.
 * - `SequenceOutOfRange`: no honest sender numbers so; the peer's fault. Dropped.
 * - `WindowExceeded`: more than is kept for one peer. Dropped; an honest sender repeats it.
 */
export type Reception = "Held" | "Repeated" | "Settled" | "SequenceOutOfRange" | "WindowExceeded";

/** What this node has received from one peer. Keeps at most a window of it. */
export class Incoming {
  /** Highest sequence that was delivered, or skipped because it was settled in an earlier life. */
  #delivered: number;
  /** Delivered, in order, and not settled yet. */
  readonly #unsettled: number[] = [];
  /** Waiting for an earlier frame. */
  readonly #early = new Map<number, Uint8Array>();
  #earlyBytes = 0;
  /** Refusals of which the peer may not know yet, in order. */
  readonly #refusals = new Map<number, string>();

  /** Starts after `lastReceived`, the last sequence from this peer in the log; 0 when there is none. */
  constructor(lastReceived: number) {
    this.#delivered = lastReceived;
  }

  /** Takes in one data frame. */
  receive({ sequence, lowest, payload }: DataFrame): Reception {
    const span = sequence - lowest;
    if (lowest < 1 || span < 0 || span >= RECEIVE_WINDOW) return "SequenceOutOfRange";
    this.#skipBelow(lowest);
    if (sequence <= this.#settled()) return "Settled";
    if (sequence <= this.#delivered || this.#early.has(sequence)) return "Repeated";
    if (!this.#hasRoom(sequence, payload)) return "WindowExceeded";
    if (sequence > this.#delivered + 1) mark("session/frame-ahead");
    this.#early.set(sequence, payload);
    this.#earlyBytes += payload.length;
    return "Held";
  }

  /** The next message to deliver, if it is here. From now on it counts as delivered. */
  take(): Numbered | undefined {
    const sequence = this.#delivered + 1;
    const payload = this.#early.get(sequence);
    if (payload === undefined) return undefined;
    this.#forgetEarly(sequence);
    this.#delivered = sequence;
    this.#unsettled.push(sequence);
    return { sequence, payload };
  }

  /** Notes the verdict on the oldest message that was delivered and not settled. */
  settle(sequence: number, verdict: Verdict): void {
    const oldest = assertDefined(this.#unsettled.shift(), "a delivered message without verdict");
    assert(oldest === sequence, "verdicts come in the order of delivery");
    if (verdict.type === "Accepted") return;
    assert(isRefusalCode(verdict.code), "codes of refusals are plain words");
    this.#refusals.set(sequence, verdict.code);
  }

  /** Everything that is settled, with the refusals that the peer may not know. */
  answer(): Omit<AcknowledgedFrame, "head"> {
    const refused = [...this.#refusals].map(([sequence, code]) => ({ sequence, code }));
    return { type: "Acknowledged", upTo: this.#settled(), refused };
  }

  /** Delivered messages whose verdict is still to come. */
  get unsettledCount(): number {
    return this.#unsettled.length;
  }

  /** Bytes that wait for an earlier frame. */
  get earlyBytes(): number {
    return this.#earlyBytes;
  }

  /** Everything up to this sequence is settled. */
  get settledUpTo(): number {
    return this.#settled();
  }

  #settled(): number {
    const oldest = this.#unsettled[0];
    return oldest === undefined ? this.#delivered : oldest - 1;
  }

  /**
   * The peer heard our answers to all below `lowest`, so they are settled, even where this node no
   * longer knows it: accepted ones are in the log, refused ones are not.
   */
  #skipBelow(lowest: number): void {
    if (lowest > this.#delivered + 1) mark("session/numbers-left-out");
    this.#delivered = Math.max(this.#delivered, lowest - 1);
    for (const sequence of this.#refusals.keys()) {
      if (sequence < lowest) this.#refusals.delete(sequence);
    }
    for (const sequence of this.#early.keys()) {
      if (sequence < lowest) this.#forgetEarly(sequence);
    }
  }

  /** The next in order always has room; else one large frame could wait for ever behind small ones. */
  #hasRoom(sequence: number, payload: Uint8Array): boolean {
    if (sequence > this.#settled() + RECEIVE_WINDOW) return false;
    return sequence === this.#delivered + 1 || this.#earlyBytes + payload.length <= EARLY_BYTES_MAX;
  }

  #forgetEarly(sequence: number): void {
    this.#earlyBytes -= this.#early.get(sequence)?.length ?? 0;
    this.#early.delete(sequence);
  }
}
