/** What libp2p remembers of peers and of other people's records: in memory, and no more than so much. */
import { NotFoundError } from "@libp2p/interface";
import type { Libp2pInit } from "libp2p";

type Datastore = NonNullable<Libp2pInit["datastore"]>;
type Key = Parameters<Datastore["get"]>[0];
type Pair = { readonly key: Key; readonly value: Uint8Array };
type Query = Parameters<Datastore["query"]>[0];
type KeyQuery = Parameters<Datastore["queryKeys"]>[0];

/** Entries: a few for each of a thousand peers, and records of some thousand more. */
export const ENTRIES_MAX = 8_192;

/** 16 KiB: an entry of libp2p is a record of a peer, at most a few KiB. */
const ENTRY_SIZE_MAX = 16_384;

/**
 * Keeps the entries that were used last. Strangers may write here, through the table of records that all nodes share;
 * what does not fit makes room by taking the place of what nobody has asked for in the longest time.
 */
export class Libp2pDatastore implements Datastore {
  readonly #entries = new Map<string, Pair>();

  /** Entries that are kept now. */
  get size(): number {
    return this.#entries.size;
  }

  has(key: Key): boolean {
    return this.#entries.has(key.toString());
  }

  get(key: Key): Uint8Array {
    const entry = this.#entries.get(key.toString());
    if (entry === undefined) throw new NotFoundError(`nothing is kept under ${key.toString()}`);
    this.#keep(entry);
    return entry.value;
  }

  put(key: Key, value: Uint8Array): Key {
    if (value.length <= ENTRY_SIZE_MAX) this.#keep({ key, value });
    return key;
  }

  delete(key: Key): void {
    this.#entries.delete(key.toString());
  }

  async *putMany(source: Iterable<Pair> | AsyncIterable<Pair>): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value);
  }

  async *getMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key) };
  }

  async *deleteMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key);
      yield key;
    }
  }

  batch(): ReturnType<Datastore["batch"]> {
    const changes: (() => void)[] = [];
    return {
      put: (key, value) => {
        changes.push(() => this.put(key, value));
      },
      delete: (key) => {
        changes.push(() => this.delete(key));
      },
      commit: () => {
        for (const change of changes.splice(0)) change();
      },
    };
  }

  *query({ prefix = "", filters = [], orders = [], offset = 0, limit }: Query): Generator<Pair> {
    const all = [...this.#entries.values()].filter(({ key }) => key.toString().startsWith(prefix));
    const found = all.filter((pair) => filters.every((filter) => filter(pair)));
    for (const order of orders) found.sort(order);
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  *queryKeys(query: KeyQuery): Generator<Key> {
    const { prefix = "", filters = [], orders = [], offset = 0, limit } = query;
    const all = [...this.#entries.values()].map(({ key }) => key);
    const named = all.filter((key) => key.toString().startsWith(prefix));
    const found = named.filter((key) => filters.every((filter) => filter(key)));
    for (const order of orders) found.sort(order);
    yield* found.slice(offset, limit === undefined ? undefined : offset + limit);
  }

  /** Puts an entry behind all others, and lets go of the first when there are too many. */
  #keep(entry: Pair): void {
    const name = entry.key.toString();
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size <= ENTRIES_MAX) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
