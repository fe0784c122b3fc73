/** A greeting to one peer, repeated until the peer welcomes this node. */

import type { CancelTimer, Clock } from "../ports/clock.ts";
import { assert } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import type { DataFrame, GreetingFrame, WelcomeFrame } from "./frame.ts";
import { EARLY_BYTES_MAX, RECEIVE_WINDOW, RESEND_AFTER_MS_MAX } from "./limits.ts";

/** How far the conversation with a peer is, as this node's log has it. */
export type Standing = {
  /** Last sequence that was given to a message; 0 before the first. */
  readonly lastSent: number;
  /** Everything up to this was settled by the peer. */
  readonly settledUpTo: number;
  /** The highest sequence from the peer that is in the log; 0 when there is none. */
  readonly lastReceived: number;
};

/** Greetings that are answered by another one until the next repetition would come: two that start at once need two. */
const GREETINGS_AT_ONCE = 4;

type Options = {
  readonly standing: Standing;
  readonly nonce: number;
  readonly transmit: (frame: GreetingFrame) => void;
  readonly clock: Clock;
  readonly resendAfterMs: number;
};

/** Greets until it is welcomed. Meanwhile it keeps what the peer sends, so that nothing has to come twice. */
export class Greeter {
  readonly standing: Standing;
  readonly #options: Options;
  /** Data that came before the two agreed. */
  #early: DataFrame[] = [];
  #earlyBytes = 0;
  #delayMs: number;
  #isWelcomed = false;
  #cancel: CancelTimer | undefined;
  /** Runs for a while from a greeting of the peer's on. */
  #cancelSpan: CancelTimer | undefined;
  /** Greetings of the peer's that were answered by one in this while. */
  #answered = 0;

  constructor(options: Options) {
    const { nonce, resendAfterMs, standing } = options;
    assert(Number.isSafeInteger(nonce) && nonce >= 0, "a nonce is a number of the wire");
    this.#options = options;
    this.#delayMs = resendAfterMs;
    this.standing = standing;
    this.#greet();
  }

  /** True for the answer to this very greeting, the first time that it comes. */
  takeWelcome({ nonce }: WelcomeFrame): boolean {
    if (nonce !== this.#options.nonce) mark("session/welcome-stale");
    if (this.#isWelcomed || nonce !== this.#options.nonce) return false;
    this.#isWelcomed = true;
    this.close();
    return true;
  }

  /** Greets at once: the peer has just shown that it is there. */
  repeat(): void {
    if (!this.#isWelcomed) this.#transmit();
  }

  /**
   * The peer greets as well: as `repeat`, but a few times in a while. Two that never agree, as where one claims what is
   * absurd, would greet each other for ever, as fast as the wire can.
   */
  hearGreeting(): void {
    if (this.#isWelcomed) return;
    if (this.#answered >= GREETINGS_AT_ONCE) {
      mark("session/greeted-too-often");
      return;
    }
    const { clock, resendAfterMs } = this.#options;
    this.#answered += 1;
    this.#cancelSpan ??= clock.after(resendAfterMs, () => {
      this.#cancelSpan = undefined;
      this.#answered = 0;
    });
    this.repeat();
  }

  /** Keeps data for later. False when it has to come again, because there is no room. */
  keep(frame: DataFrame): boolean {
    const sizeBytes = this.#earlyBytes + frame.payload.length;
    if (this.#early.length >= RECEIVE_WINDOW || sizeBytes > EARLY_BYTES_MAX)
      return marked("session/flooded-before-conversation", false);
    mark("session/frame-kept-for-later");
    this.#early.push(frame);
    this.#earlyBytes = sizeBytes;
    return true;
  }

  /** What was kept, in the order in which it came. */
  takeEarly(): readonly DataFrame[] {
    const early = this.#early;
    this.#early = [];
    return early;
  }

  /** Stops the timers. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#cancelSpan?.();
  }

  #greet(): void {
    const { clock } = this.#options;
    this.#transmit();
    this.#cancel = clock.after(this.#delayMs, () => this.#greet());
    this.#delayMs = Math.min(2 * this.#delayMs, RESEND_AFTER_MS_MAX);
  }

  #transmit(): void {
    const { nonce, standing, transmit } = this.#options;
    const { lastReceived, lastSent } = standing;
    transmit({ type: "Greeting", nonce, lastSent, lastReceived });
  }
}
