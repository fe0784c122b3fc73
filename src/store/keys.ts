/** Where the log lies among the ordered keys of a disk. */

/**
 * The first byte of each key says what it holds. Never reused for something else.
 *
 * - 1: the header of the log, one key.
 * - 2: the records, with their offset as 8 bytes, the highest first, so that keys sort by offset.
 */
const KEY_SPACE = { header: 1, record: 2 } as const;

/** The key of the log's header. */
export const HEADER_KEY: Uint8Array = Uint8Array.of(KEY_SPACE.header);

/** The key of the record at `offset`. */
export function recordKey(offset: number): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = KEY_SPACE.record;
  let rest = offset;
  for (let at = 8; rest > 0; at -= 1) {
    key[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return key;
}

/** The first key after all records. */
export const RECORDS_END: Uint8Array = Uint8Array.of(KEY_SPACE.record + 1);

/** The offset in a record's key. */
export function offsetOfKey(key: Uint8Array): number {
  let offset = 0;
  for (let at = 1; at < key.length; at += 1) offset = offset * 0x100 + (key[at] ?? 0);
  return offset;
}
