/** Objectives that do not wait for ever: after some time of this life without an end they expire. */
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import { RESEND_AFTER_MS_MAX } from "../network/limits.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { assert } from "../primitives/assert.ts";
import { isActive, type Objective } from "../protocols/objective.ts";

/**
 * Milliseconds that the opening of a virtual channel may take, counted anew in each life: 60,000, a minute.
 * A peer that comes back hears everything within 30 seconds; whoever takes longer holds up the money of
 * others, and of them only those who have signed nothing final can still leave. Source: ADR 0014.
 */
export const VIRTUAL_FUND_TIMEOUT_MS = 60_000;
assert(VIRTUAL_FUND_TIMEOUT_MS >= 2 * RESEND_AFTER_MS_MAX, "every message is sent at least twice");

/** One timer for each open objective that has a limit. What it means that one expires is decided elsewhere. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #onExpired: (objectiveId: ObjectiveId) => void;
  readonly #timers = new Map<ObjectiveId, CancelTimer>();

  constructor(clock: Clock, onExpired: (objectiveId: ObjectiveId) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Gives what was open before this life all of its time again. */
  begin(objectives: Iterable<Objective>): void {
    for (const objective of objectives) if (isActive(objective)) this.#begin(objective);
  }

  /** Begins, and ends, with what has just happened. */
  follow(events: readonly NodeEvent[]): void {
    for (const event of events) {
      if (event.type === "ObjectiveCreated") {
        this.#begin({ id: event.objectiveId, goal: event.goal });
      } else if (event.type === "ObjectiveCompleted" || event.type === "ObjectiveRejected") {
        this.#timers.get(event.objectiveId)?.();
        this.#timers.delete(event.objectiveId);
      }
    }
  }

  /** Nothing expires any more. */
  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #begin({ goal, id }: Pick<Objective, "goal" | "id">): void {
    if (goal.type !== "VirtualFund" || this.#timers.has(id)) return;
    const cancel = this.#clock.after(VIRTUAL_FUND_TIMEOUT_MS, () => {
      this.#timers.delete(id);
      this.#onExpired(id);
    });
    this.#timers.set(id, cancel);
  }
}
