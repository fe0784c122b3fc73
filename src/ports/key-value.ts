/** The door to the disk: ordered keys, atomic batches. */

/** One change of a batch. */
export type KeyValueWrite =
  | { readonly type: "Put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "Delete"; readonly key: Uint8Array };

/** Keys from `from` (included) to `to` (left out), in byte order, or against it. */
export type KeyRange = {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
};

/** An ordered map of byte strings. Throws `NodeError` with `DiskFailed`. */
export type KeyValue = {
  readonly get: (key: Uint8Array) => Promise<Uint8Array | undefined>;
  /** Applies all writes or none. Once the promise resolves they survive a power cut. */
  readonly batch: (writes: readonly KeyValueWrite[]) => Promise<void>;
  readonly range: (range: KeyRange) => AsyncIterable<readonly [Uint8Array, Uint8Array]>;
  readonly close: () => Promise<void>;
};
