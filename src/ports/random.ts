/** The door to chance. */

/** Bytes that nobody can predict in a real node, and that the seed fixes in a simulation. */
export type Random = {
  readonly bytes: (sizeBytes: number) => Uint8Array;
};
