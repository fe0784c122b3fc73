/** Damage to what lies on the disk of a node that is away. */
import type { MemoryDisk } from "../../src/adapters/memory-disk.ts";
import type { DiskGuard } from "./disk-guard.ts";

/**
 * The last appends to the journal are gone, because the disk had lied about them. The head file still tells of
 * them, or it is gone back as well, and then nobody knows whether it is the latest.
 */
export function loseTail(
  { head, journal }: MemoryDisk,
  guard: DiskGuard,
  appends: number,
  isHeadLost: boolean,
): void {
  const before = guard.beforeAppends(appends);
  if (before !== undefined) journal.restore(before.journal);
  if (isHeadLost && before !== undefined) head.restore(before.head);
  if (isHeadLost) head.doubt();
  guard.forget();
}

/** A stored part of a disk, and how to put another one in its place. */
type Part = { readonly bytes: Uint8Array; readonly put: (bytes: Uint8Array) => void };

/**
 * Turns one bit over, 0 to 7, of the byte at `place`: between 0, the oldest, and 1, which is beyond the newest.
 * Keys stand before the journal, and the head file behind it. An empty disk stays as it is.
 */
export function flipBit(disk: MemoryDisk, place: number, bit: number): void {
  const parts = partsOf(disk);
  const sizeBytes = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let at = Math.floor(place * sizeBytes);
  for (const { bytes, put } of parts) {
    if (at < bytes.length) {
      const flipped = bytes.slice();
      flipped[at] = (bytes[at] ?? 0) ^ (1 << bit);
      put(flipped);
      return;
    }
    at -= bytes.length;
  }
}

function partsOf({ head, journal, keyValue }: MemoryDisk): readonly Part[] {
  const { entries } = keyValue.snapshot();
  const values = entries.map(({ text, value }, index) => ({
    bytes: value,
    put: (flipped: Uint8Array) =>
      keyValue.restore({ entries: entries.with(index, { text, value: flipped }) }),
  }));
  const { bytes } = journal.snapshot();
  const { found } = head.snapshot();
  const heads =
    found === undefined
      ? []
      : [
          {
            bytes: found.value,
            put: (value: Uint8Array) => head.restore({ found: { ...found, value } }),
          },
        ];
  return [...values, { bytes, put: (flipped) => journal.restore({ bytes: flipped }) }, ...heads];
}
