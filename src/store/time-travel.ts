/**
 * Time travel: what a state was after any number of records. It begins at the snapshot before, takes what
 * the records between them touch from the page of the snapshot after, and folds only these records.
 */
import { assert, assertDefined } from "../primitives/assert.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { encode } from "../primitives/schema.ts";
import { FoldLayer, type FoldTable } from "./fold-layer.ts";
import type { EncodedEntity, SnapshotManager } from "./snapshot.ts";
import type { AnyTable, TableState } from "./snapshot-table.ts";

/** All tables by their names, as a fold reads and writes them. */
export type FoldTables = { readonly [Name: string]: FoldTable };

/** The log as far as time travel reads it. */
export type FoldedLog<Event> = {
  readonly length: number;
  readonly readBatches: (
    from: number,
    to: number,
    options: { readonly check: "Chain" | "None" },
  ) => AsyncIterable<readonly { readonly event: Event }[]>;
};

/** A log, its snapshots, and how its events are folded. */
export type History<Event, State extends TableState> = {
  readonly log: FoldedLog<Event>;
  /** Absent: everything is folded from the first record on. The results are the same. */
  readonly snapshots?: SnapshotManager<State>;
  readonly tables: readonly AnyTable[];
  readonly evolve: (tables: FoldTables, event: Event) => void;
  /**
   * Names the entities that a fold of the event looks at: table and key. It saves time and need not be
   * complete: a fold that looked at something else is done again.
   */
  readonly entitiesOf: (event: Event) => readonly (readonly [table: string, key: string])[];
};

/** The values of one table. */
export type ValueIn<State, Name extends keyof State> =
  State[Name] extends ReadonlyMap<string, infer Value> ? Value : never;

/** What became of one entity between two moments. */
export type Difference = {
  readonly table: string;
  readonly key: string;
  /** Undefined: it did not exist. */
  readonly before: unknown;
  /** Undefined: it does not exist any more. */
  readonly after: unknown;
};

/** Entities by the name of their table and by their key. */
type Names = readonly (readonly [table: string, key: string])[];

/** Where a fold begins: at a snapshot, whose length it is, or at the first record. */
type Start = { readonly base: number; readonly entities: readonly EncodedEntity[] };

/**
 * From this many records on, looking up every entity that they touch takes longer than reading the whole
 * state: 20,000, from measuring both.
 */
const FEW_RECORDS = 20_000;

const FIRST_RECORD: Start = { base: 0, entities: [] };

/** The state after the first `length` records. Nothing is read of it that nobody asks for. */
export async function pastState<Event, State extends TableState>(
  history: History<Event, State>,
  length: number,
): Promise<PastState<Event, State>> {
  assert(length >= 0 && length <= history.log.length, "the log reaches to the moment asked for");
  const past = new PastState(history, length);
  await past.begin(await findStart(history, length));
  return past;
}

/** What changed from the first `from` records to the first `to`, by table and in the order of the changes. */
export async function differences<Event, State extends TableState>(
  history: History<Event, State>,
  from: number,
  to: number,
): Promise<readonly Difference[]> {
  assert(from <= to, "a difference goes forward in time");
  const before = await pastState(history, from);
  if (to - from > FEW_RECORDS) await before.readWhole();
  const after = await before.goOn(to);
  return after.changes();
}

/** A state of the past, which is looked up entity by entity. */
export class PastState<Event, State extends TableState> {
  readonly length: number;
  readonly #history: History<Event, State>;
  #base = 0;
  #hasPage = false;
  #layers: ReadonlyMap<string, FoldLayer> = new Map();

  constructor(history: History<Event, State>, length: number) {
    this.#history = history;
    this.length = length;
  }

  /** One entity; undefined when it did not exist. */
  async get<Name extends keyof State & string>(
    table: Name,
    key: string,
  ): Promise<ValueIn<State, Name> | undefined> {
    if (!this.#layer(table).knows(key)) await this.#load([[table, key]]);
    return this.#layer(table).get(key) as ValueIn<State, Name> | undefined;
  }

  /**
   * All entities of one table, in the order in which they came; one that was deleted and came back may
   * have its old place. Reads the whole state the first time.
   */
  async list<Name extends keyof State & string>(
    table: Name,
  ): Promise<ReadonlyMap<string, ValueIn<State, Name>>> {
    await this.readWhole();
    const { loaded: all } = this.#layer(table).next();
    for (const [key, value] of all) if (value === undefined) all.delete(key);
    return all as ReadonlyMap<string, ValueIn<State, Name>>;
  }

  /** Reads everything that the state holds, so that nothing has to be looked up any more. */
  async readWhole(): Promise<void> {
    if (this.#base === 0) return;
    const { snapshots } = this.#history;
    const newest = snapshots?.newest?.length ?? 0;
    const isNearStart = this.length < newest - this.length;
    const entities = isNearStart ? undefined : await snapshots?.loadAt(this.#base);
    if (entities === undefined) return this.begin(FIRST_RECORD);
    const changed = [...this.#layers].map(([name, layer]) => [name, layer.changed] as const);
    this.#layers = this.#newLayers(true, entities);
    this.#base = 0;
    for (const [name, entries] of changed) {
      const layer = this.#layer(name);
      for (const [key, value] of entries) {
        if (value === undefined) layer.delete(key);
        else layer.set(key, value);
      }
    }
  }

  /** Takes what is loaded, and folds the records from there on. Called once, by whoever made it. */
  async begin({ base, entities }: Start): Promise<void> {
    this.#base = base;
    this.#layers = this.#newLayers(base === 0, entities);
    this.#hasPage = entities.length > 0;
    await this.#fold(base);
  }

  /** The state after `to` records, as a fold from here. What it changed, `changes` tells. */
  async goOn(to: number): Promise<PastState<Event, State>> {
    const after = new PastState(this.#history, to);
    after.#base = this.#base;
    after.#layers = new Map([...this.#layers].map(([name, layer]) => [name, layer.next()]));
    await after.#fold(this.length);
    if (after.#base === this.#base) return after;
    // The history did not reach so far back: both begin at the first record.
    await this.begin(FIRST_RECORD);
    return this.goOn(to);
  }

  /** What the fold to this moment changed. */
  changes(): readonly Difference[] {
    return this.#history.tables.flatMap((table) => {
      const layer = this.#layer(table.name);
      const all = [...layer.changed].map(([key, after]): Difference => {
        return { table: table.name, key, before: layer.before(key), after };
      });
      return all.filter(({ after, before }) => !isSame(table, before, after));
    });
  }

  async #fold(from: number): Promise<void> {
    if (this.#base === 0) return this.#foldWhole(from);
    const { entitiesOf, evolve, log } = this.#history;
    const tables = this.#tables();
    const events: Event[] = [];
    // Whoever opened the log has checked its chain.
    for await (const records of log.readBatches(from, this.length, { check: "None" })) {
      for (const { event } of records) events.push(event);
    }
    // A page holds all that its records change, and that is nearly all they look at.
    let missing: Names = this.#hasPage ? [] : events.flatMap(entitiesOf);
    do {
      for (const layer of this.#layers.values()) layer.reset();
      if (!(await this.#load(missing))) return;
      for (const event of events) evolve(tables, event);
      missing = this.#missing();
    } while (missing.length > 0);
  }

  async #foldWhole(from: number): Promise<void> {
    const { evolve, log } = this.#history;
    const tables = this.#tables();
    for await (const records of log.readBatches(from, this.length, { check: "Chain" })) {
      for (const { event } of records) evolve(tables, event);
    }
  }

  #tables(): FoldTables {
    return Object.fromEntries(this.#layers);
  }

  #missing(): Names {
    return [...this.#layers].flatMap(([table, { missing }]) =>
      [...missing].map((key) => [table, key] as const),
    );
  }

  /** Looks entities up. False when the history does not reach so far: then all was folded anew. */
  async #load(names: Names): Promise<boolean> {
    const { snapshots, tables } = this.#history;
    const unknown = this.#unknown(names);
    const found = await Promise.all(
      unknown.map(([name, key]) => {
        const { number } = assertDefined(
          tables.find((table) => table.name === name),
          "a table",
        );
        return snapshots?.entityAt({ table: number, key }, this.#base);
      }),
    );
    for (const [index, [table, key]] of unknown.entries()) {
      const entity = found[index];
      if (entity === undefined) {
        await this.begin(FIRST_RECORD);
        return false;
      }
      this.#layer(table).loaded.set(key, entity.value);
    }
    return true;
  }

  /** Those of the names that nothing is known of, each once. */
  #unknown(names: Names): Names {
    const seen = new Map(this.#history.tables.map(({ name }) => [name, new Set<string>()]));
    return names.filter(([table, key]) => {
      const keys = assertDefined(seen.get(table), "a table of the state");
      if (keys.has(key) || this.#layer(table).knows(key)) return false;
      keys.add(key);
      return true;
    });
  }

  #newLayers(isWhole: boolean, entities: readonly EncodedEntity[]): ReadonlyMap<string, FoldLayer> {
    const { tables } = this.#history;
    const layers = new Map(tables.map(({ name }) => [name, new FoldLayer(isWhole)]));
    for (const { key, table, decode } of entities) layers.get(table.name)?.load(key, decode);
    return layers;
  }

  #layer(table: string): FoldLayer {
    return assertDefined(this.#layers.get(table), "a table of the state");
  }
}

/** The latest moment up to `length` whose entities can be looked up. */
async function findStart<Event, State extends TableState>(
  { snapshots }: History<Event, State>,
  length: number,
): Promise<Start> {
  const found = await snapshots?.startFor(length);
  if (snapshots === undefined || found === undefined) return FIRST_RECORD;
  return { base: found.length, entities: snapshots.entitiesOf(found.page) };
}

function isSame({ schema }: AnyTable, one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return equalBytes(encode(schema, one), encode(schema, other));
}
