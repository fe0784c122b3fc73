/** What a node and the process that holds its embedded database say to each other. */
import type { PostgresAnswer, PostgresText } from "./postgres-values.ts";

/** A statement whose values are text already. */
export type PgliteStatement = {
  readonly text: string;
  readonly parameters: readonly PostgresText[];
  readonly changes: number | undefined;
};

/** What the process is started with: the first message to it. */
export type PgliteStart = {
  /** Undefined for a database in memory. */
  readonly folder: string | undefined;
  /** A file with a database that was set up already; it is made where it is missing. */
  readonly prepared: string | undefined;
};

/** From the node: how to start, then one transaction after the other. */
export type PgliteRequest =
  | { readonly type: "Start"; readonly start: PgliteStart }
  | { readonly type: "Transaction"; readonly statements: readonly PgliteStatement[] };

/** From the process, one for each request, in the same order. */
export type PgliteReply =
  | { readonly type: "Started" }
  | { readonly type: "Answers"; readonly answers: readonly PostgresAnswer[] }
  | { readonly type: "Changed"; readonly wanted: number; readonly changed: number }
  | { readonly type: "Failed"; readonly state: string | undefined; readonly said: string }
  /** Another process has the folder open. */
  | { readonly type: "InUse"; readonly said: string };
