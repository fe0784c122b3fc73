/** What an append is before it is on the disk: events in their place, or the reason why not. */
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

/** Records ready to be written together. */
export type Draft<Event> = {
  readonly records: readonly EventRecord<Event>[];
  /** The same, as bytes. */
  readonly stored: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** Where the log will end. */
  readonly end: Walk;
};

/**
 * Puts events after `start`, and `lead` in front of them where it is given. Throws `NodeError` with
 * `ExpectedLengthMismatch` or `EventTooLarge`.
 */
export function draftAppend<Event>(
  codec: RecordCodec<Event>,
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
  const records: EventRecord<Event>[] = [];
  const stored: Uint8Array[] = [];
  let sizeBytes = 0;
  let previousHash = start.hash;
  for (const event of lead === undefined ? events : [lead, ...events]) {
    const offset = length + records.length;
    const encoded = codec.encode({ previousHash, offset, timeMs }, event);
    records.push(encoded.record);
    stored.push(encoded.stored);
    sizeBytes += encoded.stored.length;
    previousHash = encoded.record.hash;
  }
  const end = { length: length + records.length, hash: previousHash, timeMs };
  return { records, stored, sizeBytes, end: events.length === 0 ? start : end };
}

/** Joins drafts that follow each other into one. */
export function joinDrafts<Event>(start: Walk, drafts: readonly Draft<Event>[]): Draft<Event> {
  const [first] = drafts;
  if (first !== undefined && drafts.length === 1) return first;
  return {
    records: drafts.flatMap(({ records }) => records),
    stored: drafts.flatMap(({ stored }) => stored),
    sizeBytes: drafts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    end: drafts.at(-1)?.end ?? start,
  };
}
