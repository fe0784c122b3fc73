/** The walk along the log, record by record: each must stand in its place, chained to the one before. Pure. */
import {
  type EventRecord,
  firstHash,
  type RecordCodec,
  type RecordHash,
} from "../events/record.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { LogDamage } from "./log-damage.ts";

/** A record as it was found on a disk. */
export type StoredRecord = { readonly offset: number; readonly stored: Uint8Array };

/** How far the walk came: everything below `length` is in order. */
export type Walk = {
  readonly length: number;
  /** Of the last record, or the first hash of the log. */
  readonly hash: RecordHash;
  readonly timeMs: number;
};

/** One step further, and the record that was passed. */
export type WalkStep<Event> = { readonly walk: Walk; readonly record: EventRecord<Event> };

/** The start of a log. */
export function startWalk(logId: Uint8Array): Walk {
  return { length: 0, hash: firstHash(logId), timeMs: 0 };
}

/** Checks the next record and passes it. */
export function walkOn<Event>(
  codec: RecordCodec<Event>,
  walk: Walk,
  { offset, stored }: StoredRecord,
): Result<WalkStep<Event>, LogDamage> {
  if (offset !== walk.length) return reject({ code: "RecordMissing", offset: walk.length });
  const decoded = codec.decode(walk.hash, offset, stored);
  if (!decoded.ok) return decoded;
  const record = decoded.value;
  const { timeMs } = record;
  if (timeMs < walk.timeMs) return reject({ code: "TimeDecreased", offset });
  return accept({ walk: { length: offset + 1, hash: record.hash, timeMs }, record });
}
