/** Reads what a module puts out: believes nothing, and refuses all that is not canonical. Source: docs/REDUCER-ABI.md. */
import {
  type Reader,
  readArrayEnd,
  readArrayOf,
  readArrayStart,
  readBigUint,
  readBoolean,
  readHex,
  readText,
  readUint,
  refuse,
  skipNil,
} from "../../primitives/message-pack-reader.ts";
import { CELL_BYTES_MAX, COLUMNS_MAX, ROW_CHANGES_MAX, TABLES_MAX } from "./limits.ts";
import type { ReducerInit } from "./reducer-input.ts";
import type {
  Cell,
  Column,
  ColumnType,
  ReducerOutcome,
  RowChange,
  RowChanges,
  Table,
  TableSchema,
} from "./table-schema.ts";

/** The answer to a message: row changes, or why the rules do not allow it. */
export type ReducerAnswer =
  | { readonly type: "accepted"; readonly changes: RowChanges }
  | { readonly type: "refused"; readonly by: string };

/** Names of tables and columns, as they stand in SQL without quotes. PostgreSQL keeps 63 bytes. */
const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const NAME_BYTES_MAX = 63;

/** Codes by which a reducer refuses. */
const REFUSAL_CODE = /^[A-Za-z]{1,64}$/;
const REFUSAL_CODE_BYTES_MAX = 64;

/** By the number that stands for each type. */
const COLUMN_TYPES: readonly (ColumnType | undefined)[] = [
  undefined,
  "uint",
  "amount",
  "text",
  "bytes",
  "bool",
];

const CHANGE_TYPES = ["insert", "update", "delete"] as const;

const NO_CHANGES: RowChanges = [];

/** Reads cells of each type. */
const READ_CELL: Readonly<Record<ColumnType, (reader: Reader) => Cell>> = {
  uint: (reader) => readBigUint(reader, 8),
  amount: (reader) => readBigUint(reader, 32),
  text: readCellText,
  bytes: (reader) => readHex(reader, CELL_BYTES_MAX),
  bool: readBoolean,
};

/** How the rows of one table are read. */
export type RowReaders = {
  readonly all: readonly ((reader: Reader) => Cell)[];
  readonly key: readonly ((reader: Reader) => Cell)[];
};

/** The readers of each table of a schema. */
export function rowReaders(schema: TableSchema): readonly RowReaders[] {
  return schema.map(({ columns }) => ({
    all: columns.map(({ type }) => READ_CELL[type]),
    key: columns.filter(({ isKey }) => isKey).map(({ type }) => READ_CELL[type]),
  }));
}

/** Reads the tables that a module declares. */
export function readTableSchema(reader: Reader): TableSchema {
  const at = reader.offset;
  const tables = readItems(reader, TABLES_MAX, readTable);
  if (!isUnique(tables)) refuse(at, "two tables of one name");
  return tables;
}

function readTable(reader: Reader): Table {
  const at = reader.offset;
  readArrayOf(reader, 2);
  const name = readName(reader);
  const columns = readItems(reader, COLUMNS_MAX, readColumn);
  readArrayEnd(reader);
  if (!isUnique(columns)) refuse(at, "two columns of one name");
  if (!columns.some(({ isKey }) => isKey)) refuse(at, "a table without a key");
  return { name, columns };
}

function readColumn(reader: Reader): Column {
  readArrayOf(reader, 3);
  const name = readName(reader);
  const at = reader.offset;
  const type = COLUMN_TYPES[readUint(reader)] ?? refuse(at, "an unknown type of column");
  const isKey = readBoolean(reader);
  readArrayEnd(reader);
  return { name, type, isKey };
}

function readName(reader: Reader): string {
  const at = reader.offset;
  const name = readText(reader, NAME_BYTES_MAX);
  return NAME.test(name) ? name : refuse(at, "a name with other characters than a-z, 0-9 and _");
}

function isUnique(named: readonly { readonly name: string }[]): boolean {
  return new Set(named.map(({ name }) => name)).size === named.length;
}

/** Reads the row changes of the beginning. */
export function readChanges(reader: Reader, tables: readonly RowReaders[]): RowChanges {
  const at = reader.offset;
  const answer = readAnswer(reader, tables);
  return answer.type === "accepted" ? answer.changes : refuse(at, "a beginning that is refused");
}

/** Reads the answer to a message. */
export function readAnswer(reader: Reader, tables: readonly RowReaders[]): ReducerAnswer {
  readArrayOf(reader, 2);
  const at = reader.offset;
  const accepted = readUint(reader);
  if (accepted > 1) refuse(at, "neither accepted nor refused");
  const answer: ReducerAnswer =
    accepted === 1
      ? { type: "accepted", changes: readRowChanges(reader, tables) }
      : { type: "refused", by: readRefusalCode(reader) };
  readArrayEnd(reader);
  return answer;
}

function readRefusalCode(reader: Reader): string {
  const at = reader.offset;
  const code = readText(reader, REFUSAL_CODE_BYTES_MAX);
  return REFUSAL_CODE.test(code) ? code : refuse(at, "a code that is not 1 to 64 letters");
}

function readRowChanges(reader: Reader, tables: readonly RowReaders[]): RowChanges {
  const at = reader.offset;
  const count = readArrayStart(reader);
  if (count > ROW_CHANGES_MAX) refuse(at, `more than ${ROW_CHANGES_MAX} row changes`);
  const changes: RowChange[] = [];
  for (let index = 0; index < count; index += 1) changes.push(readRowChange(reader, tables));
  readArrayEnd(reader);
  return count === 0 ? NO_CHANGES : changes;
}

function readRowChange(reader: Reader, tables: readonly RowReaders[]): RowChange {
  const at = reader.offset;
  readArrayOf(reader, 3);
  const type = CHANGE_TYPES[readUint(reader)] ?? refuse(at, "an unknown row change");
  const table = readUint(reader);
  const readers = tables[table] ?? refuse(at, "a table that is not declared");
  const columns = type === "delete" ? readers.key : readers.all;
  readArrayOf(reader, columns.length);
  const values: Cell[] = [];
  for (const readCell of columns) values.push(readCell(reader));
  readArrayEnd(reader);
  readArrayEnd(reader);
  return { type, table, values };
}

/** PostgreSQL has no U+0000 in text: a reducer that writes one would stop where the tables are kept. */
function readCellText(reader: Reader): string {
  const at = reader.offset;
  const text = readText(reader, CELL_BYTES_MAX);
  return text.includes("\0") ? refuse(at, "text with U+0000") : text;
}

/** Reads an outcome, which shares out what came in: no more, no less. */
export function readOutcome(
  reader: Reader,
  { assets, participants }: Pick<ReducerInit, "assets" | "participants">,
): ReducerOutcome {
  readArrayOf(reader, 2);
  readArrayOf(reader, assets.length);
  const amounts = assets.map(({ amounts: stakes }) => readShares(reader, stakes));
  readArrayEnd(reader);
  const nextMover = skipNil(reader) ? undefined : readMover(reader, participants.length);
  readArrayEnd(reader);
  return { amounts, nextMover };
}

function readShares(reader: Reader, stakes: readonly bigint[]): readonly bigint[] {
  const at = reader.offset;
  readArrayOf(reader, stakes.length);
  const shares = stakes.map(() => readBigUint(reader, 32));
  readArrayEnd(reader);
  return sum(shares) === sum(stakes) ? shares : refuse(at, "shares that are not what came in");
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function readMover(reader: Reader, participantCount: number): number {
  const at = reader.offset;
  const mover = readUint(reader);
  return mover < participantCount ? mover : refuse(at, "a mover who does not take part");
}

function readItems<Item>(
  reader: Reader,
  countMax: number,
  readItem: (reader: Reader) => Item,
): readonly Item[] {
  const at = reader.offset;
  const count = readArrayStart(reader);
  if (count > countMax) refuse(at, `more than ${countMax} items`);
  const items = Array.from({ length: count }, () => readItem(reader));
  readArrayEnd(reader);
  return items;
}
