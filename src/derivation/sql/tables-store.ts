/** The tables of one channel in a database, with what is kept beside their rows. */
import type { Sql, SqlAnswer, SqlStatement, SqlValue } from "../../ports/sql.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";
import type { Cell, TableSchema } from "../sandbox/table-schema.ts";
import {
  askForPosition,
  createOwnTables,
  createTables,
  insertPosition,
  movePosition,
  positionOf,
  readerNameOf,
  readPosition,
  schemaNameOf,
  type TablesPosition,
} from "./channel-schema.ts";
import { rowStatements, rowsOfKeys } from "./row-statements.ts";
import type { NetChange, Row, RowKeys, RowTables } from "./row-tables.ts";
import {
  askForSnapshots,
  deleteSnapshots,
  droppedSnapshots,
  insertSnapshot,
  readSnapshot,
  type SnapshotPlace,
  snapshotParts,
  snapshotPlaces,
} from "./snapshot-statements.ts";

/** What is known to be written. */
export type WrittenTables = {
  readonly position: TablesPosition;
  readonly snapshots: readonly SnapshotPlace[];
};

/** A snapshot that is to be written. */
export type NewSnapshot = SnapshotPlace & { readonly parts: readonly Uint8Array[] };

/** What one transaction writes. */
export type TablesWrite = {
  readonly position: TablesPosition;
  readonly changes: readonly NetChange[];
  readonly snapshot: NewSnapshot | undefined;
};

/** All its calls throw `NodeError` when the database fails. */
export class TablesStore {
  readonly schemaName: string;
  readonly readerName: string;
  readonly #sql: Sql;

  constructor(sql: Sql, channelId: Hex) {
    this.#sql = sql;
    this.schemaName = schemaNameOf(channelId);
    this.readerName = readerNameOf(channelId);
  }

  /** What is there; undefined when there is nothing, or nothing of our layout. */
  async written(): Promise<WrittenTables | "none" | undefined> {
    const [found] = await this.#sql.transaction([askForPosition(this.schemaName)]);
    if (found?.rows[0]?.[0] !== true) return "none";
    const [answer, snapshots] = await this.#sql.transaction([
      readPosition(this.schemaName),
      askForSnapshots(this.schemaName),
    ]);
    const position = positionOf(answer);
    return position && { position, snapshots: snapshotPlaces(snapshots) };
  }

  /**
   * Teaches `tables` which rows there are at a position. Throws `NodeError` with `DatabaseChanged` when the tables
   * are not there any more.
   */
  async teach(
    tables: RowTables,
    unknown: readonly RowKeys[],
    position: TablesPosition,
  ): Promise<void> {
    const asked = unknown.flatMap((keys) => {
      const table = assertDefined(tables.schema[keys.table], "a table");
      return rowsOfKeys(this.schemaName, table, keys.keys).map((statement) => ({
        statement,
        table: keys.table,
      }));
    });
    const [, answer, ...found] = await this.#sql.transaction([
      { text: "set transaction isolation level repeatable read" },
      readPosition(this.schemaName),
      ...asked.map(({ statement }) => statement),
    ]);
    if (positionOf(answer)?.logHash !== position.logHash) {
      throw new NodeError("DatabaseChanged", `${this.schemaName} moved on while it was read`);
    }
    for (const [at, { rows }] of found.entries()) {
      tables.fill(assertDefined(asked[at], "what was asked").table, rows.map(rowOf));
    }
  }

  /** The parts of a snapshot. */
  async snapshot({ messages }: SnapshotPlace): Promise<readonly Uint8Array[]> {
    const [parts] = await this.#sql.transaction([readSnapshot(this.schemaName, messages)]);
    return snapshotParts(parts);
  }

  /** Makes the tables anew with what is to be in them, in place of what was there. */
  async create(
    schema: TableSchema,
    { changes, position, snapshot }: TablesWrite,
  ): Promise<WrittenTables> {
    await this.#sql.transaction([
      ...createTables(this.schemaName, this.readerName, schema),
      ...createOwnTables(this.schemaName),
      ...rowStatements(this.schemaName, changes),
      insertPosition(this.schemaName, position),
      ...this.#insert(snapshot),
    ]);
    return { position, snapshots: snapshot === undefined ? [] : [snapshot] };
  }

  /** Writes changes and how far they reach, if the tables are still as they were written last. */
  async write(
    last: WrittenTables,
    { changes, position, snapshot }: TablesWrite,
  ): Promise<WrittenTables> {
    const snapshots = snapshot === undefined ? last.snapshots : [...last.snapshots, snapshot];
    const dropped = droppedSnapshots(snapshots);
    await this.#sql.transaction([
      // First: a second writer waits here, and then finds that it is behind.
      movePosition(this.schemaName, last.position, position),
      ...rowStatements(this.schemaName, changes),
      ...this.#insert(snapshot),
      ...deleteSnapshots(this.schemaName, dropped),
    ]);
    return { position, snapshots: snapshots.filter((place) => !dropped.includes(place)) };
  }

  #insert(snapshot: NewSnapshot | undefined): readonly SqlStatement[] {
    if (snapshot === undefined) return [];
    return [insertSnapshot(this.schemaName, snapshot.messages, snapshot.parts)];
  }
}

function rowOf(values: SqlAnswer["rows"][number]): Row {
  return values.map(cellOf);
}

/** Columns are made so that they give back what was put in, except that bytes are hex in memory. */
function cellOf(value: SqlValue): Cell {
  return value instanceof Uint8Array ? toHex(value) : (value as Cell);
}
