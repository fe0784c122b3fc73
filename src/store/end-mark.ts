/**
 * The mark that the end of a log is not proven. It is on the disk before anything is appended to such a log,
 * so that a crash does not make it look whole: the head file soon tells of the new, shorter log.
 */

import { type LogHead, logHeadSchema } from "../events/record-head.ts";
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decode, encode, type Schema, text } from "../primitives/schema.ts";
import { record, union } from "../primitives/schema-composite.ts";
import { END_MARK_KEY } from "./keys.ts";
import type { LogEnd, UnprovenReason } from "./log-head.ts";

/** An end that is not proven. */
export type EndMark = Exclude<LogEnd, { readonly type: "Proven" }>;

/** Bytes of a reason: more than the longest has. */
const REASON_BYTES_MAX = 32;

const endMarkSchema: Schema<EndMark> = union("type", {
  Unproven: [0, record<{ readonly why: UnprovenReason }>({ why: text(REASON_BYTES_MAX) })],
  Behind: [1, record<{ readonly anchor: LogHead }>({ anchor: logHeadSchema })],
});

/** The mark of this log, if there is one. Throws `NodeError` with `LogDamaged`. */
export async function readEndMark(keyValue: KeyValue): Promise<EndMark | undefined> {
  const stored = await keyValue.get(END_MARK_KEY);
  if (stored === undefined) return undefined;
  const mark = decode(endMarkSchema, stored);
  if (mark.ok) return mark.value;
  throw new NodeError("LogDamaged", "the mark of the log's end is damaged", { data: mark.reason });
}

/** The write that sets the mark. */
export function putEndMark(mark: EndMark): KeyValueWrite {
  return { type: "Put", key: END_MARK_KEY, value: encode(endMarkSchema, mark) };
}

/** The write that takes the mark away. */
export const deleteEndMark: KeyValueWrite = { type: "Delete", key: END_MARK_KEY };

/** What is known about an end altogether: from the head file, from the mark, and from a journal that goes on. */
export function worstEnd(
  end: LogEnd,
  mark: EndMark | undefined,
  journalAnchor: LogHead | undefined,
): LogEnd {
  const marked = mark === undefined ? end : worseEnd(end, mark);
  if (journalAnchor === undefined) return marked;
  return worseEnd(marked, { type: "Behind", anchor: journalAnchor });
}

/** The worse of two ends: one that tells of a longer log, then one that is not proven. */
function worseEnd(left: LogEnd, right: LogEnd): LogEnd {
  if (left.type === "Behind" && right.type === "Behind") {
    return right.anchor.length > left.anchor.length ? right : left;
  }
  if (right.type === "Behind") return right;
  return left.type === "Proven" ? right : left;
}
