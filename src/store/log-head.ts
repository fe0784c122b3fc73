/** Heads of a log: where it ends, or ended once, and what is known about its end. */
import { LOG_ID_SIZE_BYTES } from "../events/record.ts";
import { type LogHead, logHeadSchema } from "../events/record-head.ts";
import type { HeadFile } from "../ports/journal.ts";
import { equalBytes } from "../primitives/bytes.ts";
import type { Writer } from "../primitives/message-pack-writer.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decode, encode, rawBytes, type Schema } from "../primitives/schema.ts";
import { record, refine } from "../primitives/schema-composite.ts";

/** Whether a log holds all that was ever acknowledged. */
export type LogEnd =
  /** The head file is the latest there was, and the log reaches to it or further. */
  | { readonly type: "Proven" }
  /** Nothing speaks against the log, and nothing proves that no more followed. */
  | { readonly type: "Unproven"; readonly why: UnprovenReason }
  /** The log was longer once: it was cut, or an older one was put in its place. */
  | { readonly type: "Behind"; readonly anchor: LogHead };

/**
 * Why the end of a log is not proven.
 *
 * - `NoHead`: there is no head file.
 * - `HeadUnreadable`: the head file holds something else.
 * - `HeadMayBeOld`: the machine stopped since, perhaps before the last head reached the disk.
 */
export type UnprovenReason = "NoHead" | "HeadUnreadable" | "HeadMayBeOld";

/** What the head file of a log says. */
export type FoundHead =
  | { readonly type: "Head"; readonly head: LogHead; readonly isLatest: boolean }
  | { readonly type: "None"; readonly why: UnprovenReason };

/** The id of a log, as it stands in the head file and the header. */
export const logIdSchema: Schema<Uint8Array> = refine(
  rawBytes(LOG_ID_SIZE_BYTES),
  ({ length }) => length === LOG_ID_SIZE_BYTES,
  "an id of another size",
);

const headFileSchema: Schema<{ readonly logId: Uint8Array; readonly head: LogHead }> = record({
  logId: logIdSchema,
  head: logHeadSchema,
});

/** The bytes of a head file. `writer` as for `encode`. */
export function encodeHead(logId: Uint8Array, head: LogHead, writer?: Writer): Uint8Array {
  return encode(headFileSchema, { logId, head }, writer);
}

/**
 * What the head file says of the log with this id. Throws `NodeError` with `NotALog` when it is the head of
 * another log.
 */
export async function readHead(file: HeadFile | undefined, logId: Uint8Array): Promise<FoundHead> {
  const found = await file?.read();
  if (found === undefined) return { type: "None", why: "NoHead" };
  const decoded = decode(headFileSchema, found.value);
  if (!decoded.ok) return { type: "None", why: "HeadUnreadable" };
  const { head } = decoded.value;
  if (!equalBytes(decoded.value.logId, logId)) {
    throw new NodeError("NotALog", "the head file belongs to another log", { data: { head } });
  }
  return { type: "Head", head, isLatest: found.isLatest };
}
