/** Waits for the ends of objectives: one for each objective, however many callers wait for it. */
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Clock } from "../../ports/clock.ts";

/** One for the life of the API. */
export class ObjectiveWaits {
  readonly #engine: Pick<Engine, "settled">;
  readonly #clock: Clock;
  readonly #open = new Map<ObjectiveId, Promise<void>>();

  constructor(engine: Pick<Engine, "settled">, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Objectives that somebody has waited for, and that are not over. */
  get size(): number {
    return this.#open.size;
  }

  /** Resolves when the objective, which exists, is over; at the latest after `timeoutMs`. */
  async untilSettled(objectiveId: ObjectiveId, timeoutMs: number): Promise<void> {
    let cancel = (): void => {};
    const tooLong = new Promise<void>((resolve) => {
      cancel = this.#clock.after(timeoutMs, resolve);
    });
    await Promise.race([this.#settled(objectiveId), tooLong]);
    cancel();
  }

  #settled(objectiveId: ObjectiveId): Promise<void> {
    const known = this.#open.get(objectiveId);
    if (known !== undefined) return known;
    const settled = this.#engine.settled(objectiveId).then(() => {
      this.#open.delete(objectiveId);
    });
    this.#open.set(objectiveId, settled);
    return settled;
  }
}
