/** Anybody's check of anybody's log: is it whole, and does it end where it should? */
import type { RecordCodec } from "../events/record.ts";
import type { LogHead } from "./event-store.ts";
import { type LogDamage, type StoredRecord, startWalk, type Walk, walkOn } from "./log-walk.ts";

/** What is known of a log after the walk through it. */
export type Verdict =
  /** Every record is in order. Without an anchor nobody can say whether more followed: not proven. */
  | { readonly code: "ConsistentPrefix"; readonly head: LogHead }
  /** Every record is in order, and the anchor is one of them. */
  | { readonly code: "Anchored"; readonly head: LogHead }
  /** Every record is in order, but the log was longer when the anchor was taken: it was cut or rolled back. */
  | { readonly code: "Truncated"; readonly head: LogHead }
  /** Every record is in order, but at the anchor's length it was another log: it was rewritten. */
  | { readonly code: "Forked"; readonly head: LogHead }
  /** Not in order; the first damage that the walk met. */
  | { readonly code: "Damaged"; readonly damage: LogDamage };

/** A log to check, and what is known of it from outside: its id, and perhaps its head at some moment. */
export type Verification<Event> = {
  readonly codec: RecordCodec<Event>;
  readonly logId: Uint8Array;
  readonly records: Iterable<StoredRecord> | AsyncIterable<StoredRecord>;
  readonly anchor?: LogHead;
};

/** Walks through a log and checks chain, places, times and schemas. Damage is a verdict, never thrown. */
export async function verifyLog<Event>({
  codec,
  logId,
  records,
  anchor,
}: Verification<Event>): Promise<Verdict> {
  let walk = startWalk(logId);
  let isAnchorMet = isAt(walk, anchor);
  for await (const found of records) {
    const step = walkOn(codec, walk, found);
    if (!step.ok) return { code: "Damaged", damage: step.reason };
    walk = step.value.walk;
    isAnchorMet ||= isAt(walk, anchor);
  }
  const head = headOf(walk);
  if (anchor === undefined) return { code: "ConsistentPrefix", head };
  if (isAnchorMet) return { code: "Anchored", head };
  return { code: walk.length < anchor.length ? "Truncated" : "Forked", head };
}

function isAt(walk: Walk, anchor: LogHead | undefined): boolean {
  return anchor?.length === walk.length && anchor.hash === walk.hash;
}

function headOf({ hash, length }: Walk): LogHead {
  return { length, hash };
}
