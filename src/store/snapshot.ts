/**
 * Snapshots of a state: a table of the entities as they are now, and for each snapshot a page of what it
 * replaced. They are caches of the log: deleting them changes nothing but speed. Source: ADR 0009.
 */

import type { RecordHash } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { assert } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import {
  aimReader,
  createLastingReader,
  expectEnd,
  type Reader,
  viewOf,
} from "../primitives/message-pack-reader.ts";
import {
  decodeEntity,
  type PageEntry,
  readEntity,
  type SnapshotHeader,
  type StoredEntity,
} from "./snapshot-codec.ts";
import { EMPTY_SET, type SetDigest, SetSum } from "./snapshot-digest.ts";
import {
  type CurrentEntity,
  deleteSnapshots,
  type FoundHeader,
  findHeaderFrom,
  findNewestHeader,
  orDamaged,
  PageCache,
  readAllCurrent,
  readCurrent,
  readPage,
  readReplaced,
  unlessDamaged,
} from "./snapshot-disk.ts";
import type { EntityName } from "./snapshot-keys.ts";
import { EntityMap, inOrder } from "./snapshot-order.ts";
import { forgetPages, unwindSnapshot } from "./snapshot-removal.ts";
import { SnapshotStep } from "./snapshot-step.ts";
import {
  type AnyTable,
  type Change,
  type SnapshotTables,
  shapeOf,
  tableList,
} from "./snapshot-table.ts";

/** Why a snapshot was put aside. None of these loses anything: the log says it all again. */
export type SnapshotIgnored = {
  /**
   * - `Undecodable`: its bytes are damaged.
   * - `OtherShape`: a program with other tables wrote it.
   * - `OtherLog`: it is of records that the log does not hold, or holds no longer.
   * - `OtherDigest`: its entities are not those that were written, or the log names another digest.
   */
  readonly code: "Undecodable" | "OtherShape" | "OtherLog" | "OtherDigest";
  readonly length: number;
};

/** Where snapshots lie, what is in them, and the log that they are of. */
export type SnapshotOptions<State> = {
  readonly keyValue: KeyValue;
  readonly tables: SnapshotTables<State>;
  /** The hash of the last of the log's first `length` records; undefined when it has fewer. */
  readonly hashAt: (length: number) => Promise<RecordHash | undefined>;
  readonly onIgnored?: (ignored: SnapshotIgnored) => void;
};

/** Entities of a state, ready to be put into its tables in this order. */
export type LoadedEntity = {
  readonly table: AnyTable;
  readonly key: string;
  readonly value: unknown;
};

/** The same, decoded when somebody asks for it. */
export type EncodedEntity = {
  readonly table: AnyTable;
  readonly key: string;
  readonly decode: () => unknown;
};

/** The end that the log has at some moment. */
export type LogEndPoint = Pick<SnapshotHeader, "length" | "hash">;

/** What a snapshot is made of: the end of the log, and all that changed since the snapshot before. */
export type Capture = { readonly head: LogEndPoint; readonly changes: readonly Change[] };

/** Entities that are encoded at once, before others get their turn: some tenths of a millisecond. */
const ENTITIES_AT_ONCE = 64;

/** The snapshots beside one log. One writer; readers of the past may read meanwhile. */
export class SnapshotManager<State> {
  readonly tables: readonly AnyTable[];
  readonly #keyValue: KeyValue;
  readonly #byNumber: ReadonlyMap<number, AnyTable>;
  readonly #shape: Hex;
  readonly #onIgnored: (ignored: SnapshotIgnored) => void;
  readonly #reader: Reader = createLastingReader();
  readonly #pages: PageCache;
  #newest: SnapshotHeader | undefined;

  private constructor({ keyValue, onIgnored = () => {}, tables }: SnapshotOptions<State>) {
    this.tables = tableList(tables);
    this.#keyValue = keyValue;
    this.#pages = new PageCache(keyValue);
    this.#byNumber = new Map(this.tables.map((table) => [table.number, table]));
    this.#shape = shapeOf(this.tables);
    this.#onIgnored = onIgnored;
  }

  /**
   * Finds the newest snapshot that belongs to the log. Newer ones of a log that was longer are unwound;
   * where that cannot be done, all are deleted.
   */
  static async open<Opened>(options: SnapshotOptions<Opened>): Promise<SnapshotManager<Opened>> {
    const manager = new SnapshotManager(options);
    await manager.#findUsable(options.hashAt);
    return manager;
  }

  /** The newest snapshot; undefined when there is none. */
  get newest(): SnapshotHeader | undefined {
    return this.#newest;
  }

  /**
   * Writes the next snapshot, all or nothing. `pause` is awaited now and then, so that others get their
   * turn. After an error nothing has changed, and the same changes must be part of the next capture.
   */
  async write(
    { changes, head }: Capture,
    pause: () => Promise<void> = () => Promise.resolve(),
  ): Promise<SnapshotHeader> {
    const previous = this.#newest;
    assert(head.length > (previous?.length ?? 0), "a snapshot holds more than the one before");
    const step = new SnapshotStep(previous);
    for (let from = 0; from < changes.length; from += ENTITIES_AT_ONCE) {
      const some = changes.slice(from, from + ENTITIES_AT_ONCE);
      const before = await Promise.all(some.map((change) => this.#current(change)));
      for (const [index, change] of some.entries()) step.replace(change, before[index]);
      await pause();
    }
    const { header, writes } = step.finish(head.length, head.hash, this.#shape);
    await this.#keyValue.batch(writes);
    this.#newest = header;
    return header;
  }

  /**
   * The entities of the newest snapshot that are in use, or those that are settled. Undefined when they
   * are not what the header says: then all snapshots are deleted. `pause` is awaited now and then.
   */
  async load(
    isSettled: boolean,
    pause: () => Promise<void> = () => Promise.resolve(),
  ): Promise<readonly LoadedEntity[] | undefined> {
    const loaded = await this.#whileUnchanged(async (header) => {
      if (header === undefined) return [];
      const found: (readonly [order: number, LoadedEntity])[] = [];
      const sum = new SetSum(EMPTY_SET);
      for await (const [entity, stored] of readAllCurrent(this.#keyValue, isSettled)) {
        const one = unlessDamaged(() => this.#load(entity, decodeEntity(stored), sum));
        if (one !== undefined) found.push(one);
        if (found.length % ENTITIES_AT_ONCE === 0) await pause();
      }
      const expected = isSettled ? header.settled : header.inUse;
      const isAsWritten = isSame(sum.read(), expected) && found.length === expected.count;
      return isAsWritten ? inOrder(found) : undefined;
    });
    if (loaded === undefined) await this.discard("OtherDigest");
    return loaded;
  }

  /** One entity of the newest snapshot, settled or not; undefined when it holds none of this name. */
  async find(entity: EntityName): Promise<unknown> {
    const table = this.#byNumber.get(entity.table);
    if (table === undefined) return undefined;
    const current = await this.#current({ table, key: entity.key });
    return current && orDamaged(() => this.#valueOf(table, current.encoded));
  }

  /**
   * Where to begin for the state after `length` records: the length of the last snapshot up to there, and
   * the page of the one after it. Undefined when the history does not reach so far.
   */
  async startFor(
    length: number,
  ): Promise<{ readonly length: number; readonly page: readonly PageEntry[] } | undefined> {
    const newest = this.#newest;
    if (newest === undefined) return undefined;
    if (newest.length <= length) return { length: newest.length, page: [] };
    const next = await findHeaderFrom(this.#keyValue, length + 1);
    const previousLength = next?.header?.previousLength ?? 0;
    // Without the page after it, nobody knows what the entities of a snapshot were.
    const page =
      next === undefined || previousLength === 0
        ? undefined
        : await readPage(this.#pages, next.length);
    return page && { length: previousLength, page };
  }

  /**
   * An entity as it was in the snapshot of `length` records, which `startFor` gave; its value is undefined
   * when it did not exist. Undefined when the history does not reach so far any more.
   */
  async entityAt(
    entity: EntityName,
    length: number,
  ): Promise<{ readonly value: unknown } | undefined> {
    const replaced = await readReplaced(this.#keyValue, entity, length, this.#pages);
    if (replaced === undefined) {
      const value = await this.find(entity);
      // A snapshot that was written meanwhile has moved what was current into its page.
      const isCurrent =
        (await readReplaced(this.#keyValue, entity, length, this.#pages)) === undefined;
      return isCurrent ? { value } : this.entityAt(entity, length);
    }
    const { entry } = replaced;
    const table = this.#byNumber.get(entity.table);
    if (entry?.key !== entity.key || entry.table !== table?.number) return undefined;
    return { value: this.#valueBefore(table, entry) };
  }

  /** The entities of a page as they were before; undefined is one that did not exist. */
  entitiesOf(page: readonly PageEntry[]): readonly EncodedEntity[] {
    return page.flatMap((entry) => {
      const table = this.#byNumber.get(entry.table);
      if (table === undefined) return [];
      return [{ table, key: entry.key, decode: () => this.#valueBefore(table, entry) }];
    });
  }

  /**
   * All entities as they were in the snapshot of `length` records, which must be one. Undefined when the
   * history does not reach so far any more.
   */
  loadAt(length: number): Promise<readonly EncodedEntity[] | undefined> {
    return this.#whileUnchanged(async (newest) => {
      const entities = new EntityMap();
      for (const isSettled of [false, true]) {
        for await (const found of readAllCurrent(this.#keyValue, isSettled)) entities.put(...found);
      }
      for (let at = newest; at !== undefined && at.length > length; ) {
        const page = await readPage(this.#pages, at.length);
        if (page === undefined) return undefined;
        for (const entry of page) entities.put(entry, entry.before);
        at = (await findHeaderFrom(this.#keyValue, at.previousLength))?.header;
      }
      return entities.inOrder().flatMap((entity) => this.#encoded(entity, entity.stored));
    });
  }

  /** Forgets what entities were before the snapshot of `length` records, to save room. */
  async forgetBefore(length: number): Promise<void> {
    await forgetPages(this.#keyValue, this.#pages, length);
    this.#pages.clear();
  }

  /** Puts all snapshots aside, for good. The next one will hold everything. */
  async discard(code: SnapshotIgnored["code"]): Promise<void> {
    mark("store/snapshot-holds-something-else");
    this.#onIgnored({ code, length: this.#newest?.length ?? 0 });
    await this.deleteAll();
  }

  /** Deletes all snapshots. Changes nothing but speed. */
  async deleteAll(): Promise<void> {
    this.#newest = undefined;
    this.#pages.clear();
    await deleteSnapshots(this.#keyValue);
  }

  /** Forgets the newest snapshots until one belongs to the log. */
  async #findUsable(hashAt: SnapshotOptions<State>["hashAt"]): Promise<void> {
    let found = await findNewestHeader(this.#keyValue);
    if (found === undefined) return this.deleteAll();
    while (found !== undefined) {
      const { header, length } = found;
      const code = await this.#problemOf(found, hashAt);
      if (code === undefined) {
        this.#newest = header;
        return;
      }
      mark("store/snapshot-put-aside");
      this.#onIgnored({ code, length });
      if (code !== "OtherLog" || !(await this.#unwind(length))) return this.deleteAll();
      found = await findNewestHeader(this.#keyValue);
    }
  }

  async #problemOf(
    { header, length }: FoundHeader,
    hashAt: SnapshotOptions<State>["hashAt"],
  ): Promise<SnapshotIgnored["code"] | undefined> {
    if (header === undefined || header.length !== length) return "Undecodable";
    if (header.shape !== this.#shape) return "OtherShape";
    return (await hashAt(length)) === header.hash ? undefined : "OtherLog";
  }

  async #unwind(length: number): Promise<boolean> {
    const isDone = await unwindSnapshot(this.#keyValue, this.#pages, length);
    this.#pages.clear();
    return isDone;
  }

  #current({ key, table }: Pick<Change, "key" | "table">): Promise<CurrentEntity | undefined> {
    const entity = { table: table.number, key };
    return readCurrent(this.#keyValue, entity, table.isSettled !== undefined);
  }

  /** Reads what is current, again where a snapshot was written meanwhile. */
  async #whileUnchanged<Value>(
    read: (newest: SnapshotHeader | undefined) => Promise<Value>,
  ): Promise<Value> {
    for (;;) {
      const before = await findNewestHeader(this.#keyValue);
      const value = await read(before?.header);
      const after = await findNewestHeader(this.#keyValue);
      if (after?.length === before?.length) return value;
    }
  }

  #encoded({ key, table: number }: EntityName, { encoded }: StoredEntity): EncodedEntity[] {
    const table = this.#byNumber.get(number);
    if (table === undefined) return [];
    return [{ table, key, decode: () => orDamaged(() => this.#valueOf(table, encoded)) }];
  }

  /** Throws `DecodeFailure` on damaged bytes. */
  #load(
    entity: EntityName,
    { encoded, order }: StoredEntity,
    sum: SetSum,
  ): readonly [order: number, LoadedEntity] | undefined {
    sum.add(entity, encoded);
    const table = this.#byNumber.get(entity.table);
    if (table === undefined) return undefined;
    return [order, { table, key: entity.key, value: this.#valueOf(table, encoded) }];
  }

  #valueBefore(table: AnyTable, { before }: PageEntry): unknown {
    if (before.length === 0) return undefined;
    return orDamaged(() => readEntity(this.#aim(before), table.schema));
  }

  /** Throws `DecodeFailure` on damaged bytes. */
  #valueOf({ schema }: AnyTable, encoded: Uint8Array): unknown {
    const value = schema.read(this.#aim(encoded));
    expectEnd(this.#reader);
    return value;
  }

  #aim(bytes: Uint8Array): Reader {
    aimReader(this.#reader, { bytes, view: viewOf(bytes) }, 0, bytes.length);
    return this.#reader;
  }
}

function isSame(one: SetDigest, other: SetDigest): boolean {
  return one.count === other.count && one.sum === other.sum;
}
