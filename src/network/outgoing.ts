/** The sending half of a session with one peer: what is under way, what waits, when to repeat. */

import type { CancelTimer, Clock } from "../ports/clock.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import type { AcknowledgedFrame, DataFrame, Refusal } from "./frame.ts";
import type { Numbered } from "./incoming.ts";
import { PAYLOAD_BYTES_MAX, RESEND_AFTER_MS_MAX, SEND_WINDOW, SEQUENCE_MAX } from "./limits.ts";
import { Queue } from "./queue.ts";

/** What an outgoing half needs: a wire to the one peer, and a clock. */
export type OutgoingOptions = {
  readonly transmit: (frame: DataFrame) => void;
  readonly clock: Clock;
  /** Milliseconds until the first repetition; each silent one doubles it. */
  readonly resendAfterMs: number;
};

/**
 * What an acknowledgement brought.
 *
 * - `Progress`: `refused` are settled as refused, and all else up to the acknowledged sequence too.
 * - `Stale`: nothing new.
 * - `AcknowledgedUnsent`: it names what was never sent; the peer's fault. Ignored.
 */
export type Settlement =
  | { readonly type: "Progress"; readonly refused: readonly Refusal[] }
  | { readonly type: "Stale" }
  | { readonly type: "AcknowledgedUnsent" };

/** What this node has to send to one peer, until the peer has settled it. */
export class Outgoing {
  readonly #options: OutgoingOptions;
  /** Sent in this life and not settled, in order. */
  readonly #underWay = new Map<number, Uint8Array>();
  /** Not sent in this life, in order. */
  readonly #waiting = new Queue<Numbered>();
  /** Highest sequence handed over; 0 before the first. */
  #last = 0;
  /** Highest sequence that the peer may have seen, in this life or before; 0 when none is known. */
  #sent = 0;
  /** Repetitions since the peer last settled anything. */
  #silentRounds = 0;
  /** True when the peer settled something since the timer was set. */
  #heard = false;
  #cancelResend: CancelTimer | undefined;
  /** True when a greeting has led to a repetition since the timer last ran. */
  #wasGreeted = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /**
   * Takes over what earlier lives left: the last sequence that they gave, and what is unacknowledged. Any
   * of it may have reached the peer already.
   */
  resume(lastSent: number, unacknowledged: readonly Numbered[]): void {
    for (const message of unacknowledged) this.#enqueue(message);
    assert(this.#last <= lastSent, "what is unacknowledged was sent");
    this.#last = lastSent;
    this.#sent = lastSent;
    this.#fillWindow();
  }

  /** Last sequence that was given to a message; 0 before the first. */
  get lastSent(): number {
    return this.#last;
  }

  /** Everything up to this was settled by the peer. */
  get settledUpTo(): number {
    return (this.#lowest() ?? this.#last + 1) - 1;
  }

  /** The peer has just shown that it is there: sends again what it may have missed. */
  wake(): void {
    if (this.#underWay.size === 0) return;
    this.close();
    this.#silentRounds = 0;
    this.#repeat();
    if (this.#underWay.size > 0 && this.#cancelResend === undefined) this.#setTimer();
  }

  /**
   * The peer has started anew: as `wake`, but once until the timer runs. A greeting is short, and what it asks for may
   * be a window of the largest payloads.
   */
  hearGreeting(): void {
    if (this.#wasGreeted) return;
    this.wake();
    this.#wasGreeted = this.#cancelResend !== undefined;
  }

  /** Sends a message, or lets it wait until the window has room. Sequences only rise. */
  send(message: Numbered): void {
    this.#enqueue(message);
    this.#fillWindow();
  }

  /** Learns what the peer has settled, and sends what the window has room for now. */
  acknowledge({ upTo, refused }: Omit<AcknowledgedFrame, "head">): Settlement {
    if (upTo > this.#sent) return { type: "AcknowledgedUnsent" };
    const news = refused.filter(({ sequence }) => sequence <= upTo && this.#forget(sequence));
    const accepted = this.#forgetUpTo(upTo);
    if (news.length === 0 && accepted === 0) return { type: "Stale" };
    this.#progress();
    return { type: "Progress", refused: news };
  }

  /** Stops the timer. */
  close(): void {
    this.#cancelResend?.();
    this.#cancelResend = undefined;
  }

  #enqueue({ sequence, payload }: Numbered): void {
    assert(Number.isSafeInteger(sequence) && sequence > this.#last, "sequences rise");
    assert(sequence <= SEQUENCE_MAX, "sequences fit the wire");
    assert(payload.length <= PAYLOAD_BYTES_MAX, "payloads fit the wire");
    this.#waiting.push({ sequence, payload });
    this.#last = sequence;
  }

  #firstWaiting(): number {
    return this.#waiting.first()?.sequence ?? Number.POSITIVE_INFINITY;
  }

  #lowest(): number | undefined {
    return this.#underWay.keys().next().value ?? this.#waiting.first()?.sequence;
  }

  #fillWindow(): void {
    for (let next = this.#waiting.first(); next !== undefined; next = this.#waiting.first()) {
      const { sequence, payload } = next;
      if (sequence >= (this.#lowest() ?? sequence) + SEND_WINDOW) mark("session/window-full");
      if (sequence >= (this.#lowest() ?? sequence) + SEND_WINDOW) break;
      this.#waiting.shift();
      this.#underWay.set(sequence, payload);
      this.#sent = Math.max(this.#sent, sequence);
      this.#transmit(sequence, payload);
    }
    if (this.#underWay.size > 0 && this.#cancelResend === undefined) this.#setTimer();
  }

  #transmit(sequence: number, payload: Uint8Array): void {
    const lowest = assertDefined(this.#lowest(), "something unacknowledged");
    this.#options.transmit({ type: "Data", sequence, lowest, payload });
  }

  #setTimer(): void {
    const { clock, resendAfterMs } = this.#options;
    const delayMs = Math.min(resendAfterMs * 2 ** this.#silentRounds, RESEND_AFTER_MS_MAX);
    this.#heard = false;
    this.#cancelResend = clock.after(delayMs, () => this.#onTimer());
  }

  /** Setting the timer again at each acknowledgement would cost more than this late look. */
  #onTimer(): void {
    this.#cancelResend = undefined;
    this.#wasGreeted = false;
    if (!this.#heard) {
      mark("session/repeated");
      this.#repeat();
      this.#silentRounds += 1;
    }
    if (this.#underWay.size > 0 && this.#cancelResend === undefined) this.#setTimer();
  }

  /** All at first, since any may be lost; then only the oldest, since the peer may be away. */
  #repeat(): void {
    for (const [sequence, payload] of [...this.#underWay]) {
      // On a wire without delay the answer to one frame may settle the others.
      if (this.#underWay.has(sequence)) this.#transmit(sequence, payload);
      if (this.#silentRounds > 0) return;
    }
  }

  #progress(): void {
    const wasSilent = this.#silentRounds > 1;
    this.#silentRounds = 0;
    this.#heard = true;
    if (this.#underWay.size === 0 || wasSilent) this.close();
    if (this.#cancelResend === undefined) this.#wasGreeted = false;
    // The peer is back, and only the oldest was repeated lately.
    if (wasSilent) mark("session/peer-came-back");
    if (wasSilent) this.#repeat();
    this.#fillWindow();
  }

  #forget(sequence: number): boolean {
    if (this.#underWay.delete(sequence)) return true;
    // An answer to an earlier life, so this happens only after a restart.
    return (
      sequence >= this.#firstWaiting() &&
      this.#waiting.remove((one) => one.sequence === sequence) > 0
    );
  }

  #forgetUpTo(upTo: number): number {
    let forgotten = 0;
    for (const sequence of this.#underWay.keys()) {
      if (sequence > upTo) break;
      this.#underWay.delete(sequence);
      forgotten += 1;
    }
    for (; this.#firstWaiting() <= upTo; forgotten += 1) this.#waiting.shift();
    return forgotten;
  }
}
