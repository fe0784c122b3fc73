/**
 * The log of a node in one file, for any MessagePack tool: a sequence of values without separators.
 *
 * 1. `str`: `channels log 2`, where the number counts up when the format changes.
 * 2. `bin`: the id of the log, 16 bytes, which the first record is chained to.
 * 3. `bin`, one for each record in order of its offset from 0: the record as it is stored, which is its hash
 *    (32 bytes) and the array [offset, event number, event version, time in ms, payload].
 *
 * A record's hash is SHA-256 over the hash before it and its array. The first one's is SHA-256 over
 * `channels log 2`, a line feed and the id.
 */
import { concatBytes } from "../../src/primitives/bytes.ts";
import {
  createWriter,
  writeRaw,
  writeText,
  writtenBytes,
} from "../../src/primitives/message-pack-writer.ts";
import type { NodeLog } from "./finished-run.ts";

/** The first value of the file. */
const FORMAT = "channels log 2";

/** The bytes of the file. */
export function logFileBytes({ logId, records }: NodeLog): Uint8Array {
  const head = createWriter();
  writeText(head, FORMAT);
  return concatBytes(writtenBytes(head), ...[logId, ...records].map(binOf));
}

function binOf(bytes: Uint8Array): Uint8Array {
  const writer = createWriter();
  writeRaw(writer, bytes);
  return writtenBytes(writer);
}
