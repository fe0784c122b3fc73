/** A derivation at one place of its log: the reducer's state, and all rows or none, as parts that fit a database. */
import { assert, assertDefined } from "../../primitives/assert.ts";
import type { Hex } from "../../primitives/hex.ts";
import { readArrayEnd, readArrayOf } from "../../primitives/message-pack-reader.ts";
import { writeArrayEnd, writeArrayStart } from "../../primitives/message-pack-writer.ts";
import { accept, type Result } from "../../primitives/result.ts";
import {
  boolean,
  decode,
  encode,
  fixedBytes,
  rawBytes,
  type Schema,
  type Undecodable,
  uint,
} from "../../primitives/schema.ts";
import { list, record } from "../../primitives/schema-composite.ts";
import type { Cell, Table, TableSchema } from "../sandbox/table-schema.ts";
import { CELL_CODEC } from "./cell-codec.ts";
import { type Row, RowTables } from "./row-tables.ts";

/** What a snapshot gives back. */
export type TablesSnapshot = {
  /** The running hash of the log where it was made. */
  readonly logHash: Hex;
  readonly reducer: Uint8Array;
  /** Undefined where the rows are found in the tables themselves. */
  readonly tables: RowTables | undefined;
};

/** Bytes of the rows of one part, about: below what one encoded value may have, with room for the largest row. */
const PART_BYTES = 1_000_000;

/** Bytes that a number or a truth takes, about. */
const PLAIN_CELL_BYTES = 9;

/** 8 MiB: the largest memory of a reducer is 4 MiB. */
const REDUCER_BYTES_MAX: number = 2 ** 23;

type Head = {
  readonly tablesHash: Hex;
  readonly logHash: Hex;
  readonly reducer: Uint8Array;
  readonly hasRows: boolean;
  readonly parts: number;
};

const headSchema = record<Head>({
  tablesHash: fixedBytes(32),
  logHash: fixedBytes(32),
  reducer: rawBytes(REDUCER_BYTES_MAX),
  hasRows: boolean,
  parts: uint(Number.MAX_SAFE_INTEGER),
});

type Part = { readonly table: number; readonly rows: readonly Row[] };

/** Writes a snapshot as parts, of which the first tells how many there are. */
export function encodeSnapshot(
  tablesHash: Hex,
  { logHash, reducer, tables }: TablesSnapshot,
): readonly Uint8Array[] {
  const parts = (tables?.schema ?? []).flatMap((table, index) => {
    const schema = partSchema(table);
    return inParts(tables?.rowsOf(index) ?? []).map((rows) =>
      encode(schema, { table: index, rows }),
    );
  });
  const hasRows = tables !== undefined;
  const head = { tablesHash, logHash, reducer, hasRows, parts: parts.length };
  return [encode(headSchema, head), ...parts];
}

/** Reads a snapshot of these tables. */
export function decodeSnapshot(
  schema: TableSchema,
  tablesHash: Hex,
  parts: readonly Uint8Array[],
): Result<TablesSnapshot, Undecodable> {
  const [first = new Uint8Array(), ...rest] = parts;
  const head = decode(headSchema, first);
  if (!head.ok) return head;
  if (head.value.tablesHash !== tablesHash || head.value.parts !== rest.length) {
    return { ok: false, reason: unfitting("a snapshot of other tables, or a part of one") };
  }
  const tables = new RowTables(schema);
  for (const part of rest) {
    const filled = fillFrom(tables, part);
    if (!filled.ok) return filled;
  }
  const { hasRows, logHash, reducer } = head.value;
  return accept({ logHash, reducer, tables: hasRows ? tables : undefined });
}

/** The second byte of a part is the number of its table, which says how the rows are read. */
function fillFrom(tables: RowTables, part: Uint8Array): Result<void, Undecodable> {
  const index = part[1] ?? Number.NaN;
  const table = tables.schema[index];
  if (table === undefined) return { ok: false, reason: unfitting("rows of no table") };
  const decoded = decode(partSchema(table), part);
  if (!decoded.ok) return decoded;
  tables.fill(index, decoded.value.rows);
  return accept(undefined);
}

/** Tables are fewer than 128, so that their number takes one byte. */
const TABLE_INDEX_MAX = 127;

function partSchema({ columns }: Table): Schema<Part> {
  const codecs = columns.map(({ type }) => CELL_CODEC[type]);
  const row: Schema<Row> = {
    shape: `row(${columns.map(({ type }) => type).join(",")})`,
    write: (writer, cells) => {
      writeArrayStart(writer, codecs.length);
      for (const [at, codec] of codecs.entries()) {
        codec.write(writer, assertDefined(cells[at], "a cell for each column"));
      }
      writeArrayEnd(writer);
    },
    read: (reader) => {
      readArrayOf(reader, codecs.length);
      const cells = codecs.map(({ read }) => read(reader));
      readArrayEnd(reader);
      return cells;
    },
  };
  return record<Part>({ table: uint(TABLE_INDEX_MAX), rows: list(row, Number.MAX_SAFE_INTEGER) });
}

function inParts(rows: Iterable<Row>): readonly (readonly Row[])[] {
  const parts: Row[][] = [];
  let sizeBytes = PART_BYTES;
  for (const row of rows) {
    if (sizeBytes >= PART_BYTES) {
      parts.push([]);
      sizeBytes = 0;
    }
    parts.at(-1)?.push(row);
    sizeBytes += row.reduce((size, cell) => size + cellBytes(cell), 0);
  }
  assert(parts.length < 2 ** 31, "parts are counted by an integer of SQL");
  return parts;
}

function cellBytes(cell: Cell): number {
  return typeof cell === "string" ? cell.length * 3 : PLAIN_CELL_BYTES;
}

function unfitting(problem: string): Undecodable {
  return { code: "Undecodable", offset: 0, problem };
}
