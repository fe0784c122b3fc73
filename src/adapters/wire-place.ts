/** One place that frames go to by dialing: what waits for it, and when it may be dialed again. */
import type { CancelTimer } from "../ports/clock.ts";
import type { FrameQueue } from "./wire-frame-queue.ts";

/**
 * Where a place stands. `attempt` tells an attempt to connect from those before it, which may still succeed after they
 * were given up.
 */
type PlaceState =
  | { readonly type: "Idle" }
  | { readonly type: "Dialing"; readonly attempt: AbortController; readonly cancel: CancelTimer }
  | { readonly type: "Connected" }
  | { readonly type: "BackingOff"; readonly cancel: CancelTimer };

/** Ticks after which an idle place is forgotten, its failures with it: two minutes, twice the longest back-off. */
const FORGOTTEN_TICKS = 120;

/** A place that was ever sent to. The wire moves it from state to state. */
export class WirePlace {
  /** Frames that wait for a connection; it takes the queue over. */
  waiting: FrameQueue;
  state: PlaceState = { type: "Idle" };
  /** Connections in a row that failed, or ended before the other end said anything. */
  failures = 0;
  #idleTicks = 0;

  constructor(waiting: FrameQueue) {
    this.waiting = waiting;
  }

  /** A second has passed. Gives true when the place may be forgotten. */
  tick(): boolean {
    this.#idleTicks = this.state.type === "Idle" ? this.#idleTicks + 1 : 0;
    return this.#idleTicks > FORGOTTEN_TICKS;
  }

  /** Leaves the state it is in: a timer of it no longer runs, an attempt of it no longer counts. */
  leave(): void {
    const { state } = this;
    if (state.type === "Dialing" || state.type === "BackingOff") state.cancel();
    if (state.type === "Dialing") state.attempt.abort();
    this.state = { type: "Idle" };
  }
}
