/** The log as it lies on the disk: a header, and a record under each offset. Nothing is checked here. */
import { LOG_ID_SIZE_BYTES } from "../events/record.ts";
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decode, encode, rawBytes, type Schema, uint } from "../primitives/schema.ts";
import { record, refine } from "../primitives/schema-composite.ts";
import { HEADER_KEY, offsetOfKey, RECORDS_END, recordKey } from "./keys.ts";
import type { StoredRecord } from "./log-walk.ts";

/** What a log says of itself. */
type LogHeader = { readonly formatVersion: number; readonly logId: Uint8Array };

/** Counts up when the keys or the envelope of records change. */
const FORMAT_VERSION = 2;

const headerSchema: Schema<LogHeader> = record({
  formatVersion: uint(0xffff),
  logId: refine(
    rawBytes(LOG_ID_SIZE_BYTES),
    ({ length }) => length === LOG_ID_SIZE_BYTES,
    "an id of another size",
  ),
});

/** The id of the log on this disk; undefined on an empty disk. Throws `NodeError` with `LogDamaged`. */
export async function readLogId(keyValue: KeyValue): Promise<Uint8Array | undefined> {
  const stored = await keyValue.get(HEADER_KEY);
  if (stored === undefined) {
    for await (const { offset } of readStored(keyValue, 0)) {
      throw new NodeError("LogDamaged", "the log has records and no header", { data: { offset } });
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

/** The write that stores a record. */
export function putRecord(offset: number, stored: Uint8Array): KeyValueWrite {
  return { type: "Put", key: recordKey(offset), value: stored };
}

/** The write that removes a record which was never acknowledged. */
export function deleteRecord(offset: number): KeyValueWrite {
  return { type: "Delete", key: recordKey(offset) };
}

/** The stored records from `from` (included) to `to` (left out; the end if absent), in order. */
export async function* readStored(
  keyValue: KeyValue,
  from: number,
  to?: number,
): AsyncGenerator<StoredRecord> {
  const end = to === undefined ? RECORDS_END : recordKey(to);
  for await (const [key, stored] of keyValue.range({ from: recordKey(from), to: end })) {
    yield { offset: offsetOfKey(key), stored };
  }
}
