/** The beginning of a log's life, and of its writer's. */
import { appendToRun, createGrowingRun, runFrom } from "../events/growing-run.ts";
import { HASH_SIZE_BYTES, type RecordCodec } from "../events/record.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { fromHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { DurableLog } from "./durable-log.ts";
import { readFirstFrame } from "./journal-frame.ts";
import { createLog, type LogDisk, readLogId } from "./log-disk.ts";
import { encodeHead, readHead } from "./log-head.ts";
import { decodeSpan, soundRecords } from "./log-reader.ts";
import { emptyHead, type RecoveredLog } from "./recovery.ts";

/** Which log a disk holds. */
export type FoundLog = {
  readonly logId: Uint8Array;
  /** Nothing was there, not even the head or a frame of an earlier life of the log. */
  readonly isNew: boolean;
};

/**
 * The log of a disk, created under `wanted` where there is none. Throws `NodeError` with `NotALog` when there
 * is none and none is wanted, and with `LogDamaged` when it is another than the one that is wanted.
 */
export async function findOrCreate(disk: LogDisk, wanted?: Uint8Array): Promise<FoundLog> {
  const found = await readLogId(disk.keyValue);
  if (found !== undefined) {
    if (wanted === undefined || equalBytes(found, wanted)) return { logId: found, isNew: false };
    throw new NodeError("LogDamaged", "the disk holds another log", { data: { found } });
  }
  if (wanted === undefined) throw new NodeError("NotALog", "the disk holds no log");
  const isNew = await isUntouched(disk, wanted);
  // The head goes first: a log that has a header and no head has lost it.
  if (isNew) await disk.head?.write(encodeHead(wanted, emptyHead(wanted)));
  await createLog(disk.keyValue, wanted);
  return { logId: wanted, isNew };
}

/** True when neither the head file nor the journal knows of a log with this id. */
async function isUntouched({ head, journal }: LogDisk, logId: Uint8Array): Promise<boolean> {
  const found = await readHead(head, logId);
  if (found.type === "Head" ? found.head.length > 0 : found.why !== "NoHead") return false;
  return readFirstFrame(await journal.read(), logId) === undefined;
}

/** What a log is written with. */
export type LogParts<Event> = {
  readonly disk: LogDisk;
  readonly codec: RecordCodec<Event>;
  readonly logId: Uint8Array;
};

/** The writer of a log that was recovered. Throws `NodeError` with `LogDamaged` or `LogTooNew`. */
export function startLog<Event>(
  parts: LogParts<Event>,
  { head, place, position, segmentsLength, staleSizeBytes, tail, tailStart }: RecoveredLog,
): DurableLog<Event> {
  const run = createGrowingRun(fromHex(tailStart.hash));
  for (const stored of tail) {
    appendToRun(run, stored, HASH_SIZE_BYTES, stored.length, stored.subarray(0, HASH_SIZE_BYTES));
  }
  const segment = { start: tailStart.length, run: runFrom(run, 0) };
  const reading = { codec: parts.codec, check: "Chain" } as const;
  const records = soundRecords(decodeSpan(reading, segment, { previousHash: tailStart.hash }));
  const end = { timeMs: records.at(-1)?.timeMs ?? 0, ...head };
  const start = { end, segmentsLength, records, run, place, position, staleSizeBytes };
  return new DurableLog({ ...parts, ...start });
}
