/** The log as it lies on the disk: a header, segments, a journal, a head file. Nothing is checked here. */
import type { HeadFile, Journal } from "../ports/journal.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decode, encode, type Schema, uint } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { HEADER_KEY, SEGMENTS_END, segmentKey, segmentOfKey } from "./keys.ts";
import { logIdSchema } from "./log-head.ts";

/** Where a log lies. */
export type LogDisk = {
  /** Holds the segments, the index, and whatever is derived from the log. */
  readonly keyValue: KeyValue;
  /** Holds what was appended since the last segment was written. */
  readonly journal: Journal;
  /** Proves the end of the log. A log without it never has a proven end after it was closed. */
  readonly head?: HeadFile;
};

/** Some records of the log as they are stored together. */
export type StoredSegment = { readonly segment: number; readonly run: Uint8Array };

/** What a log says of itself. */
type LogHeader = { readonly formatVersion: number; readonly logId: Uint8Array };

/** Counts up when the keys, the frames or the envelope of records change. */
const FORMAT_VERSION = 2;

const headerSchema: Schema<LogHeader> = record({
  formatVersion: uint(0xffff),
  logId: logIdSchema,
});

/**
 * The id of the log on this disk; undefined on an empty disk. Throws `NodeError` with `LogDamaged`,
 * `NotALog` or `LogTooNew`.
 */
export async function readLogId(keyValue: KeyValue): Promise<Uint8Array | undefined> {
  const stored = await keyValue.get(HEADER_KEY);
  if (stored === undefined) {
    for await (const { segment } of readSegments(keyValue, 0)) {
      const message = "the log has records and no header";
      throw new NodeError("LogDamaged", message, { data: { segment } });
    }
    return undefined;
  }
  const header = decode(headerSchema, stored);
  if (!header.ok) {
    throw new NodeError("LogDamaged", "the header of the log is damaged", { data: header.reason });
  }
  const { formatVersion, logId } = header.value;
  if (formatVersion === FORMAT_VERSION) return logId;
  const code = formatVersion > FORMAT_VERSION ? "LogTooNew" : "NotALog";
  const message = `the log has format ${formatVersion}, this program reads ${FORMAT_VERSION}`;
  throw new NodeError(code, message, { data: { formatVersion } });
}

/** Writes the header of a new log. */
export async function createLog(keyValue: KeyValue, logId: Uint8Array): Promise<void> {
  const value = encode(headerSchema, { formatVersion: FORMAT_VERSION, logId });
  await keyValue.batch([{ type: "Put", key: HEADER_KEY, value }]);
}

/** The segments from number `from` (included) to `to` (left out; the end if absent), in order. */
export async function* readSegments(
  keyValue: KeyValue,
  from: number,
  to?: number,
): AsyncGenerator<StoredSegment> {
  const end = to === undefined ? SEGMENTS_END : segmentKey(to);
  for await (const [key, run] of keyValue.range({ from: segmentKey(from), to: end })) {
    yield { segment: segmentOfKey(key), run };
  }
}

/** The last segment; undefined when there is none. */
export async function readLastSegment(keyValue: KeyValue): Promise<StoredSegment | undefined> {
  const range = { from: segmentKey(0), to: SEGMENTS_END, reverse: true, limit: 1 };
  for await (const [key, run] of keyValue.range(range)) return { segment: segmentOfKey(key), run };
  return undefined;
}
