/** The door to archives: files that are written once, from front to back, and read at any place. */

/** An archive that is being written. Throws `NodeError` with `DiskFull` or `DiskFailed`. */
export type ArchiveWriter = {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Once the promise resolves, the archive survives a power cut. */
  readonly close: () => Promise<void>;
};

/** An archive that is read. Throws `NodeError` with `DiskFailed`. */
export type ArchiveReader = {
  readonly sizeBytes: number;
  /** Fewer bytes where the archive ends. */
  readonly read: (position: number, sizeBytes: number) => Promise<Uint8Array>;
};

/** Where the archives of a log are, or were: people move them elsewhere. */
export type ArchiveFolder = {
  /** Begins an archive. One of this name that is there already is replaced. */
  readonly create: (name: string) => Promise<ArchiveWriter>;
  /** Undefined when there is no archive of this name. */
  readonly open: (name: string) => Promise<ArchiveReader | undefined>;
};
