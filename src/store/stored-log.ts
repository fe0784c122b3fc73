/** The whole log of a disk as stored bytes: segments, then the journal. Changes nothing. */
import { firstHash, storedHash } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import { readTail } from "./journal-tail.ts";
import { damageError, sound } from "./log-damage.ts";
import { type LogDisk, readLogId } from "./log-disk.ts";
import type { StoredRecord } from "./log-walk.ts";
import { gapBefore, readRuns, storedOf } from "./segment-reader.ts";

/**
 * The stored records in order. Their chain is not checked, but none is left out: throws `NodeError` with
 * `LogDamaged` where one cannot be found, and with `NotALog` on an empty disk.
 */
export async function* readStored(disk: LogDisk): AsyncGenerator<StoredRecord> {
  const logId = await readLogId(disk.keyValue);
  if (logId === undefined) throw new NodeError("NotALog", "the disk holds no log");
  let length = 0;
  let hash = firstHash(logId);
  for await (const run of readRuns(disk.keyValue, 0)) {
    const gap = gapBefore(run, length);
    if (gap !== undefined) throw damageError(gap);
    for (const stored of sound(storedOf(run))) {
      yield { offset: length, stored };
      hash = storedHash(stored);
      length += 1;
    }
  }
  const tail = sound(readTail(await disk.journal.read(), logId, { length, hash }));
  for (const stored of tail.stored) {
    yield { offset: length, stored };
    length += 1;
  }
}
