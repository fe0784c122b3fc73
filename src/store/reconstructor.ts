/** State reconstruction: the state of a node, or of one of its entities, at any offset of its log. */
import type { EventRecord, Tag } from "../events/record.ts";
import { assert } from "../primitives/assert.ts";
import type { EventStore } from "./event-store.ts";

/** What is to be folded, and how far. */
export type Reconstruction<Event, State> = {
  readonly store: EventStore<Event>;
  readonly initial: State;
  /** The only change of a state. Gets the record too, for its offset and time. */
  readonly evolve: (state: State, event: Event, record: EventRecord<Event>) => State;
  /** Number of records to look at, from the first: 0 gives `initial`, `store.length` the state of now. */
  readonly upTo: number;
  /** Only events with this tag: those of one objective or one channel. */
  readonly tag?: Tag;
};

/** Folds the log from its start. Throws `NodeError` with `DiskFailed` or `LogDamaged`. */
export async function reconstruct<Event, State>({
  store,
  initial,
  evolve,
  upTo,
  tag,
}: Reconstruction<Event, State>): Promise<State> {
  assert(upTo >= 0 && upTo <= store.length, "the log reaches to the offset that is asked for");
  let state = initial;
  for await (const record of store.readRange(0, upTo)) {
    const { event } = record;
    if (tag === undefined || store.tagsOf(event).includes(tag))
      state = evolve(state, event, record);
  }
  return state;
}
