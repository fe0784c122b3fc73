/** The log: the only truth of a node. One writer, any number of readers. */
import type { EventRecord, RecordCodec, RecordHash, Tag } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { assert } from "../primitives/assert.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { NodeError } from "../primitives/node-error.ts";
import { type Append, type Draft, draftAppend } from "./append.ts";
import { createLog, deleteRecord, putRecord, readLogId, readStored } from "./log-disk.ts";
import { readLog, walkTo } from "./log-reader.ts";
import { startWalk, type Walk } from "./log-walk.ts";
import { follow, type RecordListener, type Unsubscribe } from "./subscription.ts";

/** Where a log lies, how its records are written, and which log it is. */
export type EventStoreOptions<Event> = {
  readonly keyValue: KeyValue;
  readonly codec: RecordCodec<Event>;
  /** 16 bytes. Creates the log on an empty disk; otherwise it must be the log's own. */
  readonly logId: Uint8Array;
};

/** The end of a log: with it anyone can later tell whether the log was cut or rewritten. */
export type LogHead = { readonly length: number; readonly hash: RecordHash };

/** An append that waits for its turn. */
type Waiting<Event> = {
  readonly append: Append<Event>;
  readonly resolve: (records: readonly EventRecord<Event>[]) => void;
  readonly reject: (error: unknown) => void;
};

/** An append that has its place and is on its way to the disk. */
type Writing<Event> = { readonly waiting: Waiting<Event>; readonly draft: Draft<Event> };

/** Append-only events of one node. Every method may throw `NodeError` with `DiskFailed`. */
export class EventStore<Event> {
  readonly logId: Uint8Array;
  readonly #keyValue: KeyValue;
  readonly #codec: RecordCodec<Event>;
  #end: Walk;
  /** The records of the last write, for readers that follow. */
  #recent: readonly EventRecord<Event>[] = [];
  #waiting: Waiting<Event>[] = [];
  #isWriting = false;
  /** A write failed, and nobody knows whether its records are on the disk. */
  #isTailUncertain = false;
  #wakeUps: (() => void)[] = [];

  private constructor({ keyValue, codec, logId }: EventStoreOptions<Event>, end: Walk) {
    this.logId = logId;
    this.#keyValue = keyValue;
    this.#codec = codec;
    this.#end = end;
  }

  /** Opens a log, or creates it. Checks every record; throws `NodeError` with `LogDamaged`. */
  static async open<Opened>(options: EventStoreOptions<Opened>): Promise<EventStore<Opened>> {
    const { codec, keyValue, logId } = options;
    const found = await readLogId(keyValue);
    if (found === undefined) await createLog(keyValue, logId);
    else if (!equalBytes(found, logId)) {
      throw new NodeError("LogDamaged", "the disk holds another log", { data: { found } });
    }
    let end = startWalk(logId);
    for await (const { walk } of readLog(keyValue, codec, end)) end = walk;
    return new EventStore(options, end);
  }

  /** Number of records, which is the offset of the next one. */
  get length(): number {
    return this.#end.length;
  }

  /** The end of the log as far as it is durable. */
  get head(): LogHead {
    return { length: this.#end.length, hash: this.#end.hash };
  }

  /** What an event is about, as the index by tag has it. */
  tagsOf(event: Event): readonly Tag[] {
    return this.#codec.tagsOf(event);
  }

  /**
   * Writes all events or none, and resolves when they are durable. Appends that wait for the disk are
   * written together. Throws `NodeError` with `ExpectedLengthMismatch` when the log has another length.
   */
  append(
    events: readonly Event[],
    expectedLength: number,
    timeMs: number,
  ): Promise<readonly EventRecord<Event>[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append: { events, expectedLength, timeMs }, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** The records from `offset` to the end that the log has when reading starts. */
  readFrom(offset: number): AsyncIterable<EventRecord<Event>> {
    return this.readRange(offset, Number.MAX_SAFE_INTEGER);
  }

  /** The records from `from` (included) to `to` (left out), or to the end if that comes first. */
  async *readRange(from: number, to: number): AsyncGenerator<EventRecord<Event>> {
    assert(from >= 0 && from <= to, "a range does not end before it starts");
    const end = Math.min(to, this.length);
    if (from >= end) return;
    const start = await walkTo(this.#keyValue, this.logId, from);
    for await (const { record } of readLog(this.#keyValue, this.#codec, start, end)) yield record;
  }

  /**
   * Calls `listener` with every record from `fromOffset` on: in order, none left out, none twice, past
   * and future alike. A listener that throws is dropped and harms nobody else; `onDropped` gets its
   * error, which counts as uncaught where nobody asks for it.
   */
  subscribe(
    fromOffset: number,
    listener: RecordListener<Event>,
    onDropped: (error: unknown) => void = throwUncaught,
  ): Unsubscribe {
    assert(fromOffset >= 0, "offsets count from 0");
    const log = {
      grownFrom: (length: number) => this.#grownFrom(length),
      recentFrom: (offset: number) => this.#recentFrom(offset),
      readFrom: (offset: number) => this.readFrom(offset),
    };
    return follow(log, fromOffset, listener, onDropped);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#write(this.#draft(group));
    }
    this.#isWriting = false;
  }

  /** Gives each append its place after the one before; those that do not fit hear it at once. */
  #draft(group: readonly Waiting<Event>[]): readonly Writing<Event>[] {
    const writings: Writing<Event>[] = [];
    let end = this.#end;
    for (const waiting of group) {
      try {
        const draft = draftAppend(this.#codec, end, waiting.append);
        writings.push({ waiting, draft });
        end = draft.end;
      } catch (error) {
        waiting.reject(error);
      }
    }
    return writings;
  }

  async #write(writings: readonly Writing<Event>[]): Promise<void> {
    const end = writings.at(-1)?.draft.end ?? this.#end;
    try {
      if (end.length > this.length) await this.#store(writings, end.length);
    } catch (error) {
      this.#isTailUncertain = true;
      for (const { waiting } of writings) waiting.reject(error);
      return;
    }
    this.#advance(writings, end);
    for (const { draft, waiting } of writings) waiting.resolve(draft.records);
  }

  async #store(writings: readonly Writing<Event>[], length: number): Promise<void> {
    const stale = this.#isTailUncertain ? await this.#storedFrom(length) : [];
    const puts = writings.flatMap(({ draft }) => draft.stored);
    await this.#keyValue.batch([
      ...stale.map(deleteRecord),
      ...puts.map(({ offset, stored }) => putRecord(offset, stored)),
    ]);
    this.#isTailUncertain = false;
  }

  /** Offsets that a failed write left on the disk, and that the next one does not cover. */
  async #storedFrom(from: number): Promise<readonly number[]> {
    const offsets: number[] = [];
    for await (const { offset } of readStored(this.#keyValue, from)) offsets.push(offset);
    return offsets;
  }

  #advance(writings: readonly Writing<Event>[], end: Walk): void {
    if (end.length === this.length) return;
    this.#end = end;
    this.#recent = writings.flatMap(({ draft }) => draft.records);
    const wakeUps = this.#wakeUps;
    this.#wakeUps = [];
    for (const wakeUp of wakeUps) wakeUp();
  }

  #grownFrom(length: number): Promise<void> {
    if (this.length > length) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeUps.push(resolve);
    });
  }

  #recentFrom(offset: number): readonly EventRecord<Event>[] {
    const first = this.#recent[0];
    if (first === undefined || offset < first.offset) return [];
    return this.#recent.slice(offset - first.offset);
  }
}

/** Makes an error of a listener an uncaught one, as any bug is, outside the work in progress. */
function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
