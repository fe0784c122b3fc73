/** What lies where in the directory of a log, and whether a directory holds one. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { diskError, errnoOf, onDisk } from "../adapters/disk-error.ts";
import { syncFolder } from "../adapters/file-bytes.ts";
import { NodeError } from "../primitives/node-error.ts";

/**
 * The names in the directory of a log.
 *
 * - `format`: the text "channels log 2" and an end of line. Written first, never changed.
 * - `store`: a folder with RocksDB's files: segments, indices, snapshots.
 * - `journal`: the batches that are not in the store yet.
 * - `head`: the end of the log after each acknowledged batch.
 * - `lock`: held while a process has the log open; its text is the number of the last such process.
 */
export const LOG_NAMES = {
  format: "format",
  store: "store",
  journal: "journal",
  head: "head",
  lock: "lock",
} as const;

/** What is at the path of a log. */
export type Place = "Missing" | "Empty" | "Log";

/** Counts up when the layout of the directory, of the journal or of the store changes. */
const FORMAT = 2;

const FORMAT_TEXT = /^channels log (\d{1,9})\n$/;

/** A format file on its way: it gets its name when it is whole and on the disk. */
const NEW_FORMAT = "format.new";

/** What the making of a log leaves behind when it is stopped before there is one. */
const REMAINS: readonly string[] = [LOG_NAMES.lock, NEW_FORMAT];

/**
 * Looks at the path of a log. Throws `NodeError`: `NotALog` for a file, a folder with other things in it or
 * an older log; `LogTooNew` for a newer one; `DiskFailed` when it cannot be read.
 */
export function lookAt(directory: string): Place {
  const names = namesIn(directory);
  if (names === undefined) return "Missing";
  if (names.includes(LOG_NAMES.format)) {
    refuseOtherFormats(directory);
    return "Log";
  }
  const other = names.find((name) => !REMAINS.includes(name));
  if (other === undefined) return "Empty";
  const logs = names.filter((name) => existsSync(join(directory, name, LOG_NAMES.format)));
  if (logs.length === 0) {
    throw notALog(directory, `it has no file "${LOG_NAMES.format}", but has "${other}"`);
  }
  const list = logs
    .toSorted()
    .map((name) => join(directory, name))
    .join(", ");
  throw notALog(directory, `it holds ${logs.length === 1 ? "a log" : "logs"}: ${list}`);
}

/** Makes an empty directory one of a log. After a crash it is one, or still counts as empty. */
export function writeFormat(directory: string): void {
  const path = join(directory, NEW_FORMAT);
  onDisk("write", path, () => {
    const file = openSync(path, "w");
    try {
      writeSync(file, `channels log ${FORMAT}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(path, join(directory, LOG_NAMES.format));
    syncFolder(directory);
  });
}

/** The error for a path where no log is. */
export function notALog(directory: string, why: string): NodeError {
  const message = `${directory} is not the directory of a log: ${why}`;
  return new NodeError("NotALog", message, { data: { path: directory } });
}

/** Why no log can be read at a place without one. */
export function nothingThere(place: Exclude<Place, "Log">): string {
  return place === "Missing" ? "there is nothing" : "it is empty";
}

function namesIn(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    if (errnoOf(error) === "ENOTDIR") throw notALog(directory, "it is a file");
    throw diskError("read", directory, error);
  }
}

function refuseOtherFormats(directory: string): void {
  const path = join(directory, LOG_NAMES.format);
  const text = onDisk("read", path, () => readFileSync(path, "latin1"));
  const found = FORMAT_TEXT.exec(text)?.[1];
  if (found === undefined) throw notALog(directory, `its file "format" has another text`);
  const format = Number(found);
  if (format > FORMAT) {
    const message = `${directory} holds a log of format ${format}, this program reads ${FORMAT}; use a newer one`;
    throw new NodeError("LogTooNew", message, { data: { path: directory, format } });
  }
  if (format < FORMAT) {
    throw notALog(
      directory,
      `it is of format ${format}, which only an older program reads; this one reads ${FORMAT}`,
    );
  }
}
