/** Files that hold secrets: only their owner may read them. */
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { errnoOf, onDisk } from "../../adapters/disk-error.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";

/** Why a file is not taken, or not made. `advice` is a command, or what to do. */
export type SecretFileFault = {
  readonly code: "ReadableByOthers" | "TooLarge" | "Exists";
  readonly path: string;
  readonly advice: string;
};

/** Bits of a file's mode that let a group or others at it. */
const OTHERS = 0o077;

/** Read and write for the owner, nothing for anybody else. */
export const OWNER_ONLY = 0o600;

/**
 * Reads a file of at most `bytesMax` bytes that only its owner may read. Throws `NodeError` with `DiskFailed` where
 * there is none.
 */
export function readSecretFile(path: string, bytesMax: number): Result<string, SecretFileFault> {
  return onDisk("read", path, () => {
    const file = openSync(path, "r");
    try {
      const { mode, size } = fstatSync(file);
      // Windows has no such bits.
      if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
        return reject({ code: "ReadableByOthers", path, advice: `chmod 600 ${path}` });
      }
      if (size > bytesMax) {
        return reject({ code: "TooLarge", path, advice: `at most ${bytesMax} bytes are read` });
      }
      return accept(readFileSync(file, "utf8"));
    } finally {
      closeSync(file);
    }
  });
}

/** Makes a file that only its owner may read, and never writes over one. Throws `NodeError` as the disk does. */
export function writeSecretFile(path: string, text: string): Result<undefined, SecretFileFault> {
  return onDisk("write", path, () => {
    const file = openNew(path);
    if (file === undefined) {
      return reject({ code: "Exists", path, advice: "name another file; this one is kept" });
    }
    try {
      writeSync(file, text);
      fsyncSync(file);
      return accept(undefined);
    } finally {
      closeSync(file);
    }
  });
}

function openNew(path: string): number | undefined {
  try {
    return openSync(path, "wx", OWNER_ONLY);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return undefined;
    throw error;
  }
}
