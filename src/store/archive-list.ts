/** What a log knows of its archives. */
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import type { Hex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decode, encode, fixedBytes, type Schema, text, uint } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { ARCHIVE_KEYS, archiveKey, offsetAtEnd } from "./snapshot-keys.ts";

/** An archive as the log names it: whoever has a file of this seal has what left the log. */
export type ArchiveEntry = {
  /** Of the file. */
  readonly name: string;
  /** Of the file's index, and through it of every record in it. */
  readonly seal: Hex;
  /** Number of records. */
  readonly count: number;
  readonly firstSegment: number;
  readonly lastSegment: number;
  /** The records came from before this snapshot. */
  readonly snapshotLength: number;
};

/** An archive with the number under which the log holds it, from 0. */
export type NumberedArchive = ArchiveEntry & { readonly number: number };

const NAME_BYTES_MAX = 64;

const count = uint(Number.MAX_SAFE_INTEGER);

const entrySchema: Schema<ArchiveEntry> = record({
  name: text(NAME_BYTES_MAX),
  seal: fixedBytes<Hex>(32),
  count,
  firstSegment: count,
  lastSegment: count,
  snapshotLength: count,
});

/** All archives of a log, the oldest first. Throws `NodeError` with `LogDamaged`. */
export async function listArchives(keyValue: KeyValue): Promise<readonly NumberedArchive[]> {
  const archives: NumberedArchive[] = [];
  for await (const [key, bytes] of keyValue.range(ARCHIVE_KEYS)) {
    const number = offsetAtEnd(key);
    const entry = decode(entrySchema, bytes);
    if (!entry.ok) {
      const message = `what the log says of its archive ${number} is damaged`;
      throw new NodeError("LogDamaged", message, { data: entry.reason });
    }
    archives.push({ number, ...entry.value });
  }
  return archives;
}

/** The write that makes an archive known to its log. */
export const putArchive = ({ number, ...entry }: NumberedArchive): KeyValueWrite => ({
  type: "Put",
  key: archiveKey(number),
  value: encode(entrySchema, entry),
});
