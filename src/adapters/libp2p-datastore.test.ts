/** What libp2p remembers: as it is asked for, and no more than there is room for. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { ENTRIES_MAX, Libp2pDatastore } from "./libp2p-datastore.ts";

type Key = Parameters<Libp2pDatastore["get"]>[0];

/** As much of a key as the store looks at. */
const keyOf = (text: string): Key => ({ toString: () => text }) as Key;

describe("Libp2pDatastore", () => {
  unit("gives back what was put, until it is deleted", () => {
    const store = new Libp2pDatastore();
    store.put(keyOf("/a"), Uint8Array.of(1));
    store.put(keyOf("/a"), Uint8Array.of(2));
    store.put(keyOf("/b"), Uint8Array.of(3));
    store.delete(keyOf("/b"));

    expect(store.get(keyOf("/a"))).toEqual(Uint8Array.of(2));
    expect([store.has(keyOf("/a")), store.has(keyOf("/b"))]).toEqual([true, false]);
    expect(() => store.get(keyOf("/b"))).toThrow("nothing is kept under /b");
  });

  unit("finds entries by the beginning of their keys, in order, so many", () => {
    const store = new Libp2pDatastore();
    for (const name of ["/peer/3", "/peer/1", "/other/9", "/peer/2"]) {
      store.put(keyOf(name), Uint8Array.of(Number(name.at(-1))));
    }
    const orders = [
      (a: { value: Uint8Array }, b: { value: Uint8Array }) =>
        (a.value[0] ?? 0) < (b.value[0] ?? 0) ? (-1 as const) : (1 as const),
    ];

    const pairs = [...store.query({ prefix: "/peer", orders, offset: 1, limit: 1 })];
    const keys = [...store.queryKeys({ prefix: "/peer", limit: 2 })];

    expect(pairs.map(({ value }) => value[0])).toEqual([2]);
    expect(keys.map(String)).toEqual(["/peer/3", "/peer/1"]);
  });

  unit("changes nothing of a batch before it is committed", () => {
    const store = new Libp2pDatastore();
    store.put(keyOf("/a"), Uint8Array.of(1));
    const batch = store.batch();
    batch.put(keyOf("/b"), Uint8Array.of(2));
    batch.delete(keyOf("/a"));
    const before = store.has(keyOf("/a")) && !store.has(keyOf("/b"));
    void batch.commit();

    expect([before, store.has(keyOf("/a")), store.has(keyOf("/b"))]).toEqual([true, false, true]);
  });

  adversarial("forgets what was not asked for in the longest time, when strangers fill it", () => {
    const store = new Libp2pDatastore();
    store.put(keyOf("/kept"), Uint8Array.of(1));
    store.put(keyOf("/left"), Uint8Array.of(2));
    for (let n = 0; n < 2 * ENTRIES_MAX; n++) {
      store.put(keyOf(`/record/${n}`), Uint8Array.of(3));
      store.get(keyOf("/kept"));
    }
    store.put(keyOf("/large"), new Uint8Array(100_000));

    expect(store.size).toBe(ENTRIES_MAX);
    expect([store.has(keyOf("/kept")), store.has(keyOf("/left"))]).toEqual([true, false]);
    expect(store.has(keyOf("/large"))).toBe(false);
  });
});
