/** Requests for channels in which nothing may be signed yet: they wait a little for the other participants. */

import type { CancelTimer, Clock } from "../ports/clock.ts";
import { mark } from "../primitives/mark.ts";
import { reject } from "../primitives/result.ts";
import type { Input } from "./input.ts";

/**
 * Milliseconds that a request waits: 10 seconds. A peer that runs answers a greeting in one round trip, and
 * after a few lost frames within that; whoever takes longer is away, and the user should hear that.
 */
const PATIENCE_MS = 10_000;

/** Something that the user of the node wants, and waits for an answer to. */
export type Wish = Input & { readonly type: "Request" | "Payment" | "Handover" };

/** True for what a user asked. */
export function isWish(input: Input): input is Wish {
  return input.type === "Request" || input.type === "Payment" || input.type === "Handover";
}

/** Keeps requests until somebody calls them in again, or their time is up. */
export class WaitingRoom {
  readonly #clock: Clock;
  readonly #waiting = new Map<Wish, CancelTimer>();
  /** Requests that have waited once and were let in again: they have no more time than the first. */
  readonly #deadlines = new WeakMap<Wish, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Lets a request wait. Once its time is up it is answered with `Resyncing`. */
  keep(request: Wish): void {
    mark("user/wish-waits");
    const nowMs = this.#clock.nowMs();
    const deadlineMs = this.#deadlines.get(request) ?? nowMs + PATIENCE_MS;
    this.#deadlines.set(request, deadlineMs);
    // A clock that stepped back meanwhile would have it wait for as long as that step is.
    const leftMs = Math.min(PATIENCE_MS, Math.max(0, deadlineMs - nowMs));
    const cancel = this.#clock.after(leftMs, () => {
      this.#waiting.delete(request);
      mark("user/wish-gave-up-waiting");
      request.answer(reject({ code: "Resyncing" }));
    });
    this.#waiting.set(request, cancel);
  }

  /** Everybody who waits, in the order of coming. Nobody waits afterwards. */
  empty(): readonly Wish[] {
    const requests = [...this.#waiting.keys()];
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    return requests;
  }
}
