/**
 * The rows of all tables in memory, or those that were touched. They say which changes are allowed, alike for everybody and without a database,
 * which may be away when a message is to be signed. They also gather changes until these are written.
 */
import { assertDefined } from "../../primitives/assert.ts";
import { type Hex, hexSizeBytes, isHex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { Cell, ColumnType, RowChange, Table, TableSchema } from "../sandbox/table-schema.ts";
import type { RowRejection } from "./row-rejection.ts";

/** A row: its cells in the order of the columns. */
export type Row = readonly Cell[];

/** What is to be done to a table whose rows are as they were, to make them as they are. */
export type NetChange = {
  readonly table: Table;
  readonly inserted: readonly Row[];
  readonly updated: readonly Row[];
  /** Rows as they were. */
  readonly deleted: readonly Row[];
};

/**
 * Bytes of the columns of a key together, at most: an index of PostgreSQL takes 2,704 for a row of it, and whether a
 * longer one fits would depend on how well it can be compressed.
 */
export const KEY_BYTES_MAX = 1_024;

/** Bytes of one text or `bytes` cell. Source: docs/REDUCER-ABI.md. */
const CELL_BYTES_MAX = 65_536;

/** Bytes of a number or a truth in an index, at most. */
const NUMERIC_BYTES_MAX = 48;

/** Bytes of UTF-8 for each unit of a text of JavaScript, at most. */
const UTF8_BYTES_MAX = 3;

const encoder = new TextEncoder();

const UINT_MAX: bigint = 2n ** 64n - 1n;
const AMOUNT_MAX: bigint = 2n ** 256n - 1n;

const IS_CELL: Readonly<Record<ColumnType, (cell: unknown) => boolean>> = {
  uint: (cell) => typeof cell === "bigint" && cell >= 0n && cell <= UINT_MAX,
  amount: (cell) => typeof cell === "bigint" && cell >= 0n && cell <= AMOUNT_MAX,
  text: isText,
  bytes: (cell) => isHex(cell) && cell.length <= 2 + 2 * CELL_BYTES_MAX,
  bool: (cell) => typeof cell === "boolean",
};

/** One table and its rows by their keys. */
type Held = {
  readonly table: Table;
  /** Where in a row the columns of the key stand. */
  readonly keyPlaces: readonly number[];
  readonly rows: Map<string, Row>;
  /** Each row that was changed, as it was when changes were taken last. */
  readonly before: Map<string, Row | undefined>;
};

/** What one change did, so that it can be taken back. */
type Step = { readonly held: Held; readonly key: string; readonly row: Row | undefined };

/** Rows of one table that are known by their keys only: other cells mean nothing. */
export type RowKeys = { readonly table: number; readonly keys: readonly Row[] };

/** All tables of one reducer, whose schema was checked. */
export class RowTables {
  readonly schema: TableSchema;
  /** False for tables that hold some of the rows that there are. */
  readonly isWhole: boolean;
  readonly #tables: readonly Held[];

  constructor(schema: TableSchema, isWhole: boolean = true) {
    this.schema = schema;
    this.isWhole = isWhole;
    this.#tables = schema.map((table) => ({
      table,
      keyPlaces: table.columns.flatMap(({ isKey }, at) => (isKey ? [at] : [])),
      rows: new Map(),
      before: new Map(),
    }));
  }

  /** Does all changes of one message, or none. */
  apply(changes: readonly RowChange[]): Result<void, RowRejection> {
    const steps: Step[] = [];
    for (const [index, change] of changes.entries()) {
      const step = this.#step(change);
      if (typeof step === "string") {
        for (const { held, key, row } of steps.toReversed()) put(held, key, row);
        const table = this.#tables[change.table]?.table.name ?? "";
        return reject({ code: step, change: index, table });
      }
      steps.push(step);
    }
    for (const { held, key, row } of steps) if (!held.before.has(key)) held.before.set(key, row);
    return accept(undefined);
  }

  /** What changed since it was asked last, or since the tables were filled. */
  takeChanges(): readonly NetChange[] {
    const taken = this.#tables.filter(({ before }) => before.size > 0).map(netChange);
    for (const { before } of this.#tables) before.clear();
    return taken;
  }

  /** What makes empty tables into these, which are whole. */
  contents(): readonly NetChange[] {
    return this.#tables.map(({ table }, index) => {
      return { table, inserted: this.rowsOf(index), updated: [], deleted: [] };
    });
  }

  /** Rows of all tables, as far as they are known. */
  rowCount(): number {
    return this.#tables.reduce((count, { rows }) => count + rows.size, 0);
  }

  /** The rows of one table, in no order that counts. */
  rowsOf(table: number): readonly Row[] {
    return [...assertDefined(this.#tables[table], "a table").rows.values()];
  }

  /** Puts rows in that are there already where the tables are kept. They are no changes. */
  fill(table: number, rows: Iterable<Row>): void {
    const held = assertDefined(this.#tables[table], "a table");
    for (const row of rows) held.rows.set(keyOf(held, row), row);
  }

  /** The keys that changes speak of and of which no row is known; none where the tables are whole. */
  unknownKeys(changes: Iterable<RowChange>): readonly RowKeys[] {
    if (this.isWhole) return [];
    const unknown = this.#tables.map(() => new Map<string, Row>());
    for (const change of changes) {
      const held = assertDefined(this.#tables[change.table], "a table that the schema has");
      const row = keyedRow(held, change);
      if (row === undefined || !isKeyShort(held, row)) continue;
      const key = keyOf(held, row);
      if (!held.rows.has(key)) unknown[change.table]?.set(key, row);
    }
    return unknown.flatMap((rows, table) =>
      rows.size === 0 ? [] : [{ table, keys: [...rows.values()] }],
    );
  }

  #step(change: RowChange): Step | RowRejection["code"] {
    const { table, type, values } = change;
    const held = assertDefined(this.#tables[table], "a table that the schema has");
    const row = keyedRow(held, change);
    if (row === undefined) return "CellMistyped";
    const key = keyOf(held, row);
    if (!isKeyShort(held, row)) return "KeyTooLarge";
    const found = held.rows.get(key);
    if (type === "insert" && found !== undefined) return "RowExists";
    if (type !== "insert" && found === undefined) return "RowMissing";
    put(held, key, type === "delete" ? undefined : values);
    return { held, key, row: found };
  }
}

function put({ rows }: Held, key: string, row: Row | undefined): void {
  if (row === undefined) rows.delete(key);
  else rows.set(key, row);
}

function netChange({ before, rows, table }: Held): NetChange {
  const inserted: Row[] = [];
  const updated: Row[] = [];
  const deleted: Row[] = [];
  for (const [key, old] of before) {
    const now = rows.get(key);
    if (now === undefined) {
      if (old !== undefined) deleted.push(old);
    } else if (old === undefined) inserted.push(now);
    else if (now.some((cell, at) => cell !== old[at])) updated.push(now);
  }
  return { table, inserted, updated, deleted };
}

/** The row of a change, of which only the key counts when it is deleted; undefined when a cell is none of its column. */
function keyedRow(held: Held, { type, values }: RowChange): Row | undefined {
  const isKeyOnly = type === "delete";
  const row = isKeyOnly ? rowOfKey(held, values) : values;
  return row !== undefined && isRow(held, row, isKeyOnly) ? row : undefined;
}

/** The cells of a key where they stand in a row, with holes between. */
function rowOfKey({ keyPlaces, table }: Held, key: readonly Cell[]): Row | undefined {
  if (key.length !== keyPlaces.length) return undefined;
  const row: Cell[] = table.columns.map(() => false);
  for (const [at, place] of keyPlaces.entries()) row[place] = assertDefined(key[at], "a cell");
  return row;
}

function isRow({ table: { columns } }: Held, row: Row, isKeyOnly: boolean): boolean {
  if (row.length !== columns.length) return false;
  // Loops: this runs for every change, and a closure for each would cost as much as all the rest.
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at];
    if (column === undefined || (isKeyOnly && !column.isKey)) continue;
    if (!IS_CELL[column.type](row[at])) return false;
  }
  return true;
}

/** Text without U+0000 has a place for it between the cells: no two keys share one text. */
function keyOf({ keyPlaces }: Held, row: Row): string {
  const [first = 0] = keyPlaces;
  let key = String(row[first]);
  for (let at = 1; at < keyPlaces.length; at += 1) key += `\0${row[keyPlaces[at] ?? 0]}`;
  return key;
}

/** True when an index takes the key. Most are so short that any text of their length fits. */
function isKeyShort({ keyPlaces, table }: Held, row: Row): boolean {
  let sizeMax = 0;
  for (const place of keyPlaces) {
    const cell = row[place];
    sizeMax += typeof cell === "string" ? cell.length * UTF8_BYTES_MAX : NUMERIC_BYTES_MAX;
  }
  return sizeMax <= KEY_BYTES_MAX || keyBytes(table, keyPlaces, row) <= KEY_BYTES_MAX;
}

function keyBytes({ columns }: Table, keyPlaces: readonly number[], row: Row): number {
  return keyPlaces.reduce((size, place) => {
    const cell = row[place];
    if (typeof cell !== "string") return size + NUMERIC_BYTES_MAX;
    const isBytes = columns[place]?.type === "bytes";
    return size + (isBytes ? hexSizeBytes(cell as Hex) : encoder.encode(cell).length);
  }, 0);
}

function isText(cell: unknown): boolean {
  if (typeof cell !== "string" || cell.length > CELL_BYTES_MAX) return false;
  if (!cell.isWellFormed() || cell.includes("\0")) return false;
  return (
    cell.length * UTF8_BYTES_MAX <= CELL_BYTES_MAX || encoder.encode(cell).length <= CELL_BYTES_MAX
  );
}
