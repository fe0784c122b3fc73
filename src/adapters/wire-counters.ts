/** What happened on a wire, counted by code. */

/**
 * Things that are counted. Nothing here is thrown: on a wire everything goes wrong at times.
 *
 * - `Accepted`, `Dialed`: a connection was opened, by the other end or by us.
 * - `DialFailed`: nobody answered at a place in time.
 * - `Lost`: a connection ended that we had not ended.
 * - `RefusedFull`, `RefusedHostFull`: a connection was closed at once, because there are too many, or too many of its host.
 * - `FrameReceived`, `FrameSent`: a frame came whole, or was taken into a queue.
 * - `FrameTooLarge`: the other end claims more bytes than it may. Its connection was closed.
 * - `FrameRefused`: our own side wanted to send more bytes than a frame may have.
 * - `FrameDropped`: no room was left in the queue that the frame belongs to.
 * - `FrameUnheard`: a frame came before anybody listened.
 * - `NowhereToSend`: an endpoint is neither connected nor a place that can be dialed here.
 * - `TooManyPlaces`: a place was not dialed, because so many are already.
 * - `HalfOpen`: an accepted connection was closed because no whole frame came in time.
 * - `StrangerTooMuch`: an accepted connection was closed because nobody vouched for it in so many frames.
 * - `StrangerExpired`: an accepted connection was closed because nobody vouched for it in time.
 * - `ReaderStalled`: a connection was closed because the other end took nothing for too long.
 * - `FrameStalled`: a connection was closed because a frame had begun and did not end.
 */
export const WIRE_CODES = [
  "Accepted",
  "Dialed",
  "DialFailed",
  "Lost",
  "RefusedFull",
  "RefusedHostFull",
  "FrameReceived",
  "FrameSent",
  "FrameTooLarge",
  "FrameRefused",
  "FrameDropped",
  "FrameUnheard",
  "NowhereToSend",
  "TooManyPlaces",
  "HalfOpen",
  "StrangerTooMuch",
  "StrangerExpired",
  "ReaderStalled",
  "FrameStalled",
] as const;

/** One of the things that are counted. */
export type WireCode = (typeof WIRE_CODES)[number];

/** How often each thing happened. */
export class WireCounters {
  readonly #counts = new Map<WireCode, number>(WIRE_CODES.map((code) => [code, 0]));

  count(code: WireCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  all(): Readonly<Record<WireCode, number>> {
    return Object.fromEntries(this.#counts) as Record<WireCode, number>;
  }
}
