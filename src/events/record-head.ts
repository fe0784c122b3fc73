/** The head of a log: how long it is, and the hash of its last record. */
import { fixedBytes, type Schema, uint } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import type { RecordHash } from "./record.ts";

/** The end of a log: with it anyone can later tell whether the log was cut or rewritten. */
export type LogHead = { readonly length: number; readonly hash: RecordHash };

/** A head in files, in events and on the wire: the same bytes everywhere. */
export const logHeadSchema: Schema<LogHead> = record({
  length: uint(Number.MAX_SAFE_INTEGER),
  hash: fixedBytes<RecordHash>(32),
});
