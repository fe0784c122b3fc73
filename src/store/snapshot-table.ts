/** The tables of a state, as snapshots see them: which entities there are, and which were touched. */
import { sha256 } from "../crypto/sha256.ts";
import { assert } from "../primitives/assert.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import type { Schema } from "../primitives/schema.ts";

/** A state that consists of tables. Their values are immutable. */
export type TableState = { readonly [Name: string]: ReadonlyMap<string, unknown> };

/** How the entities of one table are kept. */
export type SnapshotTable<Value> = {
  /** 0 to 255, for ever: no two tables ever have the same. */
  readonly number: number;
  readonly schema: Schema<Value>;
  /** True for an entity that is over and seldom asked for: a start does not wait for it. */
  readonly isSettled?: (value: Value) => boolean;
};

/** All tables of a state. */
export type SnapshotTables<State> = {
  readonly [Name in keyof State]: State[Name] extends ReadonlyMap<string, infer Value>
    ? SnapshotTable<Value>
    : never;
};

/** A table whose name and type of value are the caller's business. */
export type AnyTable = SnapshotTable<unknown> & { readonly name: string };

/** One entity, and what became of it; undefined when it was deleted. */
export type Change = {
  readonly table: AnyTable;
  readonly key: string;
  readonly value: unknown;
};

/**
 * Counts up when the layout of snapshots changes other than by a schema, or when a fold sets other entities
 * than it did: pages remember what was set, and an audit would miss some of them.
 */
const LAYOUT_VERSION = 1;

/** The tables in the order of their numbers. */
export function tableList<State>(tables: SnapshotTables<State>): readonly AnyTable[] {
  const named = Object.entries(tables as Readonly<Record<string, SnapshotTable<unknown>>>);
  const list = named.map(([name, table]): AnyTable => ({ name, ...table }));
  assert(new Set(list.map(({ number }) => number)).size === list.length, "tables differ in number");
  return list.sort((one, other) => one.number - other.number);
}

/** SHA-256 over the layouts of all tables: a snapshot of another shape says nothing to this program. */
export function shapeOf(tables: readonly AnyTable[]): Hex {
  const lines = tables.map(({ name, number, schema }) => `${number} ${name} ${schema.shape}`);
  return toHex(sha256(new TextEncoder().encode([LAYOUT_VERSION, ...lines].join("\n"))));
}

/**
 * A map that remembers which keys were set or deleted since somebody last asked. What came and went meanwhile,
 * as most messages do, was never on the disk and is no change.
 */
export class TrackedTable<Key extends string, Value> extends Map<Key, Value> {
  // Fields that the constructor of `Map` does not need: it is called without entries.
  readonly #touched = new Set<Key>();
  /** Of the touched keys, those that were not there when somebody last asked. */
  readonly #created = new Set<Key>();

  override set(key: Key, value: Value): this {
    if (!this.has(key)) {
      // What was deleted meanwhile is on the disk still.
      if (!this.#touched.has(key)) this.#created.add(key);
      // A key that comes back goes to the end, here as in the map itself.
      this.#touched.delete(key);
    }
    this.#touched.add(key);
    return super.set(key, value);
  }

  override delete(key: Key): boolean {
    if (!super.delete(key)) return false;
    if (this.#created.delete(key)) this.#touched.delete(key);
    else this.#touched.add(key);
    return true;
  }

  /** Puts in what is on the disk already: no change. */
  restore(key: Key, value: Value): void {
    super.set(key, value);
  }

  /** The keys that were touched, the earliest first; from now on none is. */
  takeTouched(): readonly Key[] {
    const keys = [...this.#touched];
    this.#touched.clear();
    this.#created.clear();
    return keys;
  }

  /** Counts keys as touched again: what was taken of them came to nothing. */
  touch(keys: Iterable<Key>): void {
    for (const key of keys) {
      this.#touched.add(key);
      this.#created.delete(key);
    }
  }
}
