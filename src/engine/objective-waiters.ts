/** Who waits for the end of an objective. */
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import type { Objective } from "../protocols/objective.ts";
import type { NodeState } from "./node-state.ts";

/** Promises of one life of a node. Whoever waits when it ends waits for ever. */
export class ObjectiveWaiters {
  readonly #waiters = new Map<ObjectiveId, ((objective: Objective) => void)[]>();

  /** Resolves with the next end of the objective. */
  wait(objectiveId: ObjectiveId): Promise<Objective> {
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(objectiveId) ?? [];
      this.#waiters.set(objectiveId, [...waiters, resolve]);
    });
  }

  /** Tells of the ends among these events, which `state` holds already. */
  wake(events: readonly NodeEvent[], state: NodeState): void {
    for (const event of events) {
      if (event.type !== "ObjectiveCompleted" && event.type !== "ObjectiveRejected") continue;
      const objective = state.objectives.get(event.objectiveId);
      const waiters = this.#waiters.get(event.objectiveId);
      this.#waiters.delete(event.objectiveId);
      if (objective === undefined) continue;
      for (const resolve of waiters ?? []) resolve(objective);
    }
  }
}
