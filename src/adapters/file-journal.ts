/** The `Journal` of a real node: one file that is there in full before it is used, and written in place. */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Journal } from "../ports/journal.ts";
import { assert } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import { diskError, onDisk } from "./disk-error.ts";
import { readAt, syncFolder, writeAt } from "./file-bytes.ts";

/** How large a new journal is. */
export type FileJournalOptions = {
  /** Bytes, 4,096 at least. A larger file keeps its size. */
  readonly sizeBytes?: number;
};

/** 1 MiB: a log empties its journal about there, and zeroing it costs a few milliseconds once. */
const DEFAULT_SIZE_BYTES = 1 << 20;

/** 4 KiB, the page of most disks: a file that ends within one is written no faster than a whole one. */
const PAGE_SIZE_BYTES = 4_096;

/**
 * Opens the journal at `path`, or creates it. The bytes of the file are written once when it is created
 * and when it grows, so that a commit changes no length and no map of blocks: the disk has to sync the
 * data alone. Calls are synchronous inside, since handing them to another thread takes as long as they do.
 */
export async function openFileJournal(
  path: string,
  { sizeBytes = DEFAULT_SIZE_BYTES }: FileJournalOptions = {},
): Promise<Journal> {
  assert(sizeBytes >= PAGE_SIZE_BYTES, "a journal has room for a page");
  const opened = onDisk("open", path, () => openSync(path, constants.O_RDWR | constants.O_CREAT));
  const file = new JournalFile(path, opened);
  try {
    file.growTo(sizeBytes);
    onDisk("sync the folder of", path, () => syncFolder(dirname(path)));
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    read: async () => file.read(),
    write: async (position, bytes) => file.write(position, bytes),
    close: async () => file.close(),
  };
}

class JournalFile {
  readonly #path: string;
  readonly #file: number;
  #sizeBytes: number;
  #closed = false;

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
    this.#sizeBytes = onDisk("look at", path, () => fstatSync(file).size);
  }

  read(): Uint8Array {
    this.#assertOpen();
    return onDisk("read", this.#path, () => readAt(this.#file, 0, this.#sizeBytes));
  }

  write(position: number, bytes: Uint8Array): void {
    this.#assertOpen();
    const endBytes = position + bytes.length;
    if (endBytes > this.#sizeBytes) this.#growFor(endBytes);
    onDisk("write", this.#path, () => {
      writeAt(this.#file, position, bytes);
      fdatasyncSync(this.#file);
    });
  }

  close(): void {
    if (!this.#closed) closeSync(this.#file);
    this.#closed = true;
  }

  /** Writes zeros up to `sizeBytes`. Where there is no room for them all, it holds what it held. */
  growTo(sizeBytes: number): void {
    if (sizeBytes <= this.#sizeBytes) return;
    try {
      writeAt(this.#file, this.#sizeBytes, new Uint8Array(sizeBytes - this.#sizeBytes));
      fsyncSync(this.#file);
    } catch (error) {
      this.#shorten();
      throw diskError("make room in", this.#path, error);
    }
    this.#sizeBytes = sizeBytes;
  }

  /** Takes back what growing has written. Where even that fails, zeros are left behind, and harm nobody. */
  #shorten(): void {
    try {
      ftruncateSync(this.#file, this.#sizeBytes);
    } catch {
      // The caller hears of what failed first: more room is what helps.
    }
  }

  /** Doubles the file, so that growing stays rare; takes what is needed where there is no more. */
  #growFor(endBytes: number): void {
    const needed = Math.ceil(endBytes / PAGE_SIZE_BYTES) * PAGE_SIZE_BYTES;
    try {
      this.growTo(Math.max(needed, 2 * this.#sizeBytes));
    } catch (error) {
      if (!(error instanceof NodeError && error.code === "DiskFull")) throw error;
      this.growTo(needed);
    }
  }

  #assertOpen(): void {
    assert(!this.#closed, "nobody uses a disk that is closed");
  }
}
