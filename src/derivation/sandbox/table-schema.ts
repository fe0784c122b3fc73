/** Tables that a reducer declares, and the changes of rows that it makes. */
import type { Hex } from "../../primitives/hex.ts";

/** What a column holds: 0 to 2^64 - 1, 0 to 2^256 - 1, text without U+0000, bytes, or true and false. */
export type ColumnType = "uint" | "amount" | "text" | "bytes" | "bool";

/** A column. Those of the key come together to name a row. */
export type Column = { readonly name: string; readonly type: ColumnType; readonly isKey: boolean };

/** A table, with at least one column in its key. */
export type Table = { readonly name: string; readonly columns: readonly Column[] };

/** All tables of a reducer, in the order in which row changes count them. */
export type TableSchema = readonly Table[];

/** A cell: `bigint` for `uint` and `amount`. */
export type Cell = bigint | string | Hex | boolean;

/**
 * A change of one row. What holds of the rows that are there, such as that an insert finds none of its key, the tables
 * say: a reducer alone does not keep them.
 */
export type RowChange = {
  readonly type: "insert" | "update" | "delete";
  /** The index of the table in the schema. */
  readonly table: number;
  /** All columns; for `delete` those of the key. */
  readonly values: readonly Cell[];
};

/** What one message changed, in order. */
export type RowChanges = readonly RowChange[];

/** Who is paid what as long as the next mover stays silent. */
export type ReducerOutcome = {
  /** For each asset of the beginning, the amount of each participant. */
  readonly amounts: readonly (readonly bigint[])[];
  /** The participant whose move is waited for; undefined when it is over. */
  readonly nextMover: number | undefined;
};
