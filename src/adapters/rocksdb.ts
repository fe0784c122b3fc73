/** The `KeyValue` of a real node: RocksDB in a folder of its own. */
import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { KeyRange, KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { assert } from "../primitives/assert.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { onDisk } from "./disk-error.ts";
import { writeAt } from "./file-bytes.ts";
import { rocksDbError } from "./rocksdb-error.ts";
import {
  type NativeBatch,
  type NativeDatabase,
  type NativeIterator,
  openNative,
} from "./rocksdb-native.ts";

type Entry = readonly [key: Uint8Array, value: Uint8Array];

/** Entries that a range takes out of the library at once, as long as they are small. */
const CHUNK_ENTRIES = 256;

/** 1 MiB: where a chunk of large entries ends. The library stops after the entry that reaches it. */
const CHUNK_SIZE_BYTES = 1 << 20;

/**
 * 8 MiB of free space before a store is opened again after a full disk: opening writes what was in memory
 * to a file, 4 MiB at most, and a list of files. Without the room for it the store could not even be read.
 */
const ROOM_TO_OPEN_BYTES = 8 << 20;

/**
 * Opens the store in `directory`, or creates it with the folders above. Throws `NodeError`: `LogInUse`
 * when it is open elsewhere, `LogDamaged` when RocksDB does not accept its files, `DiskFull`, `DiskFailed`.
 *
 * Reads and writes are synchronous inside: they take microseconds where another thread would take more.
 * After a write that failed, RocksDB takes no other one until it is opened again. That is done here, at
 * the next write, once there is room; reading goes on meanwhile.
 */
export async function openRocksDb(directory: string): Promise<KeyValue> {
  const store = new RocksDb(directory);
  await store.opened();
  return {
    get: (key) => store.get(key),
    batch: (writes) => store.batch(writes),
    range: (range) => store.range(range),
    close: () => store.close(),
  };
}

/** A database with the batch that is used for all its writes: each new one would hold on to its memory. */
type Opened = { readonly database: NativeDatabase; readonly batch: NativeBatch };

class RocksDb {
  readonly #directory: string;
  /** Undefined while it is not open: before the first use, and when opening again failed. */
  #opened: Promise<Opened> | undefined;
  #writeFailed = false;
  /** From the moment that it is to be closed. */
  #closing: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The database as it is open now; opens it where it is not. */
  opened(): Promise<Opened> {
    assert(this.#closing === undefined, "nobody uses a disk that is closed");
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const { database } = await this.opened();
    try {
      const [value] = database._getManySync([key], { valueEncoding: "buffer" });
      return value === undefined ? undefined : plain(value);
    } catch (thrown) {
      throw rocksDbError("read", this.#directory, thrown);
    }
  }

  async batch(writes: readonly KeyValueWrite[]): Promise<void> {
    if (this.#writeFailed) await this.#reopen(writes);
    const { batch } = await this.opened();
    try {
      for (const write of writes) {
        if (write.type === "Put") batch._put(write.key, write.value);
        else batch._del(write.key);
      }
      batch._writeSync({ sync: true });
    } catch (thrown) {
      this.#writeFailed = true;
      throw rocksDbError("write to", this.#directory, thrown);
    } finally {
      batch._clear();
    }
  }

  async *range(range: KeyRange): AsyncGenerator<Entry> {
    let rest: KeyRange | undefined = range;
    while (rest !== undefined) rest = yield* this.#readOpened(rest);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    if (opened !== undefined) await this.#closeNative(opened.database);
  }

  /** Reads a range until its end, or until the store is opened again: then returns what is left of it. */
  async *#readOpened(range: KeyRange): AsyncGenerator<Entry, KeyRange | undefined> {
    const opened = this.opened();
    const iterator = this.#iterate((await opened).database, range);
    let limit = range.limit ?? Number.POSITIVE_INFINITY;
    let last: Uint8Array | undefined;
    try {
      for (;;) {
        if (this.opened() !== opened) return restOf(range, last, limit);
        const { entries, isLast } = this.#nextChunk(iterator);
        yield* entries;
        if (isLast) return undefined;
        last = entries.at(-1)?.[0] ?? last;
        limit -= entries.length;
      }
    } finally {
      await iterator.close();
    }
  }

  #iterate(database: NativeDatabase, { from, limit, reverse, to }: KeyRange): NativeIterator {
    return database.iterator({
      gte: from,
      lt: to,
      reverse: reverse ?? false,
      limit: limit ?? -1,
      highWaterMarkBytes: CHUNK_SIZE_BYTES,
    });
  }

  #nextChunk(iterator: NativeIterator): {
    readonly entries: readonly Entry[];
    readonly isLast: boolean;
  } {
    try {
      const { finished, rows } = iterator._nextvSync(CHUNK_ENTRIES);
      const entries: Entry[] = [];
      for (let at = 0; at + 1 < rows.length; at += 2) {
        const [key, value] = [rows[at], rows[at + 1]];
        if (key !== undefined && value !== undefined) entries.push([plain(key), plain(value)]);
      }
      return { entries, isLast: finished };
    } catch (thrown) {
      throw rocksDbError("read", this.#directory, thrown);
    }
  }

  async #open(): Promise<Opened> {
    try {
      const database = await openNative(this.#directory);
      return { database, batch: database._chainedBatch() };
    } catch (thrown) {
      this.#opened = undefined;
      throw rocksDbError("open", this.#directory, thrown);
    }
  }

  /** Opens the store anew. What was acknowledged is in its files; what failed is not, or not whole. */
  async #reopen(writes: readonly KeyValueWrite[]): Promise<void> {
    this.#proveRoom(ROOM_TO_OPEN_BYTES + writes.reduce((size, write) => size + sizeOf(write), 0));
    const before = this.#opened;
    this.#opened = (async () => {
      const opened = await before?.catch(() => undefined);
      if (opened !== undefined) await this.#closeNative(opened.database).catch(() => undefined);
      return this.#open();
    })();
    await this.#opened;
    this.#writeFailed = false;
  }

  /** Writes a file of that size and removes it: no other question to the system knows of all limits. */
  #proveRoom(sizeBytes: number): void {
    const path = join(this.#directory, "room.tmp");
    onDisk("make room in", this.#directory, () => {
      const file = openSync(path, "w");
      try {
        writeAt(file, 0, new Uint8Array(sizeBytes));
        fsyncSync(file);
      } finally {
        closeSync(file);
        rmSync(path, { force: true });
      }
    });
  }

  async #closeNative(database: NativeDatabase): Promise<void> {
    try {
      await database.close();
    } catch (thrown) {
      // After a failed write it is closed all the same, and complains.
      if (!this.#writeFailed) throw rocksDbError("close", this.#directory, thrown);
    }
  }
}

function sizeOf(write: KeyValueWrite): number {
  return write.key.length + (write.type === "Put" ? write.value.length : 0);
}

/** What is left of a range after the entry at `last`; undefined if nothing. */
function restOf(
  range: KeyRange,
  last: Uint8Array | undefined,
  limit: number,
): KeyRange | undefined {
  if (last === undefined) return range;
  if (limit <= 0) return undefined;
  const bound = Number.isFinite(limit) ? { limit } : {};
  if (range.reverse) return { ...range, ...bound, to: last };
  return { ...range, ...bound, from: concatBytes(last, Uint8Array.of(0)) };
}

/** A plain view of a `Buffer`, whose `slice` would not copy as that of others does. */
function plain({ buffer, byteLength, byteOffset }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
