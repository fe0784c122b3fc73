/** The whole log of a disk as stored bytes: segments, then the journal. Changes nothing. */
import { firstHash, storedHash } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import { readTail } from "./journal-tail.ts";
import { damageError } from "./log-damage.ts";
import { type LogDisk, readLogId } from "./log-disk.ts";
import type { StoredRecord } from "./log-walk.ts";
import { readRuns, storedOf } from "./segment-reader.ts";

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
    for (const stored of storedOf(run)) {
      yield { offset: length, stored };
      hash = storedHash(stored);
      length += 1;
    }
  }
  const tail = readTail(await disk.journal.read(), logId, { length, hash });
  if (!tail.ok) throw damageError(tail.reason);
  for (const stored of tail.value.stored) {
    yield { offset: length, stored };
    length += 1;
  }
}
