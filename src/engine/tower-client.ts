/** A node's side of its watchtower. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { NodeEvent } from "../events/event.ts";
import type { Context } from "../protocols/protocol.ts";
import type { Appointment } from "../watchtower/appointment.ts";
import { appointmentsAfter, appointmentsOfAll, type TowerNotice } from "./appointments.ts";
import type { NodeView } from "./node-state.ts";

/**
 * The way to a tower that knows who calls. Both may fail without a word: whoever carries them tries again, and
 * the next life of the node gives all that is open once more.
 */
export type TowerDoor = {
  readonly give: (appointment: Appointment) => void;
  readonly end: (channelId: ChannelId) => void;
};

/** Tells the tower what follows from durable events. It has no memory. */
export class TowerClient {
  readonly #door: TowerDoor | undefined;
  readonly #state: NodeView;
  readonly #context: Context;

  /** A node without a tower has no `door`, and signs nothing for one. */
  constructor(door: TowerDoor | undefined, state: NodeView, context: Context) {
    this.#door = door;
    this.#state = state;
    this.#context = context;
  }

  /** Gives everything that is open. */
  begin(): void {
    if (this.#door === undefined) return;
    for (const notice of appointmentsOfAll(this.#state, this.#context)) this.#tell(notice);
  }

  /** Gives what these events, just made durable, have changed. */
  follow(events: readonly NodeEvent[]): void {
    if (this.#door === undefined) return;
    for (const notice of appointmentsAfter(events, this.#state, this.#context)) {
      this.#tell(notice);
    }
  }

  #tell(notice: TowerNotice): void {
    if (notice.type === "Give") this.#door?.give(notice.appointment);
    else this.#door?.end(notice.channelId);
  }
}
