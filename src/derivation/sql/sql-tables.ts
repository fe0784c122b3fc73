/** The tables of a reducer in SQL: their names, columns and keys. */
import { keccak256 } from "../../crypto/keccak.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { Column, ColumnType, Table, TableSchema } from "../sandbox/table-schema.ts";
import type { TablesRejection } from "./row-rejection.ts";

/** Letters that need no care in SQL, and no more of them than PostgreSQL keeps. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Columns that PostgreSQL gives to every table. Source: PostgreSQL 18, section 5.6. */
const SYSTEM_COLUMNS: readonly string[] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/** Columns that an index of PostgreSQL has at most (INDEX_MAX_KEYS). */
const KEY_COLUMNS_MAX = 32;

/**
 * What keeps each type. A `uint` reaches 2^64 - 1, which `bigint` does not. Text sorts by its bytes, the same
 * everywhere: other collations change with the system's library.
 */
const SQL_TYPE: Readonly<Record<ColumnType, string>> = {
  uint: "numeric(20,0)",
  amount: "numeric(78,0)",
  text: "text",
  bytes: "bytea",
  bool: "boolean",
};

/** Says why tables cannot be kept, if they cannot. */
export function checkTables(schema: TableSchema): Result<TableSchema, TablesRejection> {
  const problem =
    problemOfNames(schema) ?? schema.map(problemOf).find((found) => found !== undefined);
  return problem === undefined ? accept(schema) : reject(problem);
}

function problemOf(table: Table): TablesRejection | undefined {
  const { columns, name } = table;
  const keyCount = columns.filter(({ isKey }) => isKey).length;
  if (keyCount === 0) return { code: "KeyMissing", name };
  if (keyCount > KEY_COLUMNS_MAX) return { code: "KeyTooWide", name };
  const reserved = columns.find((column) => SYSTEM_COLUMNS.includes(column.name));
  if (reserved !== undefined) return { code: "NameReserved", name: reserved.name };
  return problemOfNames(columns);
}

function problemOfNames(named: readonly { readonly name: string }[]): TablesRejection | undefined {
  const seen = new Set<string>();
  for (const { name } of named) {
    if (!NAME.test(name)) return { code: "NameMalformed", name };
    if (seen.has(name)) return { code: "NameTwice", name };
    seen.add(name);
  }
  return undefined;
}

/** What tables are recognised by: keccak-256 of their names, columns, types and keys. */
export function tablesHash(schema: TableSchema): Hex {
  const described = schema.map(({ columns, name }) => [
    name,
    ...columns.map((column) => [column.name, column.type, column.isKey]),
  ]);
  return toHex(keccak256(new TextEncoder().encode(JSON.stringify(described))));
}

/** A name as SQL takes it literally, keywords and all. It was checked, or is our own. */
export function quoted(name: string): string {
  return `"${name}"`;
}

/** The type of a column without what only a definition says. */
export function typeOf({ type }: Column): string {
  return SQL_TYPE[type].replace(/\(.*/, "");
}

/** The columns of a table's key. */
export function keyColumns({ columns }: Table): readonly Column[] {
  return columns.filter(({ isKey }) => isKey);
}

/** The statement that makes a table. The key's index has a name that no table has. */
export function createTable(schemaName: string, table: Table, index: number): string {
  const columns = table.columns.map(({ name, type }) => {
    const collation = type === "text" ? ' collate "C"' : "";
    return `${quoted(name)} ${SQL_TYPE[type]}${collation} not null`;
  });
  const key = keyColumns(table).map(({ name }) => quoted(name));
  const constraint = `constraint "_key_${index}" primary key (${key.join(", ")})`;
  const parts = [...columns, constraint].join(", ");
  return `create table ${quoted(schemaName)}.${quoted(table.name)} (${parts})`;
}
