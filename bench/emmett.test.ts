/** Emmett over what stands in for its driver: what is measured beside us is emmett, and it works. */
import { describe, expect } from "bun:test";
import { getSQLiteEventStore, InMemorySQLiteDatabase } from "@event-driven-io/emmett-sqlite";
import { integration } from "../test/kind.ts";

const event = (number: number) => ({ type: "Counted", data: { number, text: "a's" } });

describe("emmett with its SQLite store", () => {
  integration("gives back what was appended, in order", async () => {
    const store = getSQLiteEventStore({ fileName: InMemorySQLiteDatabase });
    await store.appendToStream("count-1", [event(1), event(2)]);
    await store.appendToStream("count-1", [event(3)], { expectedStreamVersion: 2n });

    const { currentStreamVersion, events } = await store.readStream("count-1");

    expect(currentStreamVersion).toBe(3n);
    expect(events.map(({ data }) => data)).toEqual([1, 2, 3].map((number) => event(number).data));
  });

  integration("refuses to append to a stream that has grown meanwhile", async () => {
    const store = getSQLiteEventStore({ fileName: InMemorySQLiteDatabase });
    await store.appendToStream("count-1", [event(1)]);

    const late = store.appendToStream("count-1", [event(2)], { expectedStreamVersion: 5n });

    await expect(late).rejects.toThrow("Expected version 5");
  });
});
