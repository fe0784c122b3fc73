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

/** What drafts are made with, and where their records gather. */
export type Drafting<Event> = {
  readonly codec: RecordCodec<Event>;
  /** The open records of the log, and those of the drafts. */
  readonly run: GrowingRun;
  /** Those of the drafts. */
  readonly records: EventRecord<Event>[];
};

/**
 * Puts events after `start`, and `lead` in front of them where it is given. Returns where the log ends then.
 * Throws `NodeError` with `ExpectedLengthMismatch` or `EventTooLarge`, and then nothing was put anywhere.
 */
export function draftAppend<Event>(
  drafting: Drafting<Event>,
  start: Walk,
  { events, expectedLength, timeMs: askedMs }: Append<Event>,
  lead?: Event,
): Walk {
  const { length } = start;
  if (length !== expectedLength) {
    const message = `the log has ${length} records, the append expects ${expectedLength}`;
    throw new NodeError("ExpectedLengthMismatch", message, { data: { length, expectedLength } });
  }
  const { codec, records, run } = drafting;
  const timeMs = Math.max(askedMs, start.timeMs);
  const count = records.length;
  const countInRun = countOfRun(run);
  const put = (event: Event): void => {
    const offset = length + records.length - count;
    records.push(codec.encodeTo(run, { offset, timeMs }, event));
  };
  try {
    if (lead !== undefined) put(lead);
    for (const event of events) put(event);
  } catch (error) {
    truncateRun(run, countInRun);
    records.length = count;
    throw error;
  }
  const last = records.length > count ? records[records.length - 1] : undefined;
  return last === undefined ? start : { length: last.offset + 1, hash: last.hash, timeMs };
}
