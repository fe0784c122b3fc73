/**
 * The rows of all tables in memory. They say which changes are allowed, alike for everybody and without a database,
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

/** All tables of one reducer, whose schema was checked. */
export class RowTables {
  readonly schema: TableSchema;
  readonly #tables: readonly Held[];

  constructor(schema: TableSchema) {
    this.schema = schema;
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
        takeBack(steps);
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

  /** What makes empty tables into these. */
  contents(): readonly NetChange[] {
    return this.#tables.map(({ rows, table }) => {
      return { table, inserted: [...rows.values()], updated: [], deleted: [] };
    });
  }

  /** Rows of all tables. */
  rowCount(): number {
    return this.#tables.reduce((count, { rows }) => count + rows.size, 0);
  }

  /** The rows of one table, in no order that counts. */
  rowsOf(table: number): Iterable<Row> {
    return assertDefined(this.#tables[table], "a table").rows.values();
  }

  /** Puts rows in that are there already where the tables are kept. They are no changes. */
  fill(table: number, rows: Iterable<Row>): void {
    const held = assertDefined(this.#tables[table], "a table");
    for (const row of rows) held.rows.set(keyOf(held, row), row);
  }

  #step({ table, type, values }: RowChange): Step | RowRejection["code"] {
    const held = assertDefined(this.#tables[table], "a table that the schema has");
    const row = type === "delete" ? rowOfKey(held, values) : values;
    if (row === undefined || !isRow(held, row, type === "delete")) return "CellMistyped";
    const key = keyOf(held, row);
    if (keyBytes(held, row) > KEY_BYTES_MAX) return "KeyTooLarge";
    const found = held.rows.get(key);
    if (type === "insert" && found !== undefined) return "RowExists";
    if (type !== "insert" && found === undefined) return "RowMissing";
    if (type === "delete") held.rows.delete(key);
    else held.rows.set(key, values);
    return { held, key, row: found };
  }
}

function takeBack(steps: readonly Step[]): void {
  for (const { held, key, row } of steps.toReversed()) {
    if (row === undefined) held.rows.delete(key);
    else held.rows.set(key, row);
  }
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

/** The cells of a key where they stand in a row, with holes between. */
function rowOfKey({ keyPlaces, table }: Held, key: readonly Cell[]): Row | undefined {
  if (key.length !== keyPlaces.length) return undefined;
  const row: Cell[] = table.columns.map(() => false);
  for (const [at, place] of keyPlaces.entries()) row[place] = assertDefined(key[at], "a cell");
  return row;
}

function isRow({ table }: Held, row: Row, isKeyOnly: boolean): boolean {
  if (row.length !== table.columns.length) return false;
  return table.columns.every(
    ({ isKey, type }, at) => (isKeyOnly && !isKey) || IS_CELL[type](row[at]),
  );
}

/** Text without U+0000 has a place for it between the cells: no two keys share one text. */
function keyOf({ keyPlaces }: Held, row: Row): string {
  const [first = 0, second] = keyPlaces;
  if (second === undefined) return String(row[first]);
  return keyPlaces.map((place) => String(row[place])).join("\0");
}

function keyBytes({ keyPlaces, table }: Held, row: Row): number {
  return keyPlaces.reduce((size, place) => {
    const cell = assertDefined(row[place], "a cell for each column");
    // A numeric takes two bytes for four digits, and there are 78.
    if (typeof cell !== "string") return size + NUMERIC_BYTES_MAX;
    return (
      size +
      (table.columns[place]?.type === "bytes"
        ? hexSizeBytes(cell as Hex)
        : encoder.encode(cell).length)
    );
  }, 0);
}

function isText(cell: unknown): boolean {
  if (typeof cell !== "string" || cell.length > CELL_BYTES_MAX) return false;
  if (!cell.isWellFormed() || cell.includes("\0")) return false;
  return cell.length * 3 <= CELL_BYTES_MAX || encoder.encode(cell).length <= CELL_BYTES_MAX;
}
