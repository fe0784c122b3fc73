/** The writer's side of a log: what is durable, where, and what a failed write may have left behind. */

import {
  dropFromRun,
  type GrowingRun,
  runBetween,
  runFrom,
  truncateRun,
} from "../events/growing-run.ts";
import type { EventRecord, RecordCodec } from "../events/record.ts";
import type { KeyValueWrite } from "../ports/key-value.ts";
import { mark } from "../primitives/mark.ts";
import { createWriter, type Writer } from "../primitives/message-pack-writer.ts";
import type { Draft } from "./append.ts";
import { deleteEndMark } from "./end-mark.ts";
import { indexWrites } from "./index-writes.ts";
import {
  FRAME_HEADER_SIZE_BYTES,
  FrameWriter,
  type JournalPlace,
  TERMINATOR_SIZE_BYTES,
} from "./journal-frame.ts";
import { segmentKey } from "./keys.ts";
import type { LogDisk } from "./log-disk.ts";
import { encodeHead } from "./log-head.ts";
import type { Walk } from "./log-walk.ts";
import { SEGMENT_RECORDS, segmentOf, segmentStart } from "./segment.ts";
import { TagIndex } from "./tag-index.ts";

/** Where a log stands when its writer begins. */
export type DurableLogStart<Event> = {
  readonly disk: LogDisk;
  readonly codec: RecordCodec<Event>;
  readonly end: Walk;
  readonly segmentsLength: number;
  /** The records that are not in closed segments: with them the open segment is written again. */
  readonly records: readonly EventRecord<Event>[];
  /** The same, packed. */
  readonly run: GrowingRun;
  readonly position: number;
  readonly place: JournalPlace;
  readonly staleSizeBytes: number;
};

/**
 * Records after which the journal is emptied into segments: 2,048, eight segments. A checkpoint holds up the
 * next append, for one or two milliseconds. This seldom, it is far from the slowest hundredth of a node's
 * updates; the price is some megabytes of records in memory, and some milliseconds of an opening.
 */
export const CHECKPOINT_RECORDS: number = 8 * SEGMENT_RECORDS;

/**
 * Bytes of the journal after which its records go into segments, though they are few: 1 MiB, so that the
 * journal stays a small file.
 */
const CHECKPOINT_SIZE_BYTES = 2 ** 20;

/**
 * The one writer. A commit is one frame in the journal, or goes straight into segments when it would fill
 * one: that costs one sync instead of two. Nothing in memory changes before all of a commit is durable, so
 * after a failure the next commit goes where the failed one was, and leaves nothing of it.
 */
export class DurableLog<Event> {
  readonly #disk: LogDisk;
  readonly #index: TagIndex<Event>;
  readonly #frames: FrameWriter;
  /** The open records, and behind them those of drafts. */
  readonly run: GrowingRun;
  readonly #headWriter: Writer = createWriter();
  #end: Walk;
  #segmentsLength: number;
  /** From the start of the segment that is not closed yet. */
  #records: EventRecord<Event>[];
  #position: number;
  #place: JournalPlace;
  #staleSizeBytes: number;
  /** A frame that nobody was told of may lie at the position of the next. */
  #isFrameUncertain = false;
  /** The head file may name records that nobody was told of. */
  #isHeadUncertain = false;
  /** Segments below this number may hold records that nobody was told of. */
  #uncertainSegmentsEnd = 0;

  constructor(start: DurableLogStart<Event>) {
    this.#disk = start.disk;
    this.#index = new TagIndex(start.codec.tagsOf);
    this.#end = start.end;
    this.#segmentsLength = start.segmentsLength;
    this.#records = [...start.records];
    this.run = start.run;
    this.#position = start.position;
    this.#place = start.place;
    this.#frames = new FrameWriter(start.place.logId);
    this.#staleSizeBytes = start.staleSizeBytes;
  }

  /** The end of what is durable. */
  get end(): Walk {
    return this.#end;
  }

  /** Records from here on are in memory; those before are in closed segments. */
  get openFrom(): number {
    return this.#end.length - this.#records.length;
  }

  /** The end of the segments that are full, and so in the index. The last of them may be in memory as well. */
  get indexedLength(): number {
    return segmentStart(segmentOf(this.#segmentsLength));
  }

  /** The records in memory from `offset` on; none when it lies before them. */
  recordsFrom(offset: number): readonly EventRecord<Event>[] {
    const { openFrom } = this;
    return offset < openFrom ? [] : this.#records.slice(offset - openFrom);
  }

  /** True when the journal holds enough to be emptied into segments. */
  get isCheckpointDue(): boolean {
    const gathered = this.#end.length - this.#segmentsLength;
    return (
      gathered >= CHECKPOINT_RECORDS || (gathered > 0 && this.#position >= CHECKPOINT_SIZE_BYTES)
    );
  }

  /** Makes a draft durable, all or nothing. After an error the log is as it was before. */
  async commit(draft: Draft<Event>): Promise<void> {
    try {
      await this.#commit(draft);
    } catch (error) {
      truncateRun(this.run, this.#records.length);
      throw error;
    }
  }

  /** Moves what the journal holds into segments, and begins the journal anew. */
  async checkpoint(): Promise<void> {
    if (this.#segmentsLength === this.#end.length && this.#uncertainSegmentsEnd === 0) return;
    await this.#writeSegments();
    this.#closeSegments();
  }

  /** Takes the mark away that the end of the log is not proven. */
  async deleteEndMark(): Promise<void> {
    await this.#disk.keyValue.batch([deleteEndMark]);
  }

  async #commit(draft: Draft<Event>): Promise<void> {
    const run = runFrom(this.run, this.#records.length);
    const isLarge = draft.records.length >= SEGMENT_RECORDS || run.length >= CHECKPOINT_SIZE_BYTES;
    const goesToSegments = isLarge || this.#uncertainSegmentsEnd > 0;
    if (this.isCheckpointDue && !goesToSegments) await this.checkpoint();
    if (this.#staleSizeBytes > 0 || this.#isHeadUncertain) await this.#tidyUp();
    if (goesToSegments) await this.#writeSegments(draft.records);
    const position = goesToSegments ? this.#position : await this.#writeFrame(draft);
    await this.#writeHead(draft.end);
    this.#isFrameUncertain = false;
    this.#position = position;
    this.#end = draft.end;
    for (const record of draft.records) this.#records.push(record);
    if (goesToSegments) this.#closeSegments();
  }

  /** Takes back what speaks against the log as it is: frames of a longer log, a head beyond its end. */
  async #tidyUp(): Promise<void> {
    if (this.#staleSizeBytes > 0) {
      mark("store/stale-journal-wiped");
      await this.#disk.journal.write(0, new Uint8Array(this.#staleSizeBytes));
      this.#staleSizeBytes = 0;
    }
    if (this.#isHeadUncertain) await this.#writeHead(this.#end);
  }

  /** Writes one frame, and returns where the next one goes. */
  async #writeFrame({ records }: Draft<Event>): Promise<number> {
    const frame = this.#frames.write(this.#place.base, this.#position, {
      firstOffset: this.#end.length,
      count: records.length,
      run: runFrom(this.run, this.#records.length),
    });
    this.#isFrameUncertain = true;
    await this.#disk.journal.write(this.#position, frame);
    return this.#position + frame.length - TERMINATOR_SIZE_BYTES;
  }

  async #writeHead({ hash, length }: Walk): Promise<void> {
    if (this.#disk.head === undefined) return;
    this.#isHeadUncertain = true;
    await this.#disk.head.write(encodeHead(this.#place.logId, { length, hash }, this.#headWriter));
    this.#isHeadUncertain = false;
  }

  /** Writes every record that is not in closed segments, and those of a draft. */
  async #writeSegments(drafted: readonly EventRecord<Event>[] = []): Promise<void> {
    if (this.#isFrameUncertain) {
      // A frame that was refused must not be found again behind segments that went another way.
      await this.#disk.journal.write(this.#position, new Uint8Array(FRAME_HEADER_SIZE_BYTES));
      this.#isFrameUncertain = false;
    }
    const { openFrom } = this;
    const records = drafted.length === 0 ? this.#records : [...this.#records, ...drafted];
    const end = segmentOf(openFrom + records.length - 1) + 1;
    const writes: KeyValueWrite[] = [];
    const entries = new Map<number, Uint8Array>();
    for (let segment = segmentOf(this.#segmentsLength); segment < end; segment += 1) {
      const from = segmentStart(segment) - openFrom;
      const to = Math.min(from + SEGMENT_RECORDS, records.length);
      writes.push({ type: "Put", key: segmentKey(segment), value: runBetween(this.run, from, to) });
      // What is not closed is read from memory, and needs no index.
      if (to - from < SEGMENT_RECORDS) continue;
      entries.set(segment, this.#index.entryOf(segment, records.slice(from, to)));
    }
    writes.push(...(await indexWrites(this.#disk.keyValue, entries)));
    for (let stale = end; stale < this.#uncertainSegmentsEnd; stale += 1) {
      writes.push({ type: "Delete", key: segmentKey(stale) });
    }
    if (drafted.length > 0) this.#uncertainSegmentsEnd = Math.max(end, this.#uncertainSegmentsEnd);
    await this.#disk.keyValue.batch(writes);
  }

  /** All records are in segments: those of closed ones need no place in memory, and the journal is begun anew. */
  #closeSegments(): void {
    mark("store/checkpoint");
    const closed = segmentStart(segmentOf(this.#end.length)) - this.openFrom;
    dropFromRun(this.run, closed);
    this.#records = this.#records.slice(closed);
    this.#segmentsLength = this.#end.length;
    this.#uncertainSegmentsEnd = 0;
    this.#position = 0;
    this.#place = { ...this.#place, base: this.#end.hash };
  }
}
