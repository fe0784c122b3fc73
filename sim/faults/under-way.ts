/** Which faults are in effect, and how each of them is ended before its time. */
import type { CancelTimer } from "../../src/ports/clock.ts";
import type { Timeline } from "../timeline.ts";
import type { Fault } from "./fault.ts";

/** Virtual milliseconds for which a fault of an instant counts as in effect: a minute, in which it is answered. */
export const INSTANT_MS = 60_000;

/** A fault in effect. */
type Effect = { readonly fault: Fault; readonly undo: () => void; cancel: CancelTimer };

/** Kept for the whole run. */
export class UnderWay {
  readonly #timeline: Timeline;
  readonly #effects = new Map<number, Effect>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** Those in effect, in the order in which they began. */
  get faults(): readonly Fault[] {
    return [...this.#effects.values()].map(({ fault }) => fault);
  }

  /** A fault is in effect until `end`, or until `forMs` virtual milliseconds are over. Then `undo` is called, once. */
  begin(fault: Fault, forMs: number | undefined, undo: () => void = () => {}): void {
    const effect: Effect = { fault, undo, cancel: () => {} };
    this.#effects.set(fault.id, effect);
    if (forMs !== undefined) effect.cancel = this.#timeline.after(forMs, () => this.end(fault));
  }

  /** Ends a fault; nothing where it is over. */
  end({ id }: Fault): void {
    const effect = this.#effects.get(id);
    if (effect === undefined) return;
    this.#effects.delete(id);
    effect.cancel();
    effect.undo();
  }
}
