/** What an append is before it is on the disk: events in their place, or the reason why not. */

import { countOfRun, type GrowingRun, truncateRun } from "../events/growing-run.ts";
import type { EventRecord, RecordCodec } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { Walk } from "./log-walk.ts";

/** Events to be written together, if the log still has the length that they were decided on. */
export type Append<Event> = {
  readonly events: readonly Event[];
  readonly expectedLength: number;
  /** When they happened. Held at the time of the last record where it lies before that. */
  readonly timeMs: number;
};

/** Records ready to be written together: they stand at the end of the run of open records. */
export type Draft<Event> = {
  readonly records: readonly EventRecord<Event>[];
  /** Where the log will end. */
  readonly end: Walk;
};

/** What a draft is made with. */
export type Drafting<Event> = {
  readonly codec: RecordCodec<Event>;
  /** The open records of the log, and the drafts before this one. */
  readonly run: GrowingRun;
};

/**
 * Puts events after `start`, and `lead` in front of them where it is given. Throws `NodeError` with
 * `ExpectedLengthMismatch` or `EventTooLarge`, and then the run is as it was.
 */
export function draftAppend<Event>(
  { codec, run }: Drafting<Event>,
  start: Walk,
  { events, expectedLength, timeMs: askedMs }: Append<Event>,
  lead?: Event,
): Draft<Event> {
  const { length } = start;
  if (length !== expectedLength) {
    const message = `the log has ${length} records, the append expects ${expectedLength}`;
    throw new NodeError("ExpectedLengthMismatch", message, { data: { length, expectedLength } });
  }
  const timeMs = Math.max(askedMs, start.timeMs);
  const count = countOfRun(run);
  const records: EventRecord<Event>[] = [];
  try {
    for (const event of lead === undefined ? events : [lead, ...events]) {
      records.push(codec.encodeTo(run, { offset: length + records.length, timeMs }, event));
    }
  } catch (error) {
    truncateRun(run, count);
    throw error;
  }
  const last = records.at(-1);
  if (last === undefined) return { records, end: start };
  return { records, end: { length: last.offset + 1, hash: last.hash, timeMs } };
}

/** Joins drafts that follow each other into one. */
export function joinDrafts<Event>(start: Walk, drafts: readonly Draft<Event>[]): Draft<Event> {
  const [first] = drafts;
  if (first !== undefined && drafts.length === 1) return first;
  return {
    records: drafts.flatMap(({ records }) => records),
    end: drafts.at(-1)?.end ?? start,
  };
}
