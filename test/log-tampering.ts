/** What somebody does to a log who has its disk in hand. */

import { firstHash, storedHash } from "../src/events/record.ts";
import { packRun } from "../src/events/record-run.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { fromHex } from "../src/primitives/hex.ts";
import { segmentKey } from "../src/store/keys.ts";
import { type LogDisk, readLastSegment, readLogId } from "../src/store/log-disk.ts";
import { SEGMENT_RECORDS } from "../src/store/segment.ts";
import { readStored } from "../src/store/stored-log.ts";

/** All records of a log as they are stored. */
export async function storedRecords(disk: LogDisk): Promise<readonly Uint8Array[]> {
  const records: Uint8Array[] = [];
  for await (const { stored } of readStored(disk)) records.push(stored);
  return records;
}

/** Puts other records in the place of all that a log holds, in segments, and empties its journal. */
export async function replaceRecords(disk: LogDisk, records: readonly Uint8Array[]): Promise<void> {
  const logId = assertDefined(await readLogId(disk.keyValue), "the log of the disk");
  const last = await readLastSegment(disk.keyValue);
  for (let segment = 0; segment <= (last?.segment ?? -1); segment += 1) {
    await disk.keyValue.batch([{ type: "Delete", key: segmentKey(segment) }]);
  }
  for (let at = 0; at < records.length; at += SEGMENT_RECORDS) {
    const before = records[at - 1];
    const hash = before === undefined ? firstHash(logId) : storedHash(before);
    const value = packRun(fromHex(hash), records.slice(at, at + SEGMENT_RECORDS));
    const key = segmentKey(at / SEGMENT_RECORDS);
    await disk.keyValue.batch([{ type: "Put", key, value }]);
  }
  const { length } = await disk.journal.read();
  if (length > 0) await disk.journal.write(0, new Uint8Array(length));
}
