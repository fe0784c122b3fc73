/** Bytes at a place of an open file, whole or with an error. */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";

/** Writes all bytes at `position`. The system may take fewer at once, as when the disk is nearly full. */
export function writeAt(file: number, position: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

/** Reads up to `sizeBytes` at `position`; fewer where the file ends. */
export function readAt(file: number, position: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let done = 0;
  while (done < sizeBytes) {
    const read = readSync(file, bytes, done, sizeBytes - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/** Makes the names in a folder survive a power cut: a new file is not there until its folder is. */
export function syncFolder(folder: string): void {
  const opened = openSync(folder, "r");
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
