/** RocksDB as its package gives it: the native library, the part of its calls in use here, its options. */
import { createRequire } from "node:module";
import { NodeError } from "../primitives/node-error.ts";

/** Writes gathered in native memory, to be written together. */
export type NativeBatch = {
  readonly _put: (key: Uint8Array, value: Uint8Array) => void;
  readonly _del: (key: Uint8Array) => void;
  /** Only with `sync` the batch is on the disk when the call returns. */
  readonly _writeSync: (options: { readonly sync: boolean }) => void;
  readonly _clear: () => void;
};

/** A reader of a range, as it was when the reader was made. */
export type NativeIterator = {
  /** The next entries, `count` at most: key, value, key, value, and so on. */
  readonly _nextvSync: (count: number) => {
    readonly rows: readonly Uint8Array[];
    readonly finished: boolean;
  };
  readonly close: () => Promise<void>;
};

/** What an iterator reads. */
export type NativeRange = {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse: boolean;
  readonly limit: number;
  readonly highWaterMarkBytes: number;
};

/** What a database is opened with. The package knows more; what it calls `walTotalSizeLimit` does nothing. */
export type NativeOptions = {
  readonly createIfMissing: boolean;
  readonly keyEncoding: "buffer";
  readonly valueEncoding: "buffer";
  readonly compression: boolean;
  readonly walCompression: boolean;
  readonly compaction: "universal" | "level";
  readonly memtableMemoryBudget: number;
  readonly cacheSize: number;
  readonly parallelism: number;
};

/** An open database. The calls with an underscore are the package's own synchronous ones. */
export type NativeDatabase = {
  readonly open: (options: NativeOptions) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly iterator: (range: NativeRange) => NativeIterator;
  readonly _getManySync: (
    keys: readonly Uint8Array[],
    options: { readonly valueEncoding: "buffer" },
  ) => readonly (Uint8Array | undefined)[];
  readonly _chainedBatch: () => NativeBatch;
};

type Native = {
  readonly RocksLevel: new (directory: string, options: NativeOptions) => NativeDatabase;
};

/**
 * Chosen by measuring with segments of 110 KB, three fifths of them hashes and signatures (ADR 0008):
 *
 * - no compression: zstd makes the data a fifth smaller, writing three times and reading twice as slow;
 * - `universal`: large files in few levels, since keys grow with the log and are rarely overwritten;
 * - 8 MiB of tables in memory: with 10,000 events they all fit, and it never takes more than this;
 * - 1 MiB of cache: segments are read once, in order; only the small entries of snapshots are read again.
 */
const OPTIONS: NativeOptions = {
  createIfMissing: true,
  keyEncoding: "buffer",
  valueEncoding: "buffer",
  compression: false,
  walCompression: false,
  compaction: "universal",
  memtableMemoryBudget: 8 << 20,
  cacheSize: 1 << 20,
  parallelism: 1,
};

/** Opens the database in `directory`, or creates it. Throws what the library throws. */
export async function openNative(directory: string): Promise<NativeDatabase> {
  const database = new (load().RocksLevel)(directory, OPTIONS);
  await database.open(OPTIONS);
  return database;
}

/** Loaded when the first log is opened: a program that needs no log on disk runs without the library. */
function load(): Native {
  try {
    return createRequire(import.meta.url)("@nxtedition/rocksdb") as Native;
  } catch (cause) {
    const system = `${process.platform}-${process.arch}`;
    const message = `cannot load RocksDB on ${system}: it comes for linux-x64 with glibc and darwin-arm64; use one of them, or a log in memory`;
    throw new NodeError("DiskFailed", message, { data: { system }, cause });
  }
}
