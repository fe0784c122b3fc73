/** States at every offset, of a whole log and of one entity. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { addedRange, openSample, type SampleEvent } from "../../test/sample-log.ts";
import type { Tag } from "../events/record.ts";
import type { EventStore } from "./event-store.ts";
import { reconstruct } from "./reconstructor.ts";

const total = (state: number, event: SampleEvent): number =>
  event.type === "Added" ? state + event.count : 0;

const totalOf = (store: EventStore<SampleEvent>, upTo: number, tag?: Tag): Promise<number> =>
  reconstruct({ store, initial: 0, evolve: total, upTo, ...(tag === undefined ? {} : { tag }) });

describe("reconstruct", () => {
  unit("gives the state at any offset, of everything or of one entity", async () => {
    const store = await openSample();
    await store.append([...addedRange(1, 4), { type: "Cleared", owner: "alice" }], 0, 1);

    expect(await Promise.all([0, 1, 2, 3, 4, 5].map((upTo) => totalOf(store, upTo)))).toEqual([
      0, 1, 3, 6, 10, 0,
    ]);
    expect(await totalOf(store, 4, "owner:alice")).toBe(6);
    expect(await totalOf(store, 5, "owner:alice")).toBe(0);
    expect(await totalOf(store, 5, "owner:bob")).toBe(4);
    expect(await totalOf(store, 5, "owner:eve")).toBe(0);
  });

  unit("hands the record to the fold, for its offset and time", async () => {
    const store = await openSample();
    await store.append(addedRange(0, 2), 0, 70);
    const places = await reconstruct<SampleEvent, readonly string[]>({
      store,
      initial: [],
      evolve: (state, _, { offset, timeMs }) => [...state, `${offset} at ${timeMs}`],
      upTo: 2,
    });

    expect(places).toEqual(["0 at 70", "1 at 70"]);
  });

  unit("stops the program that asks for an offset beyond the log", async () => {
    const store = await openSample();

    await expect(totalOf(store, 1)).rejects.toThrow("the log reaches");
    await expect(totalOf(store, -1)).rejects.toThrow("the log reaches");
  });

  property("gives at every offset what a fold of the events up to there gives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 99 }), { maxLength: 20 }), async (counts) => {
        const events = counts.map((count): SampleEvent => ({ type: "Added", owner: "bob", count }));
        const store = await openSample();
        await store.append(events, 0, 1);

        for (let upTo = 0; upTo <= events.length; upTo += 1) {
          expect(await totalOf(store, upTo)).toBe(events.slice(0, upTo).reduce(total, 0));
        }
      }),
    );
  });
});
