/** How the log is cut into pieces that are stored together. */

/**
 * Records of one segment: offsets 256 * s to 256 * s + 255. Small enough that reading one record reads
 * little else, large enough that a store has few keys; and their marks in the index fit 32 bytes.
 */
export const SEGMENT_RECORDS = 256;

/** The number of the segment that holds the record at `offset`. */
export function segmentOf(offset: number): number {
  return Math.floor(offset / SEGMENT_RECORDS);
}

/** The offset of the first record of a segment. */
export function segmentStart(segment: number): number {
  return segment * SEGMENT_RECORDS;
}
