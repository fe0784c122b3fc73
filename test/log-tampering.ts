/** What somebody does to a log who has its disk in hand. */

import { segmentKey } from "../src/store/keys.ts";
import { type LogDisk, readLastSegment } from "../src/store/log-disk.ts";
import { SEGMENT_RECORDS } from "../src/store/segment.ts";
import { readStored } from "../src/store/stored-log.ts";
import { packRun } from "../src/store/stored-run.ts";

/** All records of a log as they are stored. */
export async function storedRecords(disk: LogDisk): Promise<readonly Uint8Array[]> {
  const records: Uint8Array[] = [];
  for await (const { stored } of readStored(disk)) records.push(stored);
  return records;
}

/** Puts other records in the place of all that a log holds, in segments, and empties its journal. */
export async function replaceRecords(disk: LogDisk, records: readonly Uint8Array[]): Promise<void> {
  const last = await readLastSegment(disk.keyValue);
  for (let segment = 0; segment <= (last?.segment ?? -1); segment += 1) {
    await disk.keyValue.batch([{ type: "Delete", key: segmentKey(segment) }]);
  }
  for (let at = 0; at < records.length; at += SEGMENT_RECORDS) {
    const value = packRun(records.slice(at, at + SEGMENT_RECORDS));
    const key = segmentKey(at / SEGMENT_RECORDS);
    await disk.keyValue.batch([{ type: "Put", key, value }]);
  }
  const { length } = await disk.journal.read();
  if (length > 0) await disk.journal.write(0, new Uint8Array(length));
}
