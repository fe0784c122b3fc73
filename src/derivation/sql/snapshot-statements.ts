/** Snapshots of a derivation in the tables that are ours, and which of them are kept. */
import type { SqlAnswer, SqlStatement } from "../../ports/sql.ts";
import { quoted } from "./sql-tables.ts";

/**
 * Snapshots of a channel, at most: each holds all rows. When there are more, every second one goes, the newest stays: so they reach back to
 * the beginning with wider and wider gaps.
 */
const SNAPSHOTS_MAX = 8;

/** Writes one at `messages`. */
export function insertSnapshot(
  schemaName: string,
  messages: number,
  parts: readonly Uint8Array[],
): SqlStatement {
  return {
    text: `insert into ${quoted(schemaName)}."_snapshots" select $1::bigint, n.part, n.content from unnest($2::int[], $3::bytea[]) as n (part, content)`,
    parameters: [messages, parts.map((_, part) => part), parts],
    changes: parts.length,
  };
}

/** Which of the snapshots at these places are dropped, so that few enough stay. */
export function droppedSnapshots(places: readonly number[]): readonly number[] {
  if (places.length <= SNAPSHOTS_MAX) return [];
  return places.toSorted((one, other) => other - one).filter((_, age) => age % 2 === 1);
}

/** Drops the snapshots at these places. */
export function deleteSnapshots(
  schemaName: string,
  places: readonly number[],
): readonly SqlStatement[] {
  if (places.length === 0) return [];
  const text = `delete from ${quoted(schemaName)}."_snapshots" where messages = any($1::bigint[])`;
  return [{ text, parameters: [places] }];
}

/** Asks where snapshots are. */
export function askForSnapshots(schemaName: string): SqlStatement {
  return { text: `select distinct messages from ${quoted(schemaName)}."_snapshots"` };
}

/** The places that were asked for. */
export function snapshotPlaces(answer: SqlAnswer | undefined): readonly number[] {
  return (answer?.rows ?? []).map(([messages]) => Number(messages));
}

/** Asks for the parts of the snapshot at `messages`. */
export function readSnapshot(schemaName: string, messages: number): SqlStatement {
  return {
    text: `select content from ${quoted(schemaName)}."_snapshots" where messages = $1 order by part`,
    parameters: [messages],
  };
}

/** The parts that were asked for, in order. */
export function snapshotParts(answer: SqlAnswer | undefined): readonly Uint8Array[] {
  return (answer?.rows ?? []).flatMap(([part]) => (part instanceof Uint8Array ? [part] : []));
}
