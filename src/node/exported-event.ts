/**
 * One record of a log as JSON for other programs. The shape is stable: fields may be added to it, and none
 * is renamed or removed. Integers above 2^53 may come, so amounts are decimal text; bytes are hex; a value
 * that is missing is null.
 */
import type { NodeEvent } from "../events/event.ts";
import type { ContentId, EventRecord, RecordCodec, RecordHash, Tag } from "../events/record.ts";

/** What is told of a record. */
export type ExportedEvent = {
  /** Counts from 0. */
  readonly offset: number;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly timeMs: number;
  /** The chain hash: where the event stands, behind all that came before it. */
  readonly hash: RecordHash;
  /** What happened, the same in every log. */
  readonly contentId: ContentId;
  readonly type: NodeEvent["type"];
  readonly tags: readonly Tag[];
  /** The event without its type. Their names and units are in docs/EVENTS.md. */
  readonly fields: Readonly<Record<string, unknown>>;
};

/** What is told of this record. */
export function exportedEvent(
  { contentId, tagsOf }: RecordCodec<NodeEvent>,
  { event, hash, offset, timeMs }: EventRecord<NodeEvent>,
): ExportedEvent {
  const { type, ...fields } = event;
  return { offset, timeMs, hash, contentId: contentId(event), type, tags: tagsOf(event), fields };
}

/** Such a record, or several, as JSON text. `indent` spaces make it readable. */
export function exportedText(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, part: unknown) => {
      if (typeof part === "bigint") return part.toString();
      return part === undefined ? null : part;
    },
    indent,
  );
}
