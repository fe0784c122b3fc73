/** Reading a log without touching it: a private copy, which is removed afterwards. */
import {
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onDisk } from "../adapters/disk-error.ts";
import { refuseLocked } from "../adapters/file-lock.ts";
import { NodeError } from "../primitives/node-error.ts";
import { type LogDirectory, openLogDirectory } from "./log-directory.ts";
import { LOG_NAMES, lookAt, notALog, nothingThere } from "./log-directory-layout.ts";

/** A file of a log: its path from the log's directory on, and its size in bytes. */
export type LogFile = { readonly path: string; readonly sizeBytes: number };

/** Files that are written once and never changed: a copy may share them. */
const SEALED = /\.sst$/;

/** All files in the directory of a log, in the order of their paths. */
export function listLogFiles(directory: string): readonly LogFile[] {
  return onDisk("read", directory, () =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name))
      .toSorted()
      .map((path) => ({
        path: path.slice(join(directory, "/").length),
        sizeBytes: statSync(path).size,
      })),
  );
}

/**
 * Copies the log in `from` to the empty or missing folder `to`. Throws `NodeError`: `LogInUse` when a
 * process has it open, or opened it meanwhile; `NotALog`, `LogTooNew`, `DiskFull`, `DiskFailed`.
 */
export function copyLogDirectory(from: string, to: string): void {
  const place = lookAt(from);
  if (place !== "Log") throw notALog(from, nothingThere(place));
  const lock = join(from, LOG_NAMES.lock);
  refuseLocked(lock);
  const before = lastOpened(lock);
  for (const { path } of listLogFiles(from)) {
    if (path !== LOG_NAMES.lock) copyFile(join(from, path), join(to, path));
  }
  refuseLocked(lock);
  if (lastOpened(lock) === before) return;
  throw new NodeError("LogInUse", `${from} was opened while it was copied; try again`, {
    data: { path: from },
  });
}

/**
 * Opens a private copy of the log in `directory`, which stays as it is. `close` removes the copy; so does
 * an error, and the end of the process. Sealed files of the store are shared with the original as long as both
 * lie on one disk, so nobody may write into a file of the copy but its store. Throws what `copyLogDirectory` and `openLogDirectory` throw.
 */
export async function openLogCopy(directory: string): Promise<LogDirectory> {
  const copy = onDisk("make a folder for a copy in", tmpdir(), () =>
    mkdtempSync(join(tmpdir(), "channels-log-")),
  );
  const remove = (): void => rmSync(copy, { recursive: true, force: true });
  process.once("exit", remove);
  const forget = (): void => {
    process.off("exit", remove);
    remove();
  };
  try {
    copyLogDirectory(directory, copy);
    const opened = await openLogDirectory(copy, { create: false });
    return { ...opened, close: () => opened.close().finally(forget) };
  } catch (error) {
    forget();
    throw error;
  }
}

function copyFile(from: string, to: string): void {
  onDisk(`copy ${from} to`, to, () => {
    mkdirSync(dirname(to), { recursive: true });
    if (SEALED.test(from) && isLinked(from, to)) return;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  });
}

/** Gives a file a second name instead of copying it; false where the disks differ or do not allow it. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    // The caller copies it instead.
    return false;
  }
}

/** When a process opened the log last: opening writes the lock file. */
function lastOpened(lock: string): number {
  return statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
