/** A run of stored records packed into one value: for each its size in 4 bytes, the highest first, then itself. */

/** What could be read of a run. */
export type UnpackedRun = {
  /** Views of the packed bytes. */
  readonly stored: readonly Uint8Array[];
  /** False when what follows the last of them is no record. */
  readonly isWhole: boolean;
};

const SIZE_SIZE_BYTES = 4;

/** Packs stored records. */
export function packRun(stored: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = stored.reduce((size, bytes) => size + SIZE_SIZE_BYTES + bytes.length, 0);
  const packed = new Uint8Array(sizeBytes);
  const view = new DataView(packed.buffer);
  let at = 0;
  for (const bytes of stored) {
    view.setUint32(at, bytes.length);
    packed.set(bytes, at + SIZE_SIZE_BYTES);
    at += SIZE_SIZE_BYTES + bytes.length;
  }
  return packed;
}

/** Unpacks a run as far as it can be read. */
export function unpackRun(packed: Uint8Array): UnpackedRun {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const stored: Uint8Array[] = [];
  let at = 0;
  while (at + SIZE_SIZE_BYTES <= packed.length) {
    const end = at + SIZE_SIZE_BYTES + view.getUint32(at);
    if (end > packed.length) break;
    stored.push(packed.subarray(at + SIZE_SIZE_BYTES, end));
    at = end;
  }
  return { stored, isWhole: at === packed.length };
}
