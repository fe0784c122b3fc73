/** Reads what snapshots have on the disk. Whether it belongs to the log is not asked here. */
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { DecodeFailure } from "../primitives/message-pack-reader.ts";
import { NodeError } from "../primitives/node-error.ts";
import {
  decodeEntity,
  decodeEntryAt,
  decodeHeader,
  decodePage,
  decodePosition,
  type PageEntry,
  type SnapshotHeader,
  type StoredEntity,
} from "./snapshot-codec.ts";
import {
  currentKey,
  currentKeys,
  type EntityName,
  entityOfKey,
  HEADER_KEYS,
  headerKey,
  historyKeysAfter,
  offsetAtEnd,
  PAGE_KEYS,
  pageKey,
  SNAPSHOT_KEYS,
} from "./snapshot-keys.ts";

/** An entity as it lies on the disk. */
export type CurrentEntity = StoredEntity & {
  readonly isSettled: boolean;
  /** The whole, with its order. */
  readonly stored: Uint8Array;
};

/** A header that was looked for: its length is in its key, so that damage can be named. */
export type FoundHeader = {
  readonly length: number;
  readonly header: SnapshotHeader | undefined;
};

/** Keys that are deleted in one batch. */
const DELETED_AT_ONCE = 1_000;

/** The header of the newest snapshot; undefined when there is no snapshot. */
export async function findNewestHeader(keyValue: KeyValue): Promise<FoundHeader | undefined> {
  for await (const [key, bytes] of keyValue.range({ ...HEADER_KEYS, reverse: true, limit: 1 })) {
    return { length: offsetAtEnd(key), header: decodeHeader(bytes) };
  }
  return undefined;
}

/** The first snapshot of at least `length` records. */
export async function findHeaderFrom(
  keyValue: KeyValue,
  length: number,
): Promise<FoundHeader | undefined> {
  const { to } = HEADER_KEYS;
  for await (const [key, bytes] of keyValue.range({ from: headerKey(length), to, limit: 1 })) {
    return { length: offsetAtEnd(key), header: decodeHeader(bytes) };
  }
  return undefined;
}

/** All headers, the oldest first. */
export async function* readHeaders(keyValue: KeyValue): AsyncGenerator<FoundHeader> {
  for await (const [key, bytes] of keyValue.range(HEADER_KEYS)) {
    yield { length: offsetAtEnd(key), header: decodeHeader(bytes) };
  }
}

/** What the snapshot of `length` records replaced; undefined when its page is gone or damaged. */
export async function readPage(
  pages: PageCache,
  length: number,
): Promise<readonly PageEntry[] | undefined> {
  const page = await pages.get(length);
  return page === undefined ? undefined : unlessDamaged(() => decodePage(page));
}

/** Lengths of the snapshots that have a page, the oldest first. */
export async function* readPageLengths(keyValue: KeyValue): AsyncGenerator<number> {
  for await (const [key] of keyValue.range(PAGE_KEYS)) yield offsetAtEnd(key);
}

/** An entity of the newest snapshot. */
export async function readCurrent(
  keyValue: KeyValue,
  entity: EntityName,
  canSettle: boolean,
): Promise<CurrentEntity | undefined> {
  const inUse = await keyValue.get(currentKey(entity, false));
  if (inUse !== undefined) return currentEntity(inUse, false);
  const settled = canSettle ? await keyValue.get(currentKey(entity, true)) : undefined;
  return settled && currentEntity(settled, true);
}

function currentEntity(stored: Uint8Array, isSettled: boolean): CurrentEntity {
  const { encoded, order } = orDamaged(() => decodeEntity(stored));
  return { encoded, order, isSettled, stored };
}

/** All entities of the newest snapshot that are settled, or that are not, as stored, in the order of keys. */
export async function* readAllCurrent(
  keyValue: KeyValue,
  isSettled: boolean,
): AsyncGenerator<readonly [EntityName, Uint8Array]> {
  for await (const [key, stored] of keyValue.range(currentKeys(isSettled))) {
    yield [entityOfKey(key), stored];
  }
}

/** Where an entity's next change after some length is told; `entry` is undefined when that page is gone. */
export type Replaced = { readonly entry: PageEntry | undefined };

/** What the first snapshot after `length` that replaced an entity says of it; undefined when none did. */
export async function readReplaced(
  keyValue: KeyValue,
  entity: EntityName,
  length: number,
  pages: PageCache,
): Promise<Replaced | undefined> {
  const range = { ...historyKeysAfter(entity, length), limit: 1 };
  for await (const [key, position] of keyValue.range(range)) {
    const page = await pages.get(offsetAtEnd(key));
    if (page === undefined) return { entry: undefined };
    return { entry: unlessDamaged(() => decodeEntryAt(page, decodePosition(position))) };
  }
  return undefined;
}

/**
 * Pages that are kept in memory: whoever looks into the past looks several times at the same few. Pages
 * never change; they are forgotten here when they are on the disk.
 */
const PAGES_KEPT = 4;

/** The pages that were read last. */
export class PageCache {
  readonly #keyValue: KeyValue;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  /** The page of the snapshot of `length` records. */
  async get(length: number): Promise<Uint8Array | undefined> {
    const kept = this.#pages.get(length);
    if (kept !== undefined) return kept;
    const page = await this.#keyValue.get(pageKey(length));
    if (page === undefined) return undefined;
    const [oldest] = this.#pages.keys();
    if (oldest !== undefined && this.#pages.size >= PAGES_KEPT) this.#pages.delete(oldest);
    this.#pages.set(length, page);
    return page;
  }

  /** Forgets everything that was kept. */
  clear(): void {
    this.#pages.clear();
  }
}

/** Deletes all snapshots. The headers go first: a stop in between leaves what the next call deletes. */
export async function deleteSnapshots(keyValue: KeyValue): Promise<void> {
  let writes: KeyValueWrite[] = [];
  const keys: Uint8Array[] = [];
  for await (const [key] of keyValue.range(SNAPSHOT_KEYS)) keys.push(key);
  for (const key of keys) {
    writes.push({ type: "Delete", key });
    if (writes.length < DELETED_AT_ONCE) continue;
    await keyValue.batch(writes);
    writes = [];
  }
  if (writes.length > 0) await keyValue.batch(writes);
}

/**
 * What `read` gives. Throws `NodeError` with `LogDamaged` when it meets bytes that are not what they should
 * be, where an answer without them would be a wrong one.
 */
export function orDamaged<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const message = "the snapshots beside the log are damaged; the next start puts them aside";
    throw new NodeError("LogDamaged", message, { cause: error });
  }
}

/** What `read` gives; undefined when it meets bytes that are not what they should be. */
export function unlessDamaged<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeFailure) return undefined;
    throw error;
  }
}
