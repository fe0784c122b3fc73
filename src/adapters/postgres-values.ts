/** Values of PostgreSQL as text, which every way to it understands alike. */
import type { SqlAnswer, SqlList, SqlStatement, SqlValue } from "../ports/sql.ts";
import { NodeError } from "../primitives/node-error.ts";

/** What goes to the database: the text of a value, or of an array of values. */
export type PostgresText = string | null;

/** A column of an answer: its name, and the number of its type. */
export type PostgresColumn = { readonly name: string; readonly type: number };

/** An answer as the database wrote it. */
export type PostgresAnswer = {
  readonly columns: readonly PostgresColumn[];
  readonly rows: readonly (readonly PostgresText[])[];
  readonly changed: number;
};

/** Numbers of types, which never change. Source: PostgreSQL 18, `pg_type.dat`. */
const TYPE = {
  bool: 16,
  bytea: 17,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  float4: 700,
  float8: 701,
  bpchar: 1042,
  varchar: 1043,
  numeric: 1700,
} as const;

/** What an empty `select` or `null` of no type is told to be, and values that are text in any case. */
const TEXTS: readonly number[] = [TYPE.text, TYPE.name, TYPE.bpchar, TYPE.varchar];

type ReadText = (text: string) => SqlValue;

const READERS: ReadonlyMap<number, ReadText> = new Map<number, ReadText>([
  ...TEXTS.map((type) => [type, (text: string) => text] as const),
  [TYPE.bool, (text) => text === "t"],
  [TYPE.bytea, bytesOf],
  [TYPE.int8, BigInt],
  [TYPE.int2, Number],
  [TYPE.int4, Number],
  [TYPE.float4, Number],
  [TYPE.float8, Number],
  [TYPE.numeric, (text) => (/^-?\d+$/.test(text) ? BigInt(text) : text)],
]);

/** The types that we carry. */
export const TYPES: readonly number[] = Object.values(TYPE);

/** Types of lists of them: of bool, bytea, name, int2, int4, text, bpchar, varchar, int8, float4, float8, numeric. */
export const LIST_TYPES: readonly number[] = [
  1000, 1001, 1003, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1231,
];

/** The parameters of a statement as text. */
export function textsOf({ parameters = [] }: SqlStatement): readonly PostgresText[] {
  return parameters.map((parameter) =>
    isList(parameter) ? listText(parameter) : textOf(parameter),
  );
}

/** An answer with values. Throws `NodeError` with `DatabaseRefused` for a column whose type we do not carry. */
export function answerOf({ changed, columns, rows }: PostgresAnswer): SqlAnswer {
  const readers = columns.map(readerOf);
  const values = rows.map((row) =>
    readers.map((read, at) => {
      const text = row[at] ?? null;
      return text === null ? null : read(text);
    }),
  );
  return { columns: columns.map(({ name }) => name), rows: values, changed };
}

function readerOf({ name, type }: PostgresColumn): ReadText {
  const reader = READERS.get(type);
  if (reader !== undefined) return reader;
  const message = `the column ${name} has a type that is not carried: cast it to text or to a number`;
  throw new NodeError("DatabaseRefused", message, { data: { state: CANNOT_COERCE, type } });
}

/** SQLSTATE `cannot_coerce`. */
const CANNOT_COERCE = "42846";

function bytesOf(text: string): Uint8Array {
  if (text.startsWith("\\x")) return Uint8Array.fromHex(text.slice(2));
  throw new NodeError("DatabaseRefused", "the database must write bytea as hex (bytea_output)");
}

function isList(parameter: SqlValue | SqlList): parameter is SqlList {
  return Array.isArray(parameter);
}

function textOf(value: SqlValue): PostgresText {
  if (value === null || typeof value === "string") return value;
  return value instanceof Uint8Array ? `\\x${value.toHex()}` : String(value);
}

function listText(list: SqlList): string {
  return `{${list.map(itemText).join(",")}}`;
}

function itemText(value: SqlValue): string {
  if (value === null) return "NULL";
  if (value instanceof Uint8Array) return `"\\\\x${value.toHex()}"`;
  if (typeof value !== "string") return String(value);
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
}
