/** One hash over everything that a derivation put into its tables, for two who want to know whether they agree. */
import { keccak256 } from "../crypto/keccak.ts";
import { assertDefined } from "../primitives/assert.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import {
  createWriter,
  type Writer,
  writeArrayEnd,
  writeArrayStart,
  writeBoolean,
  writeText,
  writeUint,
  writtenBytes,
} from "../primitives/message-pack-writer.ts";
import type { Cell, Column, ColumnType, Table } from "./sandbox/table-schema.ts";
import { CELL_CODEC } from "./sql/cell-codec.ts";
import type { Row, RowTables } from "./sql/row-tables.ts";

/** The number of each type, as schemas have it. Source: docs/REDUCER-ABI.md. */
const TYPE_NUMBER: Readonly<Record<ColumnType, number>> = {
  uint: 1,
  amount: 2,
  text: 3,
  bytes: 4,
  bool: 5,
};

/** Bytes of all rows, at most: 1 GiB. They are in memory already, in a form that takes several times as much. */
const SIZE_BYTES_MAX: number = 2 ** 30;

/**
 * keccak-256 of the canonical MessagePack of `[schema, [[row...]...]]`: the schema as the reducer puts it out, then for
 * each table its rows in the order of their keys, each with all its cells. Source: docs/REDUCER-ABI.md.
 */
export function tablesDigest(tables: RowTables): Hex {
  const writer = createWriter();
  writer.lengthMax = SIZE_BYTES_MAX;
  writeArrayStart(writer, 2);
  writeList(writer, tables.schema, (table) => writeTable(writer, table));
  writeList(writer, tables.schema, ({ columns }, index) => {
    writeList(writer, orderedRows(tables, index), (row) => writeRow(writer, columns, row));
  });
  writeArrayEnd(writer);
  return toHex(keccak256(writtenBytes(writer)));
}

/**
 * The rows of a table in the order of their keys: by the first column of the key, then by the next. Numbers by their
 * size, text and bytes by their bytes, and false before true: as databases sort them.
 */
export function orderedRows(tables: RowTables, table: number): readonly Row[] {
  const { columns } = assertDefined(tables.schema[table], "a table");
  const places = columns.flatMap(({ isKey }, at) => (isKey ? [at] : []));
  return tables.rowsOf(table).toSorted((one, other) => {
    for (const place of places) {
      const order = compareCells(one[place], other[place]);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compareCells(one: Cell | undefined, other: Cell | undefined): number {
  if (one === undefined || other === undefined || one === other) return 0;
  if (typeof one === "string" && typeof other === "string") return compareTexts(one, other);
  return one < other ? -1 : 1;
}

/** By their code points, which is by the bytes of their UTF-8; units of UTF-16 would sort some of them otherwise. */
function compareTexts(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  if (at === one.length || at === other.length) return one.length - other.length;
  // Where the two halves of a pair differ in the second, the first is the same, and so is the order.
  return unitRank(one.charCodeAt(at)) - unitRank(other.charCodeAt(at));
}

const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xe000;

/** Halves of pairs stand for what lies above all other units. */
function unitRank(unit: number): number {
  const isHalf = unit >= SURROGATES_FROM && unit < SURROGATES_TO;
  return isHalf ? unit + 0x1_0000 : unit;
}

function writeTable(writer: Writer, { columns, name }: Table): void {
  writeArrayStart(writer, 2);
  writeText(writer, name);
  writeList(writer, columns, (column) => writeColumn(writer, column));
  writeArrayEnd(writer);
}

function writeColumn(writer: Writer, { isKey, name, type }: Column): void {
  writeArrayStart(writer, 3);
  writeText(writer, name);
  writeUint(writer, TYPE_NUMBER[type]);
  writeBoolean(writer, isKey);
  writeArrayEnd(writer);
}

function writeRow(writer: Writer, columns: readonly Column[], row: Row): void {
  writeList(writer, columns, ({ type }, at) => {
    CELL_CODEC[type].write(writer, assertDefined(row[at], "a cell for each column"));
  });
}

function writeList<Item>(
  writer: Writer,
  items: readonly Item[],
  write: (item: Item, index: number) => void,
): void {
  writeArrayStart(writer, items.length);
  for (const [index, item] of items.entries()) write(item, index);
  writeArrayEnd(writer);
}
