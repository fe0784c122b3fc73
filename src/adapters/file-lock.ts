/** A lock on a file that dies with the process which holds it, however that ends. */
import { dlopen, FFIType } from "bun:ffi";
import { closeSync, constants, ftruncateSync, openSync } from "node:fs";
import { NodeError } from "../primitives/node-error.ts";
import { diskError, errnoOf, onDisk } from "./disk-error.ts";
import { readAt, writeAt } from "./file-bytes.ts";

/** A lock that is held. */
export type FileLock = {
  /** Lets others take it. The file stays. */
  readonly release: () => void;
};

/** The arguments of flock(2), the same on Linux and macOS. */
const LOCK = { shared: 1, exclusive: 2, notWaiting: 4 } as const;

/** Room for the number of a process as text. */
const PID_SIZE_BYTES_MAX = 20;

type TryLock = (file: number, operation: number) => boolean;

/** flock(2) of the system, looked up when the first lock is taken. */
let loaded: TryLock | undefined;

/**
 * Takes the lock on the file at `path`, which it creates, and writes the number of this process into it.
 * Throws `NodeError` with `LogInUse` that names the holder when another process, or this one, holds it.
 */
export function takeFileLock(path: string): FileLock {
  const flags = constants.O_RDWR | constants.O_CREAT;
  const file = onDisk("open", path, () => openSync(path, flags));
  try {
    if (!isTaken(file, LOCK.exclusive)) throw inUse(path, file);
    onDisk("write", path, () => {
      ftruncateSync(file);
      writeAt(file, 0, new TextEncoder().encode(`${process.pid}\n`));
    });
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return { release: () => closeSync(file) };
}

/** Throws `NodeError` with `LogInUse` when somebody holds the lock at `path`. Changes nothing. */
export function refuseLocked(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw diskError("open", path, error);
  }
  try {
    if (!isTaken(file, LOCK.shared)) throw inUse(path, file);
  } finally {
    closeSync(file);
  }
}

function isTaken(file: number, operation: number): boolean {
  loaded ??= load();
  return loaded(file, operation | LOCK.notWaiting);
}

function inUse(path: string, file: number): NodeError {
  const text = new TextDecoder().decode(readAt(file, 0, PID_SIZE_BYTES_MAX)).trim();
  const holder = text === `${process.pid}` ? "this very process" : `process ${text || "unknown"}`;
  const message = `${path} is held by ${holder}; stop that first`;
  return new NodeError("LogInUse", message, { data: { path, processId: text } });
}

function load(): TryLock {
  const name = process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
  try {
    const { symbols } = dlopen(name, {
      flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    });
    return (file, operation) => symbols.flock(file, operation) === 0;
  } catch (cause) {
    throw new NodeError("DiskFailed", `cannot lock files on ${process.platform}`, { cause });
  }
}
