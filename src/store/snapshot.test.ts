/** Snapshots: what they hold, what they go back to, and which are put aside. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { concurrency, crash, property, unit } from "../../test/kind.ts";
import {
  anyFact,
  createSampleState,
  foldSample,
  listed,
  type SampleFact,
  SampleHistory,
  type SampleState,
  sampleTables,
} from "../../test/sample-tables.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { uint } from "../primitives/schema.ts";
import { type EncodedEntity, type LoadedEntity, SnapshotManager } from "./snapshot.ts";
import { headerKey, pageKey, SNAPSHOT_KEYS } from "./snapshot-keys.ts";

const paid = (account: string, amount: number): SampleFact => ({ type: "Paid", account, amount });
const closed = (account: string): SampleFact => ({ type: "Closed", account });
const noted = (note: string, text: string): SampleFact => ({ type: "Noted", note, text });
const erased = (note: string): SampleFact => ({ type: "Erased", note });

/** Three snapshots: bob's account is closed by the second, the note erased by the third. */
const THREE = [
  [paid("bob", 1), paid("alice", 2), noted("n", "first")],
  [closed("bob"), paid("alice", 3)],
  [erased("n"), paid("carol", 4)],
];

async function three(history: SampleHistory): Promise<SnapshotManager<SampleState>> {
  const snapshots = await history.open();
  const state = createSampleState();
  for (const facts of THREE) await history.snapshotAfter(facts, state, snapshots);
  return snapshots;
}

async function keysOf({ keyValue }: SampleHistory): Promise<number> {
  let count = 0;
  for await (const _ of keyValue.range(SNAPSHOT_KEYS)) count += 1;
  return count;
}

function stateOf(loaded: readonly (LoadedEntity | EncodedEntity)[] | undefined): SampleState {
  const state = createSampleState();
  for (const entity of loaded ?? []) {
    const value = "decode" in entity ? entity.decode() : entity.value;
    state[entity.table.name as keyof SampleState].restore(entity.key, value as never);
  }
  return state;
}

describe("SnapshotManager", () => {
  unit("holds what the log folds to, the settled entities apart", async () => {
    const snapshots = await three(new SampleHistory());

    expect((await snapshots.load(false))?.map(({ key }) => key)).toEqual(["alice", "carol"]);
    expect((await snapshots.load(true))?.map(({ key }) => key)).toEqual(["bob"]);
    expect(await snapshots.find({ table: 1, key: "bob" })).toEqual({ total: 1, isClosed: true });
    expect(await snapshots.find({ table: 1, key: "eve" })).toBeUndefined();
  });

  unit("is found again by the next start, and says the same of every snapshot", async () => {
    const history = new SampleHistory();
    const before = await three(history);
    const after = await history.open();

    expect(after.newest).toEqual(before.newest);
    expect(after.newest?.length).toBe(7);
    expect(history.ignored).toEqual([]);
    for (const length of [3, 5, 7]) {
      const expected = listed(foldSample(history.facts.slice(0, length)));
      expect(listed(stateOf(await after.loadAt(length)))).toEqual(expected);
    }
  });

  unit("tells what one entity was in each snapshot", async () => {
    const snapshots = await three(new SampleHistory());
    const at = async (table: number, key: string, length: number) =>
      (await snapshots.entityAt({ table, key }, length))?.value;

    expect(await at(1, "bob", 3)).toEqual({ total: 1, isClosed: false });
    expect(await at(1, "bob", 5)).toEqual({ total: 1, isClosed: true });
    expect(await at(1, "alice", 3)).toEqual({ total: 2, isClosed: false });
    expect(await at(1, "alice", 7)).toEqual({ total: 5, isClosed: false });
    expect(await at(1, "carol", 5)).toBeUndefined();
    expect(await at(2, "n", 5)).toBe("first");
    expect(await at(2, "n", 7)).toBeUndefined();
  });

  unit(
    "writes an entity that was touched and is the same again to its page, and nowhere else",
    async () => {
      const history = new SampleHistory();
      const snapshots = await three(history);
      const before = await keysOf(history);
      const state = stateOf([
        ...((await snapshots.load(false)) ?? []),
        ...((await snapshots.load(true)) ?? []),
      ]);
      await history.snapshotAfter([paid("alice", 0)], state, snapshots);

      // A header, a page, and where it stands there.
      expect(await keysOf(history)).toBe(before + 3);
      const start = await snapshots.startFor(history.facts.length - 1);
      expect(start?.page.map(({ key }) => key)).toEqual(["alice"]);
    },
  );

  unit("writes as much as has changed, however much there is", async () => {
    const history = new SampleHistory();
    let sizeBytes = 0;
    const keyValue: KeyValue = {
      ...history.keyValue,
      batch: (writes) => {
        for (const write of writes) {
          sizeBytes += write.key.length + (write.type === "Put" ? write.value.length : 0);
        }
        return history.keyValue.batch(writes);
      },
    };
    const snapshots = await history.open(keyValue);
    const state = createSampleState();
    const all = Array.from({ length: 10_000 }, (_, index) => paid(`account ${index}`, 1));
    await history.snapshotAfter(all, state, snapshots);
    const first = sizeBytes;
    sizeBytes = 0;
    await history.snapshotAfter(all.slice(500, 510), state, snapshots);

    // Ten of ten thousand, each with its page entry and its place in the history.
    expect(sizeBytes).toBeLessThan(first / 200);
  });

  unit("forgets what lies far back, and nothing else", async () => {
    const history = new SampleHistory();
    const snapshots = await three(history);
    await snapshots.forgetBefore(5);

    expect(await snapshots.loadAt(3)).toBeUndefined();
    expect(await snapshots.entityAt({ table: 1, key: "carol" }, 5)).toEqual({ value: undefined });
    const expected = listed(foldSample(history.facts.slice(0, 5)));
    expect(listed(stateOf(await snapshots.loadAt(5)))).toEqual(expected);
    expect((await history.open()).newest?.length).toBe(7);
  });

  unit("goes back to the snapshot that a shorter log still has", async () => {
    const history = new SampleHistory();
    await three(history);
    history.facts.length = 6;
    const snapshots = await history.open();

    expect(snapshots.newest?.length).toBe(5);
    expect(history.ignored).toEqual([{ code: "OtherLog", length: 7 }]);
    const loaded = [
      ...((await snapshots.load(false)) ?? []),
      ...((await snapshots.load(true)) ?? []),
    ];
    expect(stateOf(loaded).accounts.get("bob")).toEqual({ total: 1, isClosed: true });
    expect(stateOf(loaded).notes.get("n")).toBe("first");
    expect(stateOf(loaded).accounts.has("carol")).toBe(false);
  });

  unit("puts aside the snapshots of another log", async () => {
    const history = new SampleHistory();
    await three(history);
    history.salt = 1;
    const snapshots = await history.open();

    expect(snapshots.newest).toBeUndefined();
    expect(history.ignored.at(-1)).toEqual({ code: "OtherLog", length: 3 });
    expect(await keysOf(history)).toBe(0);
  });

  unit("puts aside what a program with other tables wrote", async () => {
    const history = new SampleHistory();
    await three(history);
    const ignored: unknown[] = [];
    const snapshots = await SnapshotManager.open({
      keyValue: history.keyValue,
      tables: { ...sampleTables, notes: { number: 2, schema: uint(9) } } as never,
      hashAt: async (length) => history.hashAt(length),
      onIgnored: (reason) => ignored.push(reason),
    });

    expect(snapshots.newest).toBeUndefined();
    expect(ignored).toEqual([{ code: "OtherShape", length: 7 }]);
  });

  unit("puts aside a snapshot whose header is damaged", async () => {
    const history = new SampleHistory();
    await three(history);
    await history.keyValue.batch([{ type: "Put", key: headerKey(7), value: Uint8Array.of(1) }]);

    expect((await history.open()).newest).toBeUndefined();
    expect(history.ignored).toEqual([{ code: "Undecodable", length: 7 }]);
  });

  unit("puts aside a snapshot whose entities were changed behind its back", async () => {
    for (const isSettled of [false, true]) {
      const history = new SampleHistory();
      const snapshots = await three(history);
      const from = Uint8Array.of(8, isSettled ? 1 : 0);
      for await (const [key, value] of history.keyValue.range({ from, to: Uint8Array.of(9) })) {
        await history.keyValue.batch([{ type: "Put", key, value: value.with(3, 9) }]);
        break;
      }

      expect(await snapshots.load(!isSettled)).toBeDefined();
      expect(await snapshots.load(isSettled)).toBeUndefined();
      expect(history.ignored).toEqual([{ code: "OtherDigest", length: 7 }]);
      expect(snapshots.newest).toBeUndefined();
    }
  });

  unit("says that it does not know when a page is gone, rather than something else", async () => {
    const history = new SampleHistory();
    const snapshots = await three(history);
    await history.keyValue.batch([{ type: "Delete", key: pageKey(5) }]);

    expect(await snapshots.entityAt({ table: 1, key: "alice" }, 3)).toBeUndefined();
    expect(await snapshots.loadAt(3)).toBeUndefined();
  });

  unit("deletes everything when asked, and begins anew", async () => {
    const history = new SampleHistory();
    const snapshots = await three(history);
    await snapshots.deleteAll();
    expect(await keysOf(history)).toBe(0);

    const state = foldSample(history.facts);
    await history.snapshotAfter([paid("dora", 1)], state, snapshots);
    expect(listed(stateOf(await snapshots.loadAt(8)))).toEqual(listed(state));
  });

  concurrency("is read whole while the next one is being written", async () => {
    for (let pauses = 0; pauses < 40; pauses += 1) {
      const history = new SampleHistory();
      const slow: KeyValue = {
        ...history.keyValue,
        // Each entry is read when it is asked for, as if from a disk that changes meanwhile.
        range: async function* ({ from, to, ...rest }) {
          for (let next = from; ; ) {
            const range = history.keyValue.range({ from: next, to, ...rest, limit: 1 });
            const [entry] = await Array.fromAsync(range);
            if (entry === undefined) return;
            yield entry;
            if (rest.limit === 1) return;
            next = Uint8Array.from([...entry[0], 0]);
          }
        },
      };
      const snapshots = await history.open(slow);
      const state = createSampleState();
      await history.snapshotAfter([paid("a", 1), paid("b", 1), paid("c", 1)], state, snapshots);
      const loading = snapshots.load(false);
      for (let pause = 0; pause < pauses; pause += 1) await Promise.resolve();
      await history.snapshotAfter([closed("a"), paid("c", 1), paid("d", 1)], state, snapshots);

      const keys = (await loading)?.map(({ key }) => key).join("");
      expect(["abc", "bcd"]).toContain(keys ?? "nothing");
      expect(history.ignored).toEqual([]);
    }
  });

  crash("cleans up after a deletion that a stop cut short", async () => {
    const history = new SampleHistory();
    await three(history);
    await history.keyValue.batch(
      [3, 5, 7].map((length) => ({ type: "Delete", key: headerKey(length) })),
    );
    await history.open();

    expect(await keysOf(history)).toBe(0);
  });

  property("keeps the digests of all entities up by what changes alone", async () => {
    const steps = fc.array(fc.array(anyFact, { minLength: 1, maxLength: 4 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const history = new SampleHistory();
        const snapshots = await history.open();
        const state = createSampleState();
        for (const facts of all) await history.snapshotAfter(facts, state, snapshots);
        const atOnce = new SampleHistory();
        const other = await atOnce.open();
        await atOnce.snapshotAfter(all.flat(), createSampleState(), other);

        expect(snapshots.newest?.inUse).toEqual(other.newest?.inUse as never);
        expect(snapshots.newest?.settled).toEqual(other.newest?.settled as never);
        const loaded = await Promise.all([snapshots.load(false), snapshots.load(true)]);
        expect(sorted(stateOf(loaded.flatMap((part) => part ?? [])))).toEqual(sorted(state));
      }),
    );
  });
});

const sorted = (state: SampleState): unknown =>
  [...state.accounts, ...state.notes].sort(([one], [other]) => (one < other ? -1 : 1));
