/** The queue in front of the disk: appends that wait are written together. */

import { sizeOfRun } from "../events/growing-run.ts";
import type { EventRecord, RecordCodec } from "../events/record.ts";
import { mark } from "../primitives/mark.ts";
import { type Append, type Draft, draftAppend } from "./append.ts";
import type { DurableLog } from "./durable-log.ts";
import type { Walk } from "./log-walk.ts";

/** Makes the event that tells of a clock which stepped back, and of the time that is held meanwhile. */
export type HeldClock<Event> = (askedMs: number, heldMs: number) => Event;

/** What a queue writes to, and whom it tells. */
export type GroupWriterParts<Event> = {
  readonly log: DurableLog<Event>;
  readonly codec: RecordCodec<Event>;
  readonly heldClock?: HeldClock<Event> | undefined;
  /** Called when records are durable, before those who appended them hear of it. */
  readonly onWritten: (records: readonly EventRecord<Event>[]) => void;
};

/** An append that waits for its turn. */
type Waiting<Event> = {
  readonly append: Append<Event>;
  readonly resolve: (records: readonly EventRecord<Event>[]) => void;
  readonly reject: (error: unknown) => void;
};

/** Appends that are on their way to the disk together. */
type Group<Event> = {
  /** In order. */
  readonly waiting: readonly Waiting<Event>[];
  /** How many records there are up to the end of each. */
  readonly ends: readonly number[];
  readonly draft: Draft<Event>;
  readonly isClockHeld: boolean;
};

/** Where the next append goes. */
type Place = {
  readonly end: Walk;
  /** The clock stepped back, and the log says so already. */
  readonly isClockHeld: boolean;
};

/**
 * Bytes of records after which no further append joins those that are written together: 4 MiB, some ten
 * milliseconds of a disk, so that nobody waits long for others.
 */
const GROUP_SIZE_BYTES_MAX: number = 2 ** 22;

/**
 * Milliseconds that a clock may lie behind the log without a word: one second. Clocks are corrected by less
 * than that all the time, and nobody decides anything by it.
 */
const HELD_SILENTLY_MS = 1000;

/** One writer's work, in the order in which it was asked for. */
export class GroupWriter<Event> {
  readonly #parts: GroupWriterParts<Event>;
  #waiting: Waiting<Event>[] = [];
  /** Other work of the writer, between two groups. */
  #jobs: (() => Promise<void>)[] = [];
  #isWorking = false;
  #isClockHeld = false;

  constructor(parts: GroupWriterParts<Event>) {
    this.#parts = parts;
  }

  /** Writes all events or none; see `EventStore.append`. */
  append(append: Append<Event>): Promise<readonly EventRecord<Event>[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  /** Does `job` while nothing is written. */
  between(job: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => job().then(resolve, reject));
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    // Whoever heard together that the last group is durable appends together again: one group, not one and the rest.
    await undefined;
    while (this.#waiting.length + this.#jobs.length > 0) {
      const jobs = this.#jobs;
      this.#jobs = [];
      for (const job of jobs) await job();
      await this.#write(this.#nextGroup());
      if (this.#parts.log.isCheckpointDue) await this.#checkpoint();
    }
    this.#isWorking = false;
  }

  /** Gives each append its place after the one before; those that do not fit hear it at once. */
  #nextGroup(): Group<Event> {
    const waiting: Waiting<Event>[] = [];
    const ends: number[] = [];
    const records: EventRecord<Event>[] = [];
    let place: Place = { end: this.#parts.log.end, isClockHeld: this.#isClockHeld };
    const { codec, log } = this.#parts;
    const drafting = { codec, run: log.run, records };
    const sizeBytesMax = GROUP_SIZE_BYTES_MAX + sizeOfRun(log.run);
    let taken = 0;
    for (const each of this.#waiting) {
      if (sizeOfRun(log.run) >= sizeBytesMax) break;
      taken += 1;
      const { append } = each;
      try {
        const end = draftAppend(drafting, place.end, append, this.#lead(place, append));
        waiting.push(each);
        ends.push(records.length);
        place = { end, isClockHeld: isHeld(place, append) };
      } catch (error) {
        each.reject(error);
      }
    }
    this.#waiting = this.#waiting.slice(taken);
    return { waiting, ends, draft: { records, end: place.end }, isClockHeld: place.isClockHeld };
  }

  /** The event that comes before an append when the clock has just stepped back. */
  #lead(place: Place, append: Append<Event>): Event | undefined {
    const { heldClock } = this.#parts;
    if (heldClock === undefined || place.isClockHeld || !isHeld(place, append)) return undefined;
    mark("store/clock-stepped-back");
    return heldClock(append.timeMs, place.end.timeMs);
  }

  async #write({ draft, ends, isClockHeld, waiting }: Group<Event>): Promise<void> {
    const { log, onWritten } = this.#parts;
    const { records } = draft;
    if (waiting.length > 1) mark("store/appends-together");
    try {
      if (records.length > 0) await log.commit(draft);
    } catch (error) {
      mark("store/write-failed");
      for (const { reject } of waiting) reject(error);
      return;
    }
    this.#isClockHeld = isClockHeld;
    if (records.length > 0) onWritten(records);
    let start = 0;
    for (let index = 0; index < waiting.length; index += 1) {
      const end = ends[index] ?? start;
      waiting[index]?.resolve(records.slice(start, end));
      start = end;
    }
  }

  /** Makes room in the journal. When that fails, the next commit tries again, and tells those who wait for it. */
  async #checkpoint(): Promise<void> {
    await this.#parts.log.checkpoint().catch(() => undefined);
  }
}

/** True when the log holds its time for this append, by more than clocks usually differ. */
function isHeld<Event>({ end, isClockHeld }: Place, { events, timeMs }: Append<Event>): boolean {
  if (events.length === 0) return isClockHeld;
  // Held until the clock is back where it was: the way there is no new step.
  return isClockHeld ? timeMs < end.timeMs : timeMs < end.timeMs - HELD_SILENTLY_MS;
}
