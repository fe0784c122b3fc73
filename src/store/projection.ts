/** Projections: rows that are derived from the log, and know how far of which log they are derived from. */
import type { EventRecord } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import type { KeyRange, KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { assert } from "../primitives/assert.ts";
import { concatBytes, equalBytes } from "../primitives/bytes.ts";
import { NodeError } from "../primitives/node-error.ts";
import { decode, encode } from "../primitives/schema.ts";
import type { EventStore } from "./event-store.ts";
import { type ProjectionPosition, positionSchema, startPosition } from "./projection-position.ts";
import type { Unsubscribe } from "./subscription.ts";

/** What a projection is made from, and where its rows go. */
export type ProjectionOptions<Event> = {
  readonly store: EventStore<Event>;
  /** May hold other projections, and be that of the log itself. */
  readonly target: KeyValue;
  /** Names the projection's own part of the target. Small letters, digits and hyphens, a letter first. */
  readonly name: string;
  /** What one record does to the rows. Depends on the record alone: it is asked again after a rebuild. */
  readonly project: (record: EventRecord<Event>) => readonly KeyValueWrite[];
};

/** What stands behind the name in a key: the position, or a row. */
const PART = { position: 0, row: 1, end: 2 } as const;

/** Names begin with a letter: the keys of the log itself begin with smaller bytes. */
const NAME = /^[a-z][a-z0-9-]*$/;

/** Rows that are deleted in one batch: enough that syncing it costs less than the deletes. */
const CLEARED_AT_ONCE = 1_000;

const encoder = new TextEncoder();

/** Keeps the rows of one projection up with its log. Rows and position change in one batch. */
export class Projection<Event> {
  readonly #options: ProjectionOptions<Event>;
  readonly #prefix: Uint8Array;
  #position: ProjectionPosition;
  /** The work under way: one piece after the other. */
  #work: Promise<void> = Promise.resolve();

  private constructor(options: ProjectionOptions<Event>, position: ProjectionPosition) {
    this.#options = options;
    this.#prefix = prefixOf(options.name);
    this.#position = position;
  }

  /**
   * Opens a projection where it stopped, or begins one. Throws `NodeError` with `ProjectionMismatch` when its
   * rows come from another log, from a longer one or from one that went another way.
   */
  static async open<Opened>(options: ProjectionOptions<Opened>): Promise<Projection<Opened>> {
    const { name, store } = options;
    const found = await readPosition(options);
    if (found === undefined) return new Projection(options, startPosition(store.logId));
    const projection = new Projection(options, found);
    if (found.isClearing) await projection.#clear();
    else if (!(await isOfLog(store, found))) {
      const { length } = found.head;
      const message = `the projection ${name} was made from another log, at length ${length}`;
      throw new NodeError("ProjectionMismatch", message, { data: { name, length } });
    }
    return projection;
  }

  /** Deletes the rows of a projection, whatever log they come from, so that it can be opened anew. */
  static async clear<Opened>(options: ProjectionOptions<Opened>): Promise<void> {
    await new Projection(options, startPosition(options.store.logId)).#clear();
  }

  /** How far the rows are derived. */
  get head(): LogHead {
    return this.#position.head;
  }

  /** Derives rows from all records that the log holds by now. */
  catchUp(): Promise<void> {
    return this.#next(() => this.#catchUp());
  }

  /** Deletes all rows, and derives them again from the first record on. */
  rebuild(): Promise<void> {
    return this.#next(async () => {
      await this.#clear();
      await this.#catchUp();
    });
  }

  /** Keeps up with the log from now on. `onDropped` gets the error that ends it. */
  follow(onDropped: (error: unknown) => void): Unsubscribe {
    const { store } = this.#options;
    // The listener only says that there is something to do: many records then go into one batch.
    let isDue = false;
    const wakeUp = async (): Promise<void> => {
      if (isDue) return;
      isDue = true;
      await this.#next(async () => {
        isDue = false;
        await this.#catchUp();
      });
    };
    const end = store.subscribe(store.length, wakeUp, onDropped);
    wakeUp().catch((error: unknown) => {
      end();
      onDropped(error);
    });
    return end;
  }

  /** The row under `key`. */
  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#options.target.get(this.#key(PART.row, key));
  }

  /** The rows of a range, under the keys that `project` gave them. */
  async *range({
    from,
    to,
    ...order
  }: KeyRange): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {
    const range = { ...order, from: this.#key(PART.row, from), to: this.#key(PART.row, to) };
    for await (const [key, value] of this.#options.target.range(range)) {
      yield [key.subarray(this.#prefix.length + 1), value];
    }
  }

  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    // Whoever asked hears of the failure; what comes next begins where the last batch ended.
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #catchUp(): Promise<void> {
    const { project, store } = this.#options;
    const { length } = this.#position.head;
    for await (const records of store.readBatches(length, Math.max(length, store.length))) {
      const last = records.at(-1);
      if (last === undefined) continue;
      const head = { length: last.offset + 1, hash: last.hash };
      const writes = records.flatMap((record) => project(record));
      await this.#write(
        { ...this.#position, head },
        writes.map((write) => this.#ownWrite(write)),
      );
    }
  }

  async #clear(): Promise<void> {
    const start = startPosition(this.#options.store.logId);
    await this.#write({ ...start, isClearing: true }, []);
    const { target } = this.#options;
    const rows = { from: this.#key(PART.row), to: this.#key(PART.end) };
    let deletes: KeyValueWrite[] = [];
    for await (const [key] of target.range(rows)) {
      deletes.push({ type: "Delete", key });
      if (deletes.length < CLEARED_AT_ONCE) continue;
      await target.batch(deletes);
      deletes = [];
    }
    await target.batch(deletes);
    await this.#write(start, []);
  }

  async #write(position: ProjectionPosition, rows: readonly KeyValueWrite[]): Promise<void> {
    const value = encode(positionSchema, position);
    const key = this.#key(PART.position);
    await this.#options.target.batch([...rows, { type: "Put", key, value }]);
    this.#position = position;
  }

  #ownWrite(write: KeyValueWrite): KeyValueWrite {
    return { ...write, key: this.#key(PART.row, write.key) };
  }

  #key(part: number, key: Uint8Array = new Uint8Array()): Uint8Array {
    return concatBytes(this.#prefix, Uint8Array.of(part), key);
  }
}

/** True when the log has, at the projection's length, the hash that the projection remembers. */
async function isOfLog<Event>(
  store: EventStore<Event>,
  { head, logId }: ProjectionPosition,
): Promise<boolean> {
  if (!equalBytes(logId, store.logId) || head.length > store.length) return false;
  if (head.length === 0) return true;
  for await (const { hash } of store.readRange(head.length - 1, head.length)) {
    return hash === head.hash;
  }
  return false;
}

async function readPosition<Event>({
  name,
  target,
}: ProjectionOptions<Event>): Promise<ProjectionPosition | undefined> {
  const stored = await target.get(concatBytes(prefixOf(name), Uint8Array.of(PART.position)));
  if (stored === undefined) return undefined;
  const position = decode(positionSchema, stored);
  if (position.ok) return position.value;
  const message = `the position of the projection ${name} is damaged`;
  throw new NodeError("ProjectionMismatch", message, { data: { name } });
}

function prefixOf(name: string): Uint8Array {
  assert(NAME.test(name), "a projection has a name of small letters, digits and hyphens");
  return encoder.encode(`${name}\0`);
}
