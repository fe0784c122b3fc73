/** The `HeadFile` of a real node: two slots written in turn, so that a torn write leaves the one before. */
import { closeSync, constants, fdatasyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { HeadFile, HeadFound } from "../ports/journal.ts";
import { assert } from "../primitives/assert.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { readBootId } from "./boot-id.ts";
import { onDisk } from "./disk-error.ts";
import { readAt, syncFolder, writeAt } from "./file-bytes.ts";
import {
  decodeSlot,
  encodeSlot,
  HEAD_VALUE_SIZE_BYTES_MAX,
  type HeadSlot,
  SLOT_SIZE_BYTES,
} from "./head-slot.ts";

/** How much a head file is to survive. */
export type FileHeadOptions = {
  /** True: each value survives a power cut, at the price of a sync each. False: the end of the process. */
  readonly sync: boolean;
  /** The start of the machine, if it is not to be asked. For tests. */
  readonly bootId?: Uint8Array;
};

/**
 * Opens the head file at `path`, or creates it. A value is known to be the latest when it was written since
 * the machine started, or was closed, or each one was synced. The first write after opening is always
 * synced: else a power cut could bring back an older value that was once closed, and it would be believed.
 */
export async function openFileHead(path: string, options: FileHeadOptions): Promise<HeadFile> {
  const flags = constants.O_RDWR | constants.O_CREAT;
  const opened = onDisk("open", path, () => openSync(path, flags));
  try {
    onDisk("sync the folder of", path, () => syncFolder(dirname(path)));
    const file = new TwoSlots(path, opened, options);
    return {
      read: async () => file.read(),
      write: async (value) => file.write(value),
      close: async () => file.close(),
    };
  } catch (error) {
    closeSync(opened);
    throw error;
  }
}

class TwoSlots {
  readonly #path: string;
  readonly #file: number;
  readonly #sync: boolean;
  readonly #bootId: Uint8Array;
  #latest: HeadSlot | undefined;
  #isLatestKnown: boolean;
  #wroteOnce = false;
  #closed = false;

  constructor(path: string, file: number, { bootId = readBootId(), sync }: FileHeadOptions) {
    this.#path = path;
    this.#file = file;
    this.#sync = sync;
    this.#bootId = bootId;
    const bytes = onDisk("read", path, () => readAt(file, 0, 2 * SLOT_SIZE_BYTES));
    // Both slots take their room on the disk now, so that a full one does not stop a write later.
    const missing = new Uint8Array(2 * SLOT_SIZE_BYTES - bytes.length);
    onDisk("make room in", path, () => writeAt(file, bytes.length, missing));
    const halves = [bytes.subarray(0, SLOT_SIZE_BYTES), bytes.subarray(SLOT_SIZE_BYTES)];
    const slots = halves.map(decodeSlot).filter((slot) => slot !== undefined);
    this.#latest = slots.toSorted((left, right) => right.count - left.count)[0];
    // A slot with bytes that are no slot was torn or damaged, and may have been the later one.
    const isWhole = halves.every((half) => decodeSlot(half) !== undefined || isEmpty(half));
    this.#isLatestKnown = isWhole && this.#latest !== undefined && this.#isKnown(this.#latest);
  }

  read(): HeadFound | undefined {
    this.#assertOpen();
    if (this.#latest === undefined) return undefined;
    return { value: this.#latest.value.slice(), isLatest: this.#isLatestKnown };
  }

  write(value: Uint8Array): void {
    this.#assertOpen();
    assert(value.length <= HEAD_VALUE_SIZE_BYTES_MAX, "a head fits into its slot");
    this.#put(value.slice(), this.#sync);
    if (this.#sync || !this.#wroteOnce) this.#syncFile();
    this.#wroteOnce = true;
    this.#isLatestKnown = true;
  }

  close(): void {
    if (this.#closed) return;
    try {
      // What may be old when it was read does not become the latest by being closed.
      if (this.#wroteOnce && this.#latest !== undefined) this.#put(this.#latest.value, true);
      if (this.#wroteOnce) this.#syncFile();
    } finally {
      this.#closed = true;
      closeSync(this.#file);
    }
  }

  #put(value: Uint8Array, isDurable: boolean): void {
    const count = (this.#latest?.count ?? 0) + 1;
    const slot = { count, bootId: this.#bootId, isDurable, value };
    const position = (count % 2) * SLOT_SIZE_BYTES;
    onDisk("write", this.#path, () => writeAt(this.#file, position, encodeSlot(slot)));
    this.#latest = slot;
  }

  #syncFile(): void {
    onDisk("sync", this.#path, () => fdatasyncSync(this.#file));
  }

  #isKnown({ bootId, isDurable }: HeadSlot): boolean {
    return isDurable || (!isEmpty(bootId) && equalBytes(bootId, this.#bootId));
  }

  #assertOpen(): void {
    assert(!this.#closed, "nobody uses a disk that is closed");
  }
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
