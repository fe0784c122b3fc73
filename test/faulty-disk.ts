/** A disk in memory that fails where a plan says, and may die of it. */
import { createMemoryDisk, type MemoryDisk } from "../src/adapters/memory-disk.ts";
import type { KeyValueWrite } from "../src/ports/key-value.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import type { LogDisk } from "../src/store/log-disk.ts";

/**
 * What becomes of a write that fails.
 *
 * - `Nothing`: nothing of it reaches the disk.
 * - `Everything`: all of it does, and yet it is reported as failed.
 * - `Begin`, `End`: of a write to the journal one half, cut at a sector; of any other nothing.
 */
export const LANDINGS = ["Nothing", "Everything", "Begin", "End"] as const;

/** One write that fails. */
export type Fault = {
  /** Counts the writes to journal, keys and head, from 0. */
  readonly at: number;
  readonly landing: (typeof LANDINGS)[number];
  /** The process ends in the middle of it: nobody hears of this write, and no other follows. */
  readonly isDeath: boolean;
};

/** The disk, and what it is made of, which outlives it. */
export type FaultyDisk = { readonly disk: LogDisk; readonly isDead: () => boolean };

/** Bytes that a disk writes at once. */
const SECTOR_SIZE_BYTES = 512;

/** Makes the writes to `memory` fail by plan. After a death no call is answered any more. */
export function createFaultyDisk(
  memory: MemoryDisk = createMemoryDisk(),
  faults: readonly Fault[] = [],
): FaultyDisk {
  let count = 0;
  let isDead = false;
  const guarded = async (land: (landing: Fault["landing"]) => Promise<void>): Promise<void> => {
    if (isDead) return new Promise(() => {});
    const fault = faults.find(({ at }) => at === count);
    count += 1;
    await land(fault?.landing ?? "Everything");
    if (fault === undefined) return;
    isDead = fault.isDeath;
    if (isDead) return new Promise(() => {});
    throw new NodeError("DiskFull", "the disk is full");
  };
  const whole =
    (write: () => Promise<void>) =>
    async (landing: Fault["landing"]): Promise<void> => {
      if (landing === "Everything") await write();
    };
  const disk = {
    keyValue: {
      ...memory.keyValue,
      batch: (writes: readonly KeyValueWrite[]) =>
        guarded(whole(() => memory.keyValue.batch(writes))),
    },
    journal: {
      ...memory.journal,
      write: (position: number, bytes: Uint8Array) =>
        guarded((landing) => writeSome(memory, position, bytes, landing)),
    },
    head: {
      ...memory.head,
      write: (value: Uint8Array) => guarded(whole(() => memory.head.write(value))),
    },
  };
  return { disk, isDead: () => isDead };
}

async function writeSome(
  { journal }: MemoryDisk,
  position: number,
  bytes: Uint8Array,
  landing: Fault["landing"],
): Promise<void> {
  const middle = position + Math.floor(bytes.length / 2);
  const cut = Math.ceil(middle / SECTOR_SIZE_BYTES) * SECTOR_SIZE_BYTES - position;
  if (landing === "Everything") await journal.write(position, bytes);
  if (landing === "Begin") await journal.write(position, bytes.subarray(0, cut));
  if (landing === "End" && cut < bytes.length) {
    await journal.write(position + cut, bytes.subarray(cut));
  }
}
