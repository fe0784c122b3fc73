/** Time travel: with whatever snapshots there are, the past is what a fold from the start says. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { concurrency, property, unit } from "../../test/kind.ts";
import {
  anyFact,
  createSampleState,
  foldSample,
  type SampleFact,
  SampleHistory,
  type SampleState,
} from "../../test/sample-tables.ts";
import type { SnapshotManager } from "./snapshot.ts";
import { readPageLengths } from "./snapshot-disk.ts";
import { pageKey } from "./snapshot-keys.ts";
import { differences, type PastState, pastState } from "./time-travel.ts";

const ACCOUNTS = ["a", "b", "c", "d"];
const NOTES = ["x", "y", "z"];

type Past = PastState<SampleFact, SampleState>;

/** Everything that a past state says, entity by entity. */
async function asked(past: Past): Promise<unknown> {
  const accounts = await Promise.all(ACCOUNTS.map((key) => past.get("accounts", key)));
  const notes = await Promise.all(NOTES.map((key) => past.get("notes", key)));
  return [...accounts, ...notes];
}

/** A table in the order of its keys: a key that comes back may have its old place. */
const sorted = (table: ReadonlyMap<string, unknown>): unknown =>
  [...table].sort(([one], [other]) => (one < other ? -1 : 1));

async function whole(past: Past): Promise<unknown> {
  return [sorted(await past.list("accounts")), sorted(await past.list("notes"))];
}

function folded({ accounts, notes }: SampleState): unknown {
  return [...ACCOUNTS.map((key) => accounts.get(key)), ...NOTES.map((key) => notes.get(key))];
}

/** A log of `facts` with a snapshot wherever `boundaries` says. */
async function recorded(
  facts: readonly SampleFact[],
  boundaries: ReadonlySet<number>,
): Promise<readonly [SampleHistory, SnapshotManager<SampleState>]> {
  const history = new SampleHistory();
  const snapshots = await history.open();
  const state = createSampleState();
  for (const [offset, fact] of facts.entries()) {
    history.append([fact], state);
    if (boundaries.has(offset + 1)) await snapshots.write(history.capture(state));
  }
  return [history, snapshots];
}

/** What may happen to snapshots, none of which changes what the past was. */
const LOSSES = ["nothing", "all", "half", "a page", "no snapshots"] as const;

async function lose(
  loss: (typeof LOSSES)[number],
  snapshots: SnapshotManager<SampleState>,
  { facts, keyValue }: SampleHistory,
): Promise<void> {
  const half = Math.floor(facts.length / 2);
  if (loss === "all") await snapshots.deleteAll();
  if (loss === "half") await snapshots.forgetBefore(half);
  if (loss !== "a page") return;
  for await (const length of readPageLengths(keyValue)) {
    if (length < half) continue;
    await keyValue.batch([{ type: "Delete", key: pageKey(length) }]);
    break;
  }
}

const logs = fc.record({
  facts: fc.array(anyFact, { minLength: 1, maxLength: 60 }),
  boundaries: fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
  loss: fc.constantFrom(...LOSSES),
  from: fc.nat({ max: 60 }),
  to: fc.nat({ max: 60 }),
});

describe("pastState", () => {
  property("is what a fold from the start says, whatever became of the snapshots", async () => {
    await fc.assert(
      fc.asyncProperty(logs, async ({ boundaries, facts, from, loss }) => {
        const [history, snapshots] = await recorded(facts, new Set(boundaries));
        await lose(loss, snapshots, history);
        const length = Math.min(from, facts.length);
        const expected = foldSample(facts.slice(0, length));
        const known = history.history(loss === "no snapshots" ? undefined : snapshots);

        expect(await asked(await pastState(known, length))).toEqual(folded(expected));
        const all = [sorted(expected.accounts), sorted(expected.notes)];
        expect(await whole(await pastState(known, length))).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  unit("reads no more of the log than what follows the snapshot before", async () => {
    const facts = Array.from(
      { length: 40 },
      (): SampleFact => ({
        type: "Paid",
        account: "a",
        amount: 1,
      }),
    );
    const [history, snapshots] = await recorded(facts, new Set([10, 20, 30]));
    const read: (readonly number[])[] = [];
    const known = history.history(snapshots);
    const log = {
      length: 40,
      readBatches: (from: number, to: number) => {
        read.push([from, to]);
        return known.log.readBatches(from, to, { check: "None" });
      },
    };
    for (const length of [5, 20, 25, 35]) {
      const past = await pastState({ ...known, log }, length);
      expect((await past.get("accounts", "a"))?.total).toBe(length);
    }

    expect(read).toEqual([
      [0, 5],
      [20, 20],
      [20, 25],
      [30, 35],
    ]);
  });

  unit("folds what lies before the history, down to the snapshot before it", async () => {
    const pay: SampleFact = { type: "Paid", account: "a", amount: 1 };
    const facts = Array.from({ length: 40 }, () => pay);
    const [history, snapshots] = await recorded(facts, new Set([10, 20, 30, 40]));
    await snapshots.forgetBefore(25);

    for (const length of [5, 10, 15, 20, 25, 30, 35, 40]) {
      const past = await pastState(history.history(snapshots), length);
      expect((await past.get("accounts", "a"))?.total).toBe(length);
    }
  });

  unit("lists entities in the order in which they came", async () => {
    const pay = (account: string): SampleFact => ({ type: "Paid", account, amount: 1 });
    const facts = [pay("d"), pay("b"), pay("a"), pay("d"), pay("c"), pay("e")];
    const [history, snapshots] = await recorded(facts, new Set([2, 4]));

    for (const length of [3, 4, 5, 6]) {
      const past = await pastState(history.history(snapshots), length);
      const expected = foldSample(facts.slice(0, length)).accounts;
      expect([...(await past.list("accounts"))]).toEqual([...expected]);
    }
  });

  unit("stops the program that asks for what has not happened yet", async () => {
    const [history, snapshots] = await recorded([], new Set());

    await expect(pastState(history.history(snapshots), 1)).rejects.toThrow("the log reaches");
  });

  concurrency("says the same while the next snapshot is being written", async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat({ max: 30 }), async ({ facts, from }, pauses) => {
        const half = Math.ceil(facts.length / 2);
        const [history, snapshots] = await recorded(facts.slice(0, half), new Set([half]));
        const state = foldSample(facts.slice(0, half));
        for (const table of [state.accounts, state.notes]) table.takeTouched();
        const length = Math.min(from, half);
        const reading = pastState(history.history(snapshots), length).then(asked);
        history.append(facts.slice(half), state);
        for (let pause = 0; pause < pauses; pause += 1) await Promise.resolve();
        if (facts.length > half) await snapshots.write(history.capture(state));

        expect(await reading).toEqual(folded(foldSample(facts.slice(0, length))));
      }),
      { numRuns: 200 },
    );
  });
});

describe("differences", () => {
  property("are the entities that two folds from the start tell apart", async () => {
    await fc.assert(
      fc.asyncProperty(logs, async ({ boundaries, facts, from, loss, to }) => {
        const [history, snapshots] = await recorded(facts, new Set(boundaries));
        await lose(loss, snapshots, history);
        const [first = 0, last = 0] = [from, to]
          .map((length) => Math.min(length, facts.length))
          .sort((one, other) => one - other);
        const before = foldSample(facts.slice(0, first));
        const after = foldSample(facts.slice(0, last));
        const known = history.history(loss === "no snapshots" ? undefined : snapshots);
        const found = await differences(known, first, last);

        for (const { table, ...difference } of found) {
          const { key } = difference;
          const name = table as keyof SampleState;
          expect(difference).toEqual({
            key,
            before: before[name].get(key),
            after: after[name].get(key),
          });
        }
        const told = new Set(found.map(({ key }) => key));
        const untold = [...ACCOUNTS, ...NOTES].filter((key) => !told.has(key));
        for (const key of untold) {
          expect(after.accounts.get(key)).toEqual(before.accounts.get(key) as never);
          expect(after.notes.get(key)).toEqual(before.notes.get(key) as never);
        }
      }),
      { numRuns: 300 },
    );
  });

  unit("name each entity once, and leave out what came back to what it was", async () => {
    const facts: SampleFact[] = [
      { type: "Noted", note: "x", text: "one" },
      { type: "Noted", note: "x", text: "two" },
      { type: "Noted", note: "x", text: "one" },
      { type: "Paid", account: "a", amount: 1 },
    ];
    const [history, snapshots] = await recorded(facts, new Set([1]));

    expect(await differences(history.history(snapshots), 1, 4)).toEqual([
      { table: "accounts", key: "a", before: undefined, after: { total: 1, isClosed: false } },
    ]);
  });
});
