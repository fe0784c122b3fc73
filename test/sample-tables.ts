/** A small state of two tables, the events that it is folded from, and a log of them in memory. */
import fc from "fast-check";
import { createMemoryKeyValue, type MemoryKeyValue } from "../src/adapters/memory-key-value.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { RecordHash } from "../src/events/record.ts";
import type { KeyValue } from "../src/ports/key-value.ts";
import { toHex } from "../src/primitives/hex.ts";
import { boolean, text, uint } from "../src/primitives/schema.ts";
import { record } from "../src/primitives/schema-composite.ts";
import type { FoldTable } from "../src/store/fold-layer.ts";
import { type Capture, type SnapshotIgnored, SnapshotManager } from "../src/store/snapshot.ts";
import {
  type AnyTable,
  type SnapshotTables,
  TrackedTable,
  tableList,
} from "../src/store/snapshot-table.ts";
import type { FoldTables, History } from "../src/store/time-travel.ts";

/** An account can be closed, and opened again by whoever pays in. */
export type SampleAccount = { readonly total: number; readonly isClosed: boolean };

/** Accounts, and notes that come and go. */
export type SampleState = {
  readonly accounts: TrackedTable<string, SampleAccount>;
  readonly notes: TrackedTable<string, string>;
};

/** What can happen to accounts and notes. */
export type SampleFact =
  | { readonly type: "Paid"; readonly account: string; readonly amount: number }
  | { readonly type: "Closed"; readonly account: string }
  | { readonly type: "Noted"; readonly note: string; readonly text: string }
  /** Copies what an account holds into a note: a fold that looks at what the event does not change. */
  | { readonly type: "Copied"; readonly account: string; readonly note: string }
  | { readonly type: "Erased"; readonly note: string };

/** How accounts and notes are kept. Closed accounts are settled. */
export const sampleTables: SnapshotTables<SampleState> = {
  accounts: {
    number: 1,
    schema: record({ total: uint(1_000_000), isClosed: boolean }),
    isSettled: ({ isClosed }) => isClosed,
  },
  notes: { number: 2, schema: text(64) },
};

/** The same, by number. */
export const sampleTableList: readonly AnyTable[] = tableList(sampleTables);

/** A state to which nothing has happened. */
export const createSampleState = (): SampleState => ({
  accounts: new TrackedTable(),
  notes: new TrackedTable(),
});

/** The only change of a sample state. */
export function evolveSample(tables: FoldTables, fact: SampleFact): void {
  const { accounts, notes } = tables as { accounts: FoldTable; notes: FoldTable };
  switch (fact.type) {
    case "Paid": {
      const { total } = (accounts.get(fact.account) ?? { total: 0 }) as SampleAccount;
      accounts.set(fact.account, { total: total + fact.amount, isClosed: false });
      return;
    }
    case "Closed": {
      const account = accounts.get(fact.account) as SampleAccount | undefined;
      if (account !== undefined) accounts.set(fact.account, { ...account, isClosed: true });
      return;
    }
    case "Noted":
      notes.set(fact.note, fact.text);
      return;
    case "Copied": {
      const account = accounts.get(fact.account) as SampleAccount | undefined;
      notes.set(fact.note, `${account?.total}`);
      return;
    }
    case "Erased":
      notes.delete(fact.note);
      return;
  }
}

const account = fc.constantFrom("a", "b", "c", "d");
const note = fc.constantFrom("x", "y", "z");
const type = <Name extends SampleFact["type"]>(name: Name) => fc.constant(name);

/** Any fact about a few accounts and notes. */
export const anyFact: fc.Arbitrary<SampleFact> = fc.oneof(
  fc.record({ type: type("Paid"), account, amount: fc.nat({ max: 99 }) }),
  fc.record({ type: type("Closed"), account }),
  fc.record({ type: type("Noted"), note, text: fc.constantFrom("one", "two") }),
  fc.record({ type: type("Copied"), account, note }),
  fc.record({ type: type("Erased"), note }),
);

/** Folds facts into a new state. */
export function foldSample(facts: readonly SampleFact[]): SampleState {
  const state = createSampleState();
  for (const fact of facts) evolveSample(foldable(state), fact);
  return state;
}

/** A sample state as a fold reads and writes it. */
export const foldable = (state: SampleState): FoldTables => state as unknown as FoldTables;

/** A state as plain lists, in the order of its maps. */
export const listed = (
  state: {
    readonly [Name in keyof SampleState]: ReadonlyMap<string, unknown>;
  },
): unknown => ({ accounts: [...state.accounts], notes: [...state.notes] });

/** A log of facts with the snapshots beside it. */
export class SampleHistory {
  readonly facts: SampleFact[] = [];
  readonly keyValue: MemoryKeyValue = createMemoryKeyValue();
  readonly ignored: SnapshotIgnored[] = [];
  /** Stands for what came before: two logs with other salts have no record in common. */
  salt = 0;

  /** The hash of the last of the first `length` facts. */
  hashAt = (length: number): RecordHash => {
    const bytes = new TextEncoder().encode(
      JSON.stringify([this.salt, this.facts.slice(0, length)]),
    );
    return toHex(sha256(bytes)) as RecordHash;
  };

  /** Finds the snapshots on the disk, as a program that starts does. */
  open(keyValue: KeyValue = this.keyValue): Promise<SnapshotManager<SampleState>> {
    return SnapshotManager.open({
      keyValue,
      tables: sampleTables,
      hashAt: async (length) => (length > this.facts.length ? undefined : this.hashAt(length)),
      onIgnored: (ignored) => this.ignored.push(ignored),
    });
  }

  /** Folds `facts` into `state`, and writes a snapshot after them. */
  async snapshotAfter(
    facts: readonly SampleFact[],
    state: SampleState,
    snapshots: SnapshotManager<SampleState>,
  ): Promise<void> {
    this.append(facts, state);
    await snapshots.write(this.capture(state));
  }

  /** Folds `facts` into `state` too. */
  append(facts: readonly SampleFact[], state: SampleState): void {
    for (const fact of facts) {
      this.facts.push(fact);
      evolveSample(foldable(state), fact);
    }
  }

  /** What the next snapshot of `state` is made of. */
  capture(state: SampleState): Capture {
    const { length } = this.facts;
    const changes = sampleTableList.flatMap((table) => {
      const entities: TrackedTable<string, unknown> = state[table.name as keyof SampleState];
      return entities.takeTouched().map((key) => ({ table, key, value: entities.get(key) }));
    });
    return { head: { length, hash: this.hashAt(length) }, changes };
  }

  /** For time travel. Without snapshots everything is folded from the first fact on. */
  history(snapshots?: SnapshotManager<SampleState>): History<SampleFact, SampleState> {
    const { facts } = this;
    return {
      log: {
        length: facts.length,
        async *readBatches(from, to) {
          yield facts.slice(from, to).map((event) => ({ event }));
        },
      },
      ...(snapshots === undefined ? {} : { snapshots }),
      tables: sampleTableList,
      evolve: evolveSample,
      // Not all: what a note is copied from is left out, so that a fold has to be done again.
      entitiesOf: (fact) =>
        fact.type === "Paid" || fact.type === "Closed"
          ? [["accounts", fact.account]]
          : [["notes", fact.note]],
    };
  }
}
