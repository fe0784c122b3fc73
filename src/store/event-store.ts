/** The log: the only truth of a node. One writer, any number of readers. */
import type { EventRecord, RecordCodec, RecordHash, Tag } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import { assert } from "../primitives/assert.ts";
import type { DurableLog } from "./durable-log.ts";
import { putEndMark } from "./end-mark.ts";
import { GroupWriter, type HeldClock } from "./group-writer.ts";
import { rebuildIndex } from "./index-audit.ts";
import type { LogDisk } from "./log-disk.ts";
import { findOrCreate, startLog } from "./log-opening.ts";
import { readClosed } from "./log-reader.ts";
import { type Recovery, recheck, recoverLog, storedHashBefore } from "./recovery.ts";
import {
  follow,
  type RecordListener,
  SUBSCRIBER_LAG_MAX,
  type Subscription,
  type Unsubscribe,
} from "./subscription.ts";
import { readClosedTagged } from "./tag-reader.ts";

/** Where a log lies, how its records are written, and which log it is. */
export type EventStoreOptions<Event> = {
  readonly disk: LogDisk;
  readonly codec: RecordCodec<Event>;
  /** 16 bytes. Creates the log on an empty disk; otherwise it must be the log's own. Absent: any log. */
  readonly logId?: Uint8Array;
  /**
   * A head that is known to be the log's, from a snapshot: records below it are taken over unchecked when the
   * log is long. See `checkRest`.
   */
  readonly checkFrom?: LogHead | undefined;
  /** Asked when the clock lies more than a second behind the log; its event leads that append. */
  readonly heldClock?: HeldClock<Event> | undefined;
};

/** How records are read. */
export type ReadOptions = {
  /** `Chain`, unless told otherwise: every record is hashed on the way. `None` reads what lies there. */
  readonly check?: "Chain" | "None";
};

/** Append-only events of one node. Every method may throw `NodeError` with `DiskFailed` or `DiskFull`. */
export class EventStore<Event> {
  readonly logId: Uint8Array;
  readonly #options: EventStoreOptions<Event>;
  readonly #log: DurableLog<Event>;
  readonly #writer: GroupWriter<Event>;
  #recovery: Recovery;
  /** The records of the last write, for readers that follow. */
  #recent: readonly EventRecord<Event>[] = [];
  readonly #subscriptions = new Set<Subscription>();

  private constructor(
    options: EventStoreOptions<Event>,
    logId: Uint8Array,
    log: DurableLog<Event>,
    recovery: Recovery,
  ) {
    const { codec, heldClock } = options;
    this.logId = logId;
    this.#options = options;
    this.#log = log;
    this.#recovery = recovery;
    const onWritten = (records: readonly EventRecord<Event>[]): void => this.#written(records);
    this.#writer = new GroupWriter({ log, codec, heldClock, onWritten });
  }

  /**
   * Opens a log, or creates it. Checks the chain of its records; throws `NodeError` with `LogDamaged` and the
   * offset. What was never acknowledged is cut off; see `recovery`. A log whose end is not proven can be
   * appended to, and stays marked on its disk until `markProven`.
   */
  static async open<Opened>(options: EventStoreOptions<Opened>): Promise<EventStore<Opened>> {
    const { checkFrom, codec, disk } = options;
    const { isNew, logId } = await findOrCreate(disk, options.logId);
    const recovered = await recoverLog({ disk, logId, checkFrom });
    const log = startLog({ disk, codec, logId }, recovered);
    const { recovery } = recovered;
    if (isNew) return new EventStore(options, logId, log, { ...recovery, end: { type: "Proven" } });
    if (recovery.end.type !== "Proven") await disk.keyValue.batch([putEndMark(recovery.end)]);
    return new EventStore(options, logId, log, recovery);
  }

  /** What was found when the log was opened. */
  get recovery(): Recovery {
    return this.#recovery;
  }

  /** Number of records, which is the offset of the next one. */
  get length(): number {
    return this.#log.end.length;
  }

  /** The end of the log as far as it is durable. */
  get head(): LogHead {
    const { hash, length } = this.#log.end;
    return { length, hash };
  }

  /**
   * The hash of the head that the log had when it was so long; undefined when it is shorter. Reads at most one
   * segment, and checks nothing of it. Throws `NodeError` with `ArchiveMissing` as reading does.
   */
  async hashAt(length: number): Promise<RecordHash | undefined> {
    assert(length >= 0, "a log has no negative length");
    if (length > this.length) return undefined;
    const { logId } = this;
    const open = length > this.#log.openFrom ? this.#log.recordsFrom(length - 1)[0] : undefined;
    return open?.hash ?? storedHashBefore({ disk: this.#options.disk, logId }, length);
  }

  /** What an event is about, as the index by tag has it. */
  tagsOf(event: Event): readonly Tag[] {
    return this.#options.codec.tagsOf(event);
  }

  /**
   * Writes all events or none, and resolves when they are durable, with their records: those of `events`,
   * after that of `heldClock` if the clock has just stepped back. Appends that wait for the disk are written
   * together. Throws `NodeError` with `ExpectedLengthMismatch` when the log has another length, and with
   * `EventTooLarge`. After an error nothing of the events is in the log.
   */
  append(
    events: readonly Event[],
    expectedLength: number,
    timeMs: number,
  ): Promise<readonly EventRecord<Event>[]> {
    return this.#writer.append({ events, expectedLength, timeMs });
  }

  /** Moves what the journal holds into segments now, as happens by itself from `CHECKPOINT_RECORDS` on. */
  checkpoint(): Promise<void> {
    return this.#writer.between(() => this.#log.checkpoint());
  }

  /**
   * Says that nothing is missing any more: who held more of this log has given it back. Until then every
   * opening finds the end as it was found this time, however much was appended since.
   */
  async markProven(): Promise<void> {
    await this.#writer.between(() => this.#log.deleteEndMark());
    this.#recovery = { ...this.#recovery, end: { type: "Proven" } };
  }

  /**
   * Makes the index by tag anew, where `verifyDisk` found it wrong. Appends wait meanwhile; readers see all
   * records at any moment. Throws `NodeError` with `LogDamaged`.
   */
  rebuildIndex(): Promise<void> {
    return this.#writer.between(() => rebuildIndex(this.#readLog({}), this.#log.indexedLength));
  }

  /**
   * Checks the records that opening took over unchecked. Throws `NodeError` with `LogDamaged`. `pause` is
   * waited for every few milliseconds: one that waits for the next turn lets others work meanwhile.
   */
  async checkRest(pause: () => Promise<void> = async () => {}): Promise<void> {
    const { disk } = this.#options;
    await recheck({ disk, logId: this.logId }, this.#recovery.checkedFrom, pause);
    this.#recovery = { ...this.#recovery, checkedFrom: 0 };
  }

  /** The records from `offset` to the end that the log has when reading starts. */
  readFrom(offset: number, options?: ReadOptions): AsyncIterable<EventRecord<Event>> {
    return this.readRange(offset, Number.MAX_SAFE_INTEGER, options);
  }

  /** The records from `from` (included) to `to` (left out), or to the end if that comes first. */
  async *readRange(
    from: number,
    to: number,
    options?: ReadOptions,
  ): AsyncGenerator<EventRecord<Event>> {
    for await (const records of this.readBatches(from, to, options)) yield* records;
  }

  /** The same, many records at a time: the fast way through a long log. */
  async *readBatches(
    from: number,
    to: number,
    options: ReadOptions = {},
  ): AsyncGenerator<readonly EventRecord<Event>[]> {
    assert(from >= 0 && from <= to, "a range does not end before it starts");
    const end = Math.min(to, this.length);
    let next = from;
    while (next < end) {
      const { openFrom } = this.#log;
      const batches =
        next >= openFrom
          ? [this.#log.recordsFrom(next).slice(0, end - next)]
          : readClosed(this.#readLog(options), next, Math.min(end, openFrom));
      for await (const records of batches) {
        next += records.length;
        yield records;
      }
    }
  }

  /** The records with a tag, of those from `from` (included) to `to` (left out), in order. */
  async *readTagged(
    tag: Tag,
    from = 0,
    to: number = Number.MAX_SAFE_INTEGER,
    options: ReadOptions = {},
  ): AsyncGenerator<EventRecord<Event>> {
    assert(from >= 0 && from <= to, "a range does not end before it starts");
    const end = Math.min(to, this.length);
    let next = from;
    while (next < end) {
      const { openFrom } = this.#log;
      const start = next;
      next = start >= openFrom ? end : Math.min(end, openFrom);
      if (start >= openFrom) yield* this.#openTagged(tag, start, end);
      else yield* readClosedTagged(this.#readLog(options), tag, start, next);
    }
  }

  /**
   * Calls `listener` with every record from `fromOffset` on: in order, none left out, none twice, past
   * and future alike. A listener that throws is dropped and harms nobody else; `onDropped` gets its
   * error, which counts as uncaught where nobody asks for it. So is one that falls more than `lagMax`
   * records behind those that were appended since it began: `NodeError` with `SubscriberTooSlow`.
   */
  subscribe(
    fromOffset: number,
    listener: RecordListener<Event>,
    onDropped: (error: unknown) => void = throwUncaught,
    lagMax: number = SUBSCRIBER_LAG_MAX,
  ): Unsubscribe {
    assert(fromOffset >= 0, "offsets count from 0");
    const log = {
      length: () => this.length,
      recentFrom: (offset: number) => this.#recentFrom(offset),
      readFrom: (offset: number) =>
        this.readBatches(offset, Math.max(offset, this.length), { check: "Chain" }),
    };
    const subscription = follow(log, { fromOffset, lagMax }, listener, (error) => {
      this.#subscriptions.delete(subscription);
      onDropped(error);
    });
    this.#subscriptions.add(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
      subscription.end();
    };
  }

  #readLog({ check = "Chain" }: ReadOptions) {
    const { codec, disk } = this.#options;
    return { keyValue: disk.keyValue, codec, logId: this.logId, check };
  }

  *#openTagged(tag: Tag, from: number, to: number): Generator<EventRecord<Event>> {
    const records = this.#log.recordsFrom(from).slice(0, to - from);
    yield* records.filter(({ event }) => this.tagsOf(event).includes(tag));
  }

  #written(records: readonly EventRecord<Event>[]): void {
    this.#recent = records;
    for (const subscription of this.#subscriptions) subscription.grown();
  }

  #recentFrom(offset: number): readonly EventRecord<Event>[] {
    const [first] = this.#recent;
    if (first === undefined || offset < first.offset) return this.#log.recordsFrom(offset);
    return this.#recent.slice(offset - first.offset);
  }
}

/** Makes an error of a listener an uncaught one, as any bug is, outside the work in progress. */
function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
