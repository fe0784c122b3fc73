/** The door to a database that speaks the SQL of PostgreSQL. */

/**
 * A value as it passes the door. From the database come: bigint for 64-bit integers and for whole `numeric`, number
 * for shorter integers and floating point, text for `numeric` with a fraction, and for text; bytes for `bytea`.
 */
export type SqlValue = null | boolean | bigint | number | string | Uint8Array;

/** Values of one column, as one parameter: `$1::text[]` in the statement. */
export type SqlList = readonly SqlValue[];

/** One statement, without its end. `$1` in it is the first parameter. */
export type SqlStatement = {
  readonly text: string;
  readonly parameters?: readonly (SqlValue | SqlList)[];
  /** Rows that it must insert, update or delete. Otherwise all is undone, with `DatabaseChanged`. */
  readonly changes?: number;
};

/** What came back. */
export type SqlAnswer = {
  /** Names may come twice, or be invented by the database. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** Rows that were inserted, updated or deleted. */
  readonly changed: number;
};

/** Within what somebody else's question is answered. */
export type SqlBounds = {
  /** The role whose rights count; it exists. */
  readonly role: string;
  /** The schema in which names without one are looked up. */
  readonly schema: string;
  /** Milliseconds after which it is cut off, a whole number above 0. */
  readonly timeMs: number;
};

/**
 * One database. Every call throws `NodeError`: `DatabaseAway` (look before writing again), `DatabaseRefused`,
 * `DatabaseFull` or `DatabaseChanged`, of which the last three leave nothing behind.
 */
export type Sql = {
  /** Runs all statements in order, or none of them. */
  readonly transaction: (statements: readonly SqlStatement[]) => Promise<readonly SqlAnswer[]>;
  /**
   * Answers one question with the rights of another role, reading only. Also throws `DatabaseTimeout`.
   * Columns of types that `SqlValue` does not name are refused.
   */
  readonly read: (question: SqlStatement, bounds: SqlBounds) => Promise<SqlAnswer>;
  readonly close: () => Promise<void>;
};
