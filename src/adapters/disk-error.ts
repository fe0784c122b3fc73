/** What an error of the file system means to whoever runs the program. */
import { NodeError } from "../primitives/node-error.ts";

/** Errors that pass once there is room: no space, no quota, or a limit on the size of files. */
const FULL = ["ENOSPC", "EDQUOT", "EFBIG"];

/** What the names of the system mean. Others are shown as they are. */
const IN_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the quota of the disk is used up",
  EFBIG: "the file would be larger than this process may write",
  EACCES: "this user may not do that there",
  EPERM: "this user may not do that there",
  EROFS: "the disk can only be read",
  ENOENT: "it is not there, or the folder above it is not",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  EIO: "the device reports a fault",
  EMFILE: "this process has too many files open",
};

/**
 * The error for a call on `path` that failed; `doing` completes "cannot ...", such as "write".
 * `DiskFull` where room would help, else `DiskFailed`.
 */
export function diskError(doing: string, path: string, cause: unknown): NodeError {
  const { errno, why } = reasonOf(cause);
  const code = errno !== undefined && FULL.includes(errno) ? "DiskFull" : "DiskFailed";
  const message = `cannot ${doing} ${path}: ${why}`;
  return new NodeError(code, message, { data: { path, errno }, cause });
}

/** Runs a call of the file system, and says what its error means. */
export function onDisk<Value>(doing: string, path: string, call: () => Value): Value {
  try {
    return call();
  } catch (cause) {
    throw diskError(doing, path, cause);
  }
}

/** The name that the system gives to an error, such as `ENOENT`; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function reasonOf(cause: unknown): { readonly errno: string | undefined; readonly why: string } {
  const errno = errnoOf(cause);
  const words = errno === undefined ? undefined : IN_WORDS[errno];
  if (words !== undefined) return { errno, why: `${words} (${errno})` };
  return { errno, why: cause instanceof Error ? cause.message : String(cause) };
}
