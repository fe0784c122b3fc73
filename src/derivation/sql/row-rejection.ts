/** Why changes of rows, or the tables themselves, are refused. The same for everybody: no database is asked. */

/** A change that its tables do not allow. The reducer is to blame, and the message leaves no trace. */
export type RowRejection =
  /** An insert of a row whose key is there. */
  | { readonly code: "RowExists"; readonly change: number; readonly table: string }
  /** An update or a delete of a row that is not there. */
  | { readonly code: "RowMissing"; readonly change: number; readonly table: string }
  /** A value that is none of its column: of another type, out of range, missing, or one too many. */
  | { readonly code: "CellMistyped"; readonly change: number; readonly table: string }
  /** The columns of the key hold more bytes than an index takes. */
  | { readonly code: "KeyTooLarge"; readonly change: number; readonly table: string };

/** Tables that cannot be kept in SQL. Who wrote the reducer is to blame. */
export type TablesRejection =
  /** A name that is not a-z, 0-9 and _ from a letter on, at most 63 characters. */
  | { readonly code: "NameMalformed"; readonly name: string }
  /** A column that every table has already, under a meaning of its own. */
  | { readonly code: "NameReserved"; readonly name: string }
  /** Two tables, or two columns of one table, of the same name. */
  | { readonly code: "NameTwice"; readonly name: string }
  /** A table without a key, or with more columns in it than an index takes. */
  | { readonly code: "KeyMissing"; readonly name: string }
  | { readonly code: "KeyTooWide"; readonly name: string };
