/** The door to the disk for what must be durable at once: a small file that is written in place. */

/**
 * Bytes in place, of fixed size or growing. One `write` costs one sync of the disk, which is what the
 * fastest durable write costs. Throws `NodeError` with `DiskFailed` or `DiskFull`.
 */
export type Journal = {
  /** Everything that was ever written, each byte as it was written last; zeros between. */
  readonly read: () => Promise<Uint8Array>;
  /** Overwrites from `position` on. Once the promise resolves, the bytes survive a power cut. */
  readonly write: (position: number, bytes: Uint8Array) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What a head file held when it was read. */
export type HeadFound = {
  readonly value: Uint8Array;
  /** False when the machine has stopped since: the last values may not have reached the disk. */
  readonly isLatest: boolean;
};

/**
 * One small value outside the log, written after each acknowledged batch: the anchor that tells a log which
 * was cut from one which was not. A value is never on the disk before what it speaks of.
 */
export type HeadFile = {
  readonly read: () => Promise<HeadFound | undefined>;
  /** Replaces the value, whole or not at all. It survives the end of the process at once. */
  readonly write: (value: Uint8Array) => Promise<void>;
  /** Makes the last value survive a power cut as well. */
  readonly close: () => Promise<void>;
};
