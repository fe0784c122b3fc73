/** Objectives that do not wait for ever: after some time of this life without an end they expire. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import { isShaken } from "../channel/remembered-facts.ts";
import type { NodeEvent } from "../events/event.ts";
import { RESEND_AFTER_MS, RESEND_AFTER_MS_MAX } from "../network/limits.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { isBusyLedger } from "./crank-ledger.ts";
import { hasPostfund } from "./give-up-virtual.ts";
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

/**
 * Milliseconds after which an objective that waits for others is left to the chain: 7,200,000, two hours, unless
 * the node was set up otherwise. A peer that restarts is back long before; a challenge takes a day as a rule, so
 * that waiting longer would save little. Source: ADR 0027.
 */
export const DISPUTE_AFTER_MS = 7_200_000;

/** What is told when time is over. */
export type Overdue = {
  readonly objective: (objectiveId: ObjectiveId) => void;
  /** Of a ledger in which something waits to be signed; or a channel whose money a reorganisation took. */
  readonly channel: (channelId: ChannelId) => void;
};

/** One timer for each open objective that has a limit, and for each ledger that is busy. What follows is decided elsewhere. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #state: NodeView;
  readonly #overdue: Overdue;
  readonly #disputeAfterMs: number;
  readonly #timers = new Map<ObjectiveId | ChannelId, CancelTimer>();

  /** `state` holds what the events have led to by the time that they are told here. */
  constructor(
    clock: Clock,
    state: NodeView,
    overdue: Overdue,
    disputeAfterMs: number = DISPUTE_AFTER_MS,
  ) {
    this.#clock = clock;
    this.#state = state;
    this.#overdue = overdue;
    this.#disputeAfterMs = disputeAfterMs;
  }

  /** Gives what was open before this life all of its time again. */
  begin(): void {
    for (const objective of this.#state.objectives.values()) {
      if (isActive(objective)) this.#begin(objective);
    }
    for (const { id } of this.#state.channels.values()) this.#watch(id);
  }

  /** Begins, and ends, with what has just happened. */
  follow(events: readonly NodeEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "ObjectiveCreated":
          this.#begin({ ...event, id: event.objectiveId });
          break;
        case "ObjectiveCompleted":
        case "ObjectiveRejected":
          this.#end(event.objectiveId);
          break;
        case "SupportedStateAdvanced":
          this.#end(event.channelId);
          this.#watch(event.channelId);
          break;
        case "ProposalAgreed":
        case "ProposalSigned":
        case "ProposalReceived":
        case "ChainFactsTakenBack":
          this.#watch(event.channelId);
          break;
        default:
      }
    }
  }

  /** Nothing expires any more. */
  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #end(id: ObjectiveId | ChannelId): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  #begin({ channelId, goal, id }: Pick<Objective, "channelId" | "goal" | "id">): void {
    const isAlone = goal.type === "Dispute" || goal.type === "Update";
    if (isAlone || this.#timers.has(id)) return;
    const channel = this.#state.channels.get(channelId);
    // Whoever has signed the postfund cannot leave by herself any more: that is left to the chain.
    if (goal.type === "VirtualFund" && !(channel && hasPostfund(channel))) {
      this.#giveTimeToOpen({ channelId, goal, id });
      return;
    }
    this.#after(id, this.#disputeAfterMs, () => {
      // What is not over yet may have to be asked for once more, of somebody else.
      this.#begin({ channelId, goal, id });
      this.#overdue.objective(id);
    });
  }

  #giveTimeToOpen({ channelId, goal, id }: Pick<Objective, "channelId" | "goal" | "id">): void {
    const { myIndex } = assertDefined(this.#state.channels.get(channelId), "the channel");
    const delayMs = VIRTUAL_FUND_TIMEOUT_MS + myIndex * PATIENCE_PER_HOP_MS;
    this.#after(id, delayMs, () => {
      const channel = this.#state.channels.get(channelId);
      if (channel !== undefined && hasPostfund(channel)) this.#begin({ channelId, goal, id });
      else this.#overdue.objective(id);
    });
  }

  #watch(channelId: ChannelId): void {
    const channel = this.#state.channels.get(channelId);
    if (channel === undefined || this.#timers.has(channelId)) return;
    if (!isBusyLedger(channel) && !isShaken(channel)) return;
    this.#after(channelId, this.#disputeAfterMs, () => this.#overdue.channel(channelId));
  }

  #after(id: ObjectiveId | ChannelId, delayMs: number, run: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(id);
      run();
    });
    this.#timers.set(id, cancel);
  }
}
