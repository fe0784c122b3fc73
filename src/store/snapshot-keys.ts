/** Where snapshots and archives lie among the ordered keys of a disk. The log's own keys are in `keys.ts`. */

/** One entity of a state: the number of its table, and its key there. */
export type EntityName = { readonly table: number; readonly key: string };

/**
 * The first byte of each key says what it holds. Never reused for something else.
 *
 * - 5: the header of the snapshot at an offset.
 * - 6: its page: what the entities that it replaced were before.
 * - 7: for an entity and an offset, where in the page of that offset the entity stands.
 * - 8: the entities as the newest snapshot has them: those in use (0), then the settled ones (1).
 * - 9: archives, by their number.
 *
 * Offsets and archive numbers are 8 bytes, the highest first. An entity is one byte of table and its key
 * as UTF-8, which never holds a zero byte; where something follows, a zero byte ends it.
 */
const KEY_SPACE = { header: 5, page: 6, history: 7, current: 8, archive: 9 } as const;

/** Bytes of an offset in a key. */
const OFFSET_SIZE_BYTES = 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Keys of a whole space, or of a part of it. */
export type Keys = { readonly from: Uint8Array; readonly to: Uint8Array };

/** All keys of snapshots. Headers come first: what has none counts as nothing. */
export const SNAPSHOT_KEYS: Keys = {
  from: Uint8Array.of(KEY_SPACE.header),
  to: Uint8Array.of(KEY_SPACE.current + 1),
};

/** All headers, in the order of their offsets. */
export const HEADER_KEYS: Keys = spaceKeys(KEY_SPACE.header);

/** All pages, in the order of their offsets. */
export const PAGE_KEYS: Keys = spaceKeys(KEY_SPACE.page);

/** All entries of the history. */
export const HISTORY_KEYS: Keys = spaceKeys(KEY_SPACE.history);

/** All archives, in the order of their numbers. */
export const ARCHIVE_KEYS: Keys = spaceKeys(KEY_SPACE.archive);

/** The key of the header of the snapshot at `offset`. */
export const headerKey = (offset: number): Uint8Array => numberKey(KEY_SPACE.header, offset);

/** The key of the page of the snapshot at `offset`. */
export const pageKey = (offset: number): Uint8Array => numberKey(KEY_SPACE.page, offset);

/** The key of an archive. */
export const archiveKey = (number: number): Uint8Array => numberKey(KEY_SPACE.archive, number);

/** True for the key of a header. */
export const isHeaderKey = ([space]: Uint8Array): boolean => space === KEY_SPACE.header;

/** True for the key of an entry of the history. */
export const isHistoryKey = ([space]: Uint8Array): boolean => space === KEY_SPACE.history;

/** True for the key of an entity of the newest snapshot. */
export const isCurrentKey = ([space]: Uint8Array): boolean => space === KEY_SPACE.current;

/** The offset in the key of a header, a page or a history entry. */
export function offsetAtEnd(key: Uint8Array): number {
  let offset = 0;
  for (let at = key.length - OFFSET_SIZE_BYTES; at < key.length; at += 1) {
    offset = offset * 0x100 + (key[at] ?? 0);
  }
  return offset;
}

/** The key that says that the snapshot at `offset` replaced an entity. */
export function historyKey({ key, table }: EntityName, offset: number): Uint8Array {
  const text = encoder.encode(key);
  const bytes = new Uint8Array(text.length + 3 + OFFSET_SIZE_BYTES);
  bytes[0] = KEY_SPACE.history;
  bytes[1] = table;
  bytes.set(text, 2);
  putOffset(bytes, offset);
  return bytes;
}

/** Every snapshot after `offset` that replaced an entity. */
export function historyKeysAfter(entity: EntityName, offset: number): Keys {
  return {
    from: historyKey(entity, offset + 1),
    to: historyKey(entity, Number.MAX_SAFE_INTEGER),
  };
}

/** The key of an entity of the newest snapshot. */
export function currentKey({ key, table }: EntityName, isSettled: boolean): Uint8Array {
  const text = encoder.encode(key);
  const bytes = new Uint8Array(text.length + 3);
  bytes[0] = KEY_SPACE.current;
  bytes[1] = isSettled ? 1 : 0;
  bytes[2] = table;
  bytes.set(text, 3);
  return bytes;
}

/** All entities of the newest snapshot that are settled, or that are not. */
export function currentKeys(isSettled: boolean): Keys {
  const part = isSettled ? 1 : 0;
  return {
    from: Uint8Array.of(KEY_SPACE.current, part),
    to: Uint8Array.of(KEY_SPACE.current, part + 1),
  };
}

/** The entity in a key of the newest snapshot. */
export function entityOfKey(key: Uint8Array): EntityName {
  return { table: key[2] ?? 0, key: decoder.decode(key.subarray(3)) };
}

function spaceKeys(space: number): Keys {
  return { from: Uint8Array.of(space), to: Uint8Array.of(space + 1) };
}

function numberKey(space: number, number: number): Uint8Array {
  const key = new Uint8Array(1 + OFFSET_SIZE_BYTES);
  key[0] = space;
  putOffset(key, number);
  return key;
}

function putOffset(key: Uint8Array, offset: number): void {
  let rest = offset;
  for (let at = key.length - 1; rest > 0; at -= 1) {
    key[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
}
