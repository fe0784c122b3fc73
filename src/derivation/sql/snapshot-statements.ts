/** Snapshots of a derivation in the tables that are ours, and which of them are kept. */
import type { SqlAnswer, SqlStatement } from "../../ports/sql.ts";
import { quoted } from "./sql-tables.ts";

/** A snapshot that is there: after how many messages, and whether it holds the rows as well. */
export type SnapshotPlace = { readonly messages: number; readonly hasRows: boolean };

/**
 * Snapshots with rows of a channel, at most. When there are more, every second one goes, the newest stays: so they
 * reach back to the beginning with wider and wider gaps.
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

/** Which of these snapshots are not needed: all but the newest without rows, and some with rows if there are many. */
export function droppedSnapshots(places: readonly SnapshotPlace[]): readonly SnapshotPlace[] {
  const newestFirst = places.toSorted((one, other) => other.messages - one.messages);
  const thin = newestFirst.filter(({ hasRows }, age) => !hasRows && age > 0);
  const full = newestFirst.filter(({ hasRows }) => hasRows);
  return full.length > SNAPSHOTS_MAX ? [...thin, ...full.filter((_, age) => age % 2 === 1)] : thin;
}

/** Drops the snapshots at these places. */
export function deleteSnapshots(
  schemaName: string,
  places: readonly SnapshotPlace[],
): readonly SqlStatement[] {
  if (places.length === 0) return [];
  const text = `delete from ${quoted(schemaName)}."_snapshots" where messages = any($1::bigint[])`;
  return [{ text, parameters: [places.map(({ messages }) => messages)] }];
}

/** Asks where snapshots are. */
export function askForSnapshots(schemaName: string): SqlStatement {
  return {
    text: `select messages, max(part) > 0 from ${quoted(schemaName)}."_snapshots" group by messages`,
  };
}

/** The places that were asked for. */
export function snapshotPlaces(answer: SqlAnswer | undefined): readonly SnapshotPlace[] {
  return (answer?.rows ?? []).map(([messages, hasRows]) => {
    return { messages: Number(messages), hasRows: hasRows === true };
  });
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
