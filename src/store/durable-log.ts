/** The writer's side of a log: what is durable, where, and what a failed write may have left behind. */
import { type EventRecord, HASH_SIZE_BYTES, type RecordCodec } from "../events/record.ts";
import { packRun } from "../events/record-run.ts";
import type { KeyValueWrite } from "../ports/key-value.ts";
import { createWriter, type Writer } from "../primitives/message-pack-writer.ts";
import type { Draft } from "./append.ts";
import { deleteEndMark } from "./end-mark.ts";
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

/** Records that are not in closed segments: with them the open segment is written again. */
export type OpenRecords<Event> = {
  /** Hash of the record before the first. */
  readonly hashBefore: Uint8Array;
  readonly records: readonly EventRecord<Event>[];
  readonly stored: readonly Uint8Array[];
};

/** Where a log stands when its writer begins. */
export type DurableLogStart<Event> = {
  readonly disk: LogDisk;
  readonly codec: RecordCodec<Event>;
  readonly end: Walk;
  readonly segmentsLength: number;
  readonly open: OpenRecords<Event>;
  readonly position: number;
  readonly place: JournalPlace;
  readonly staleSizeBytes: number;
};

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
  readonly #headWriter: Writer = createWriter();
  #end: Walk;
  #segmentsLength: number;
  /** From the start of the segment that is not closed yet. */
  #records: EventRecord<Event>[];
  #stored: Uint8Array[];
  /** Hash of the record before these. */
  #hashBefore: Uint8Array;
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
    this.#records = [...start.open.records];
    this.#stored = [...start.open.stored];
    this.#hashBefore = start.open.hashBefore;
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

  /** The records in memory from `offset` on; none when it lies before them. */
  recordsFrom(offset: number): readonly EventRecord<Event>[] {
    const { openFrom } = this;
    return offset < openFrom ? [] : this.#records.slice(offset - openFrom);
  }

  /** True when the journal holds enough to be emptied into segments. */
  get isCheckpointDue(): boolean {
    const gathered = this.#end.length - this.#segmentsLength;
    return gathered >= SEGMENT_RECORDS || (gathered > 0 && this.#position >= CHECKPOINT_SIZE_BYTES);
  }

  /** Makes a draft durable, all or nothing. After an error the log is as it was before. */
  async commit(draft: Draft<Event>): Promise<void> {
    const isLarge =
      draft.records.length >= SEGMENT_RECORDS || draft.sizeBytes >= CHECKPOINT_SIZE_BYTES;
    const goesToSegments = isLarge || this.#uncertainSegmentsEnd > 0;
    if (this.isCheckpointDue && !goesToSegments) await this.checkpoint();
    if (this.#staleSizeBytes > 0 || this.#isHeadUncertain) await this.#tidyUp();
    if (goesToSegments) await this.#writeSegments(draft);
    const position = goesToSegments ? this.#position : await this.#writeFrame(draft);
    await this.#writeHead(draft.end);
    this.#isFrameUncertain = false;
    this.#position = position;
    this.#end = draft.end;
    for (const record of draft.records) this.#records.push(record);
    for (const stored of draft.stored) this.#stored.push(stored);
    if (goesToSegments) this.#closeSegments();
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

  /** Takes back what speaks against the log as it is: frames of a longer log, a head beyond its end. */
  async #tidyUp(): Promise<void> {
    if (this.#staleSizeBytes > 0) {
      await this.#disk.journal.write(0, new Uint8Array(this.#staleSizeBytes));
      this.#staleSizeBytes = 0;
    }
    if (this.#isHeadUncertain) await this.#writeHead(this.#end);
  }

  /** Writes one frame, and returns where the next one goes. */
  async #writeFrame({ end, records, stored }: Draft<Event>): Promise<number> {
    const frame = this.#frames.write(this.#place.base, this.#position, {
      firstOffset: this.#end.length,
      count: records.length,
      previousHash: this.#end.hash,
      endHash: end.hash,
      run: packRun(hashAt(this.#hashBefore, this.#stored, this.#stored.length), stored),
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
  async #writeSegments(draft?: Draft<Event>): Promise<void> {
    if (this.#isFrameUncertain) {
      // A frame that was refused must not be found again behind segments that went another way.
      await this.#disk.journal.write(this.#position, new Uint8Array(FRAME_HEADER_SIZE_BYTES));
      this.#isFrameUncertain = false;
    }
    const { openFrom } = this;
    const hashBefore = this.#hashBefore;
    const records = draft === undefined ? this.#records : [...this.#records, ...draft.records];
    const stored = draft === undefined ? this.#stored : [...this.#stored, ...draft.stored];
    const first = segmentOf(this.#segmentsLength);
    const end = segmentOf(openFrom + records.length - 1) + 1;
    const writes: KeyValueWrite[] = [];
    for (let segment = first; segment < end; segment += 1) {
      writes.push(...this.#segmentWrites(segment, openFrom, { hashBefore, records, stored }));
    }
    for (let stale = end; stale < this.#uncertainSegmentsEnd; stale += 1) {
      writes.push({ type: "Delete", key: segmentKey(stale) });
    }
    if (draft !== undefined) this.#uncertainSegmentsEnd = Math.max(end, this.#uncertainSegmentsEnd);
    await this.#disk.keyValue.batch(writes);
  }

  #segmentWrites(
    segment: number,
    openFrom: number,
    { hashBefore, records, stored }: OpenRecords<Event>,
  ): KeyValueWrite[] {
    const from = segmentStart(segment) - openFrom;
    const to = from + SEGMENT_RECORDS;
    const value = packRun(hashAt(hashBefore, stored, from), stored.slice(from, to));
    return [
      { type: "Put", key: segmentKey(segment), value },
      ...this.#index.writes(segment, records.slice(from, to)),
    ];
  }

  /** All records are in segments: those of closed ones need no place in memory, and the journal is begun anew. */
  #closeSegments(): void {
    const closed = segmentStart(segmentOf(this.#end.length)) - this.openFrom;
    this.#hashBefore = hashAt(this.#hashBefore, this.#stored, closed);
    this.#records = this.#records.slice(closed);
    this.#stored = this.#stored.slice(closed);
    this.#segmentsLength = this.#end.length;
    this.#uncertainSegmentsEnd = 0;
    this.#position = 0;
    this.#place = { ...this.#place, base: this.#end.hash };
  }
}

/** Hash of the record before the one at `index` of some stored records, the first of which follows `hashBefore`. */
function hashAt(hashBefore: Uint8Array, stored: readonly Uint8Array[], index: number): Uint8Array {
  return stored[index - 1]?.subarray(0, HASH_SIZE_BYTES) ?? hashBefore;
}
