/** Objectives that do not wait for ever: after some time of this life without an end they expire. */
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import { RESEND_AFTER_MS, RESEND_AFTER_MS_MAX } from "../network/limits.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { NodeView } from "./node-state.ts";

/**
 * Milliseconds that the opening of a virtual channel may take, counted anew in each life: 60,000, a minute.
 * A peer that comes back hears everything within 30 seconds; whoever takes longer holds up the money of
 * others, and of them only those who have signed nothing final can still leave. Source: ADR 0014.
 */
export const VIRTUAL_FUND_TIMEOUT_MS = 60_000;
assert(VIRTUAL_FUND_TIMEOUT_MS >= 2 * RESEND_AFTER_MS_MAX, "every message is sent at least twice");

/**
 * Milliseconds that a participant waits longer than the one before her: 3,000. The payer gives up first, and
 * her word reaches everybody, be it sent twice, before their own time is over: they say nothing twice.
 */
export const PATIENCE_PER_HOP_MS = 3_000;
assert(PATIENCE_PER_HOP_MS >= 2 * RESEND_AFTER_MS, "a word that is lost once still comes first");

/** One timer for each open objective that has a limit. What it means that one expires is decided elsewhere. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #state: NodeView;
  readonly #onExpired: (objectiveId: ObjectiveId) => void;
  readonly #timers = new Map<ObjectiveId, CancelTimer>();

  /** `state` holds what the events have led to by the time that they are told here. */
  constructor(clock: Clock, state: NodeView, onExpired: (objectiveId: ObjectiveId) => void) {
    this.#clock = clock;
    this.#state = state;
    this.#onExpired = onExpired;
  }

  /** Gives what was open before this life all of its time again. */
  begin(): void {
    for (const objective of this.#state.objectives.values()) {
      if (isActive(objective)) this.#begin(objective);
    }
  }

  /** Begins, and ends, with what has just happened. */
  follow(events: readonly NodeEvent[]): void {
    for (const event of events) {
      if (event.type === "ObjectiveCreated") {
        this.#begin({ ...event, id: event.objectiveId });
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

  #begin({ channelId, goal, id }: Pick<Objective, "channelId" | "goal" | "id">): void {
    if (goal.type !== "VirtualFund" || this.#timers.has(id)) return;
    const { myIndex } = assertDefined(this.#state.channels.get(channelId), "the channel");
    const delayMs = VIRTUAL_FUND_TIMEOUT_MS + myIndex * PATIENCE_PER_HOP_MS;
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(id);
      this.#onExpired(id);
    });
    this.#timers.set(id, cancel);
  }
}
