/** A reader that follows the log: through what is written already, and then as it grows. */
import type { EventRecord } from "../events/record.ts";

/** Called with each record in order, one at a time; the next comes when a returned promise has resolved. */
export type RecordListener<Event> = (record: EventRecord<Event>) => void | Promise<void>;

/** Ends a subscription: the listener is not called again. Calling it twice does nothing. */
export type Unsubscribe = () => void;

/** What a subscription needs of the log. */
export type FollowedLog<Event> = {
  /** Resolves at once when the log is longer than `length`, otherwise when it has grown. */
  readonly grownFrom: (length: number) => Promise<void>;
  /** The records from `offset` on, when they are still in memory; otherwise none. */
  readonly recentFrom: (offset: number) => readonly EventRecord<Event>[];
  readonly readFrom: (offset: number) => AsyncIterable<EventRecord<Event>>;
};

/**
 * Follows `log` from `fromOffset` on. There is no queue: a slow listener reads from the disk at its own
 * pace and costs the writer nothing. When the listener or the disk fails, the subscription ends and
 * `onDropped` gets the error.
 */
export function follow<Event>(
  log: FollowedLog<Event>,
  fromOffset: number,
  listener: RecordListener<Event>,
  onDropped: (error: unknown) => void,
): Unsubscribe {
  let next = fromOffset;
  let ended = false;

  const pass = async (records: readonly EventRecord<Event>[]): Promise<void> => {
    for (const record of records) {
      if (ended) return;
      next = record.offset + 1;
      const pending = listener(record);
      // Waiting where there is nothing to wait for would let the log run ahead of what is in memory.
      if (pending !== undefined) await pending;
    }
  };
  const catchUp = async (): Promise<void> => {
    for await (const record of log.readFrom(next)) {
      if (ended) return;
      await pass([record]);
    }
  };
  const run = async (): Promise<void> => {
    while (!ended) {
      await log.grownFrom(next);
      const recent = log.recentFrom(next);
      await pass(recent);
      if (recent.length === 0) await catchUp();
    }
  };

  run().catch((error: unknown) => {
    ended = true;
    onDropped(error);
  });
  return () => {
    ended = true;
  };
}
