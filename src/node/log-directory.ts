/** The log of a real node on disk: one directory, one process. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { onDisk } from "../adapters/disk-error.ts";
import { syncFolder } from "../adapters/file-bytes.ts";
import { openFileHead } from "../adapters/file-head.ts";
import { openFileJournal } from "../adapters/file-journal.ts";
import { takeFileLock } from "../adapters/file-lock.ts";
import { openRocksDb } from "../adapters/rocksdb.ts";
import type { HeadFile, Journal } from "../ports/journal.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { LOG_NAMES, lookAt, notALog, nothingThere, writeFormat } from "./log-directory-layout.ts";

/** How a log is opened. */
export type LogDirectoryOptions = {
  /** True, the default: makes a log where none is. False: refuses then. */
  readonly create?: boolean;
  /** True: the head file is synced with every batch, so that the end of the log is proven after a power cut too. */
  readonly syncHead?: boolean;
};

/** An open log: the three doors of its disk. */
export type LogDirectory = {
  readonly directory: string;
  readonly keyValue: KeyValue;
  readonly journal: Journal;
  readonly head: HeadFile;
  /** Closes all doors, then lets other processes in. */
  readonly close: () => Promise<void>;
};

/** Something to be done when a log is closed, or could not be opened after all. */
type Closing = () => void | Promise<void>;

/**
 * Opens the log in `directory`, or makes one where nothing is or an empty folder. Throws `NodeError`:
 * `LogInUse`, naming the process that has it open; `NotALog` or `LogTooNew` for anything but a log of ours;
 * `LogDamaged` when the files of the store are; `DiskFull`; `DiskFailed` with the path and why.
 */
export async function openLogDirectory(
  directory: string,
  { create = true, syncHead = false }: LogDirectoryOptions = {},
): Promise<LogDirectory> {
  const place = lookAt(directory);
  if (place !== "Log" && !create) throw notALog(directory, nothingThere(place));
  if (place === "Missing") makeFolder(directory);
  const closings: Closing[] = [];
  try {
    closings.push(takeFileLock(join(directory, LOG_NAMES.lock)).release);
    // Asked again under the lock: another process may have made the log in between.
    if (lookAt(directory) === "Empty") writeFormat(directory);
    const head = await openFileHead(join(directory, LOG_NAMES.head), { sync: syncHead });
    closings.push(head.close);
    const journal = await openFileJournal(join(directory, LOG_NAMES.journal));
    closings.push(journal.close);
    const keyValue = await openRocksDb(join(directory, LOG_NAMES.store));
    closings.push(keyValue.close);
    return { directory, keyValue, journal, head, close: () => closeAll(closings) };
  } catch (error) {
    await closeAll(closings);
    throw error;
  }
}

/** The last that was opened is closed first; the lock, which came first, is released in any case. */
async function closeAll(closings: Closing[]): Promise<void> {
  const closing = closings.pop();
  if (closing === undefined) return;
  try {
    await closing();
  } finally {
    await closeAll(closings);
  }
}

/** Makes the folder alone: a path whose parents are missing is more likely mistyped than meant. */
function makeFolder(directory: string): void {
  onDisk("make", directory, () => {
    mkdirSync(directory);
    if (existsSync(dirname(directory))) syncFolder(dirname(directory));
  });
}
