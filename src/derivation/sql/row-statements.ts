/** Changes of rows as statements: each for many rows, with one list of values for each column. */
import type { SqlStatement, SqlValue } from "../../ports/sql.ts";
import type { Cell, Column, Table } from "../sandbox/table-schema.ts";
import type { NetChange, Row } from "./row-tables.ts";
import { keyColumns, quoted, typeOf } from "./sql-tables.ts";

/** Rows of one statement, at most: longer lists are no faster, and hold more memory. */
const STATEMENT_ROWS_MAX = 5_000;

/** The statements that change the tables of a schema as `changes` say. Each row must be as it was, or all is undone. */
export function rowStatements(
  schemaName: string,
  changes: readonly NetChange[],
): readonly SqlStatement[] {
  return changes.flatMap(({ deleted, inserted, table, updated }) => [
    ...inParts(deleted, (rows) => deleteRows(schemaName, table, rows)),
    ...inParts(updated, (rows) => updateRows(schemaName, table, rows)),
    ...inParts(inserted, (rows) => insertRows(schemaName, table, rows)),
  ]);
}

/** The statements that ask for the rows of these keys. */
export function rowsOfKeys(
  schemaName: string,
  table: Table,
  keys: readonly Row[],
): readonly SqlStatement[] {
  const columns = table.columns.map(({ name }) => `t.${quoted(name)}`).join(", ");
  const place = placeOf(schemaName, table);
  const key = keyColumns(table);
  return inParts(keys, (rows) => ({
    text: `select ${columns} from ${place} as t join ${named(key)} on ${sameKey(table)}`,
    parameters: listsOf(table, key, rows),
  }));
}

function insertRows(schemaName: string, table: Table, rows: readonly Row[]): SqlStatement {
  const { columns } = table;
  const names = columns.map(({ name }) => quoted(name)).join(", ");
  return {
    text: `insert into ${placeOf(schemaName, table)} (${names}) select * from ${unnest(columns)}`,
    parameters: listsOf(table, columns, rows),
    changes: rows.length,
  };
}

function updateRows(schemaName: string, table: Table, rows: readonly Row[]): SqlStatement {
  const { columns } = table;
  const set = columns
    .filter(({ isKey }) => !isKey)
    .map(({ name }) => `${quoted(name)} = n.${quoted(name)}`);
  const place = placeOf(schemaName, table);
  return {
    text: `update ${place} as t set ${set.join(", ")} from ${named(columns)} where ${sameKey(table)}`,
    parameters: listsOf(table, columns, rows),
    changes: rows.length,
  };
}

function deleteRows(schemaName: string, table: Table, rows: readonly Row[]): SqlStatement {
  const key = keyColumns(table);
  return {
    text: `delete from ${placeOf(schemaName, table)} as t using ${named(key)} where ${sameKey(table)}`,
    parameters: listsOf(table, key, rows),
    changes: rows.length,
  };
}

function inParts(
  rows: readonly Row[],
  statementOf: (rows: readonly Row[]) => SqlStatement,
): readonly SqlStatement[] {
  const count = Math.ceil(rows.length / STATEMENT_ROWS_MAX);
  return Array.from({ length: count }, (_, part) =>
    statementOf(rows.slice(part * STATEMENT_ROWS_MAX, (part + 1) * STATEMENT_ROWS_MAX)),
  );
}

function placeOf(schemaName: string, { name }: Table): string {
  return `${quoted(schemaName)}.${quoted(name)}`;
}

function unnest(columns: readonly Column[]): string {
  const lists = columns.map((column, at) => `$${at + 1}::${typeOf(column)}[]`);
  return `unnest(${lists.join(", ")})`;
}

function named(columns: readonly Column[]): string {
  return `${unnest(columns)} as n (${columns.map(({ name }) => quoted(name)).join(", ")})`;
}

function sameKey(table: Table): string {
  return keyColumns(table)
    .map(({ name }) => `t.${quoted(name)} = n.${quoted(name)}`)
    .join(" and ");
}

function listsOf(
  table: Table,
  columns: readonly Column[],
  rows: readonly Row[],
): readonly (readonly SqlValue[])[] {
  return columns.map((column) => {
    const at = table.columns.indexOf(column);
    const isBytes = column.type === "bytes";
    return rows.map((row) => parameterOf(row[at], isBytes));
  });
}

/** Bytes go as the text that PostgreSQL has for them. */
function parameterOf(cell: Cell | undefined, isBytes: boolean): SqlValue {
  if (isBytes && typeof cell === "string") return `\\${cell.slice(1)}`;
  return cell ?? null;
}
