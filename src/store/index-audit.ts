/** The index by tag against the records: what it should be, where it is not, and making it anew. */
import type { EventRecord, RecordCodec } from "../events/record.ts";
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { indexWrites } from "./index-writes.ts";
import { INDEX_END, indexKey, registerKey } from "./keys.ts";
import { type ReadLog, readClosed } from "./log-reader.ts";
import { SEGMENT_RECORDS, segmentOf } from "./segment.ts";
import { TagIndex } from "./tag-index.ts";
import { encodeRegister, REGISTER_SEGMENTS, registerOf } from "./tag-register.ts";

/** Keys that are removed in one batch. */
const KEYS_AT_ONCE = 1_000;

/**
 * What is wrong with the index. It is no damage to the log: `EventStore.rebuildIndex` mends it.
 *
 * - `IndexMissing`: nothing is there, and readers look at every record instead.
 * - `IndexMismatch`: something else is there. What was damaged costs readers time. What was written to
 *   deceive them, with a check that holds, can hide a record from those that ask for its tag.
 */
export type IndexProblem = {
  readonly code: "IndexMissing" | "IndexMismatch";
  /** Of the first record that it is about. */
  readonly offset: number;
  /** How many records it is about: those of an entry, or those of a register. */
  readonly count: number;
};

/** The check along a log: each segment is passed in order, with all its records. */
export class IndexAudit<Event> {
  readonly #keyValue: KeyValue;
  readonly #index: TagIndex<Event>;
  readonly #problems: IndexProblem[] = [];
  /** What the entries of the present register should be. */
  #entries: Uint8Array[] = [];

  constructor(keyValue: KeyValue, { tagsOf }: Pick<RecordCodec<Event>, "tagsOf">) {
    this.#keyValue = keyValue;
    this.#index = new TagIndex(tagsOf);
  }

  /** What was found so far. */
  get problems(): readonly IndexProblem[] {
    return this.#problems;
  }

  /** Passes the segment that begins at `start`. One that is not full is not in the index yet. */
  async pass(start: number, records: readonly EventRecord<Event>[]): Promise<void> {
    if (records.length < SEGMENT_RECORDS) return;
    const segment = segmentOf(start);
    const entry = this.#index.entryOf(segment, records);
    await this.#compare(indexKey(segment), entry, { offset: start, count: SEGMENT_RECORDS });
    this.#entries.push(entry);
    if (this.#entries.length < REGISTER_SEGMENTS) return;
    const register = registerOf(segment);
    const count = REGISTER_SEGMENTS * SEGMENT_RECORDS;
    const expected = encodeRegister(register, this.#entries);
    await this.#compare(registerKey(register), expected, { offset: register * count, count });
    this.#entries = [];
  }

  async #compare(
    key: Uint8Array,
    expected: Uint8Array,
    place: Omit<IndexProblem, "code">,
  ): Promise<void> {
    const found = await this.#keyValue.get(key);
    if (found === undefined) this.#problems.push({ code: "IndexMissing", ...place });
    else if (!equalBytes(found, expected)) this.#problems.push({ code: "IndexMismatch", ...place });
  }
}

/**
 * Makes the index anew from the segments that are full, which end at `to`, and removes what it has beyond.
 * Where a segment cannot be read it throws, and what follows stays as it was.
 */
export async function rebuildIndex<Event>(log: ReadLog<Event>, to: number): Promise<void> {
  const { codec, keyValue } = log;
  const index = new TagIndex(codec.tagsOf);
  let entries = new Map<number, Uint8Array>();
  const flush = async (): Promise<void> => {
    if (entries.size > 0) await keyValue.batch(await indexWrites(keyValue, entries));
    entries = new Map();
  };
  for (let start = 0; start < to; start += SEGMENT_RECORDS) {
    const records = await Array.fromAsync(readClosed(log, start, start + SEGMENT_RECORDS));
    const segment = segmentOf(start);
    entries.set(segment, index.entryOf(segment, records.flat()));
    if (entries.size === REGISTER_SEGMENTS) await flush();
  }
  await flush();
  const end = segmentOf(to);
  await removeKeys(keyValue, indexKey(end), registerKey(0));
  await removeKeys(keyValue, registerKey(registerOf(end)), INDEX_END);
}

async function removeKeys(keyValue: KeyValue, from: Uint8Array, to: Uint8Array): Promise<void> {
  for (;;) {
    const writes: KeyValueWrite[] = [];
    const range = { from, to, limit: KEYS_AT_ONCE };
    for await (const [key] of keyValue.range(range)) writes.push({ type: "Delete", key });
    if (writes.length === 0) return;
    await keyValue.batch(writes);
  }
}
