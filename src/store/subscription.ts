/** A reader that follows the log: through what is written already, and then as it grows. */
import type { EventRecord } from "../events/record.ts";
import { NodeError } from "../primitives/node-error.ts";

/** Called with each record in order, one at a time; the next comes when a returned promise has resolved. */
export type RecordListener<Event> = (record: EventRecord<Event>) => void | Promise<void>;

/** Ends a subscription: the listener is not called again. Calling it twice does nothing. */
export type Unsubscribe = () => void;

/** What a subscription needs of the log. */
export type FollowedLog<Event> = {
  readonly length: () => number;
  /** The records from `offset` on, when they are still in memory; otherwise none. */
  readonly recentFrom: (offset: number) => readonly EventRecord<Event>[];
  readonly readFrom: (offset: number) => AsyncIterable<readonly EventRecord<Event>[]>;
};

/** Where a subscription begins, and how many records it may lag behind. */
export type SubscriptionStart = { readonly fromOffset: number; readonly lagMax: number };

/** A subscription as the log sees it. */
export type Subscription = {
  readonly end: Unsubscribe;
  /** To be called when the log has grown. */
  readonly grown: () => void;
};

/**
 * Records that a subscriber may fall behind: 100,000, some seconds of the fastest writer. Nothing is kept for
 * a subscriber, so the limit costs nobody anything; it makes one that stands still known.
 */
export const SUBSCRIBER_LAG_MAX = 100_000;

/**
 * Follows `log`. There is no queue: a slow listener reads from the disk at its own pace and costs the writer
 * nothing. When the listener or the disk fails, or the listener lags behind too far, the subscription ends
 * and `onDropped` gets the error, once. What was written before it began is history, at which nobody is late.
 */
export function follow<Event>(
  log: FollowedLog<Event>,
  { fromOffset, lagMax }: SubscriptionStart,
  listener: RecordListener<Event>,
  onDropped: (error: unknown) => void,
): Subscription {
  const history = log.length();
  let next = fromOffset;
  let ended = false;
  let wakeUp = (): void => {};

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
    for await (const records of log.readFrom(next)) {
      await pass(records);
      if (ended) return;
    }
  };
  const growth = (): Promise<void> => {
    if (log.length() > next) return Promise.resolve();
    return new Promise((resolve) => {
      wakeUp = resolve;
    });
  };
  const run = async (): Promise<void> => {
    while (!ended) {
      await growth();
      const recent = log.recentFrom(next);
      await pass(recent);
      if (recent.length === 0 && log.length() > next) await catchUp();
    }
  };
  const drop = (error: unknown): void => {
    if (ended) return;
    ended = true;
    onDropped(error);
  };

  run().catch(drop);
  return {
    end: () => {
      ended = true;
    },
    grown: () => {
      const lag = log.length() - Math.max(next, history);
      if (lag > lagMax) drop(tooSlow(next, lag));
      wakeUp();
    },
  };
}

function tooSlow(offset: number, lag: number): NodeError {
  const message = `a subscriber is ${lag} records behind the log, at offset ${offset}`;
  return new NodeError("SubscriberTooSlow", message, { data: { offset, lag } });
}
