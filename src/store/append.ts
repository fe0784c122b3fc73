/** What an append is before it is on the disk: events in their place, or the reason why not. */
import type { EventRecord, RecordCodec } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { StoredRecord, Walk } from "./log-walk.ts";

/** Events to be written together, if the log still has the length that they were decided on. */
export type Append<Event> = {
  readonly events: readonly Event[];
  readonly expectedLength: number;
  /** When they happened. Held at the time of the last record where it lies before that. */
  readonly timeMs: number;
};

/** An append with its records, ready to be written after `Walk`. */
export type Draft<Event> = {
  readonly records: readonly EventRecord<Event>[];
  readonly stored: readonly StoredRecord[];
  /** Where the log will end. */
  readonly end: Walk;
};

/** Puts events after `start`. Throws `NodeError` with `ExpectedLengthMismatch`. */
export function draftAppend<Event>(
  codec: RecordCodec<Event>,
  start: Walk,
  { events, expectedLength, timeMs: askedMs }: Append<Event>,
): Draft<Event> {
  const { length } = start;
  if (length !== expectedLength) {
    const message = `the log has ${length} records, the append expects ${expectedLength}`;
    throw new NodeError("ExpectedLengthMismatch", message, { data: { length, expectedLength } });
  }
  const timeMs = Math.max(askedMs, start.timeMs);
  const records: EventRecord<Event>[] = [];
  const stored: StoredRecord[] = [];
  let previousHash = start.hash;
  for (const event of events) {
    const offset = length + records.length;
    const encoded = codec.encode({ previousHash, offset, timeMs }, event);
    records.push(encoded.record);
    stored.push({ offset, stored: encoded.stored });
    previousHash = encoded.record.hash;
  }
  const end = { length: length + events.length, hash: previousHash, timeMs };
  return { records, stored, end: events.length === 0 ? start : end };
}
