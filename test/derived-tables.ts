/** What tests of derivations compare: the rows in a database, and those that follow from a log. */
import { beginDerivation, deriveUntil } from "../src/derivation/derived-state.ts";
import type { MessageLog, RowSourceOpener } from "../src/derivation/row-source.ts";
import type { Cell, RowChange, TableSchema } from "../src/derivation/sandbox/table-schema.ts";
import { schemaNameOf } from "../src/derivation/sql/channel-schema.ts";
import type { Sql, SqlValue } from "../src/ports/sql.ts";
import { assert } from "../src/primitives/assert.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { COUNTING_TABLES, payloadOf } from "./counting-reducer.ts";

/** The rows of each table as sorted text. */
export type Contents = readonly (readonly string[])[];

/** What is in the tables of a channel. */
export async function contentsIn(
  sql: Sql,
  channelId: Hex,
  schema: TableSchema = COUNTING_TABLES,
  schemaName: string = schemaNameOf(channelId),
): Promise<Contents> {
  const answers = await sql.transaction(
    schema.map(({ columns, name }) => ({
      text: `select ${columns.map((column) => `"${column.name}"`).join(", ")} from "${schemaName}"."${name}"`,
    })),
  );
  return answers.map(({ rows }) => rows.map((row) => rowText(row.map(cellOf))).sort());
}

/** What should be in them after so many messages. */
export async function contentsOf(
  log: MessageLog,
  reducer: RowSourceOpener,
  messages: number = Number.MAX_SAFE_INTEGER,
): Promise<Contents> {
  const state = beginDerivation(reducer);
  assert(state.ok, "the derivation begins");
  await deriveUntil(state.value, log, messages);
  return state.value.source.schema.map((_, table) =>
    [...(state.ok ? state.value.tables.rowsOf(table) : [])].map(rowText).sort(),
  );
}

function rowText(row: readonly unknown[]): string {
  return row.map(String).join("|");
}

function cellOf(value: SqlValue): SqlValue {
  return value instanceof Uint8Array ? toHex(value) : value;
}

/** The id of a channel for a test of its own. */
export function channelOf(number: number): Hex {
  return `0x${number.toString(16).padStart(64, "0").split("").reverse().join("")}`;
}

/** A message that inserts a unit, or changes it, or removes it, for every type of column. */
export function unitChange(type: RowChange["type"], name: string, points = 0n): RowChange {
  const key: readonly Cell[] = ["0xaabb", name];
  const values = [...key, points, (1n << 255n) + points, points % 2n === 0n];
  return { type, table: 0, values: type === "delete" ? key : values };
}

/** Payloads of so many messages, of which each adds a unit, changes one and now and then removes one. */
export function unitPayloads(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    const changes: RowChange[] = [unitChange("insert", `unit ${at}`, BigInt(at))];
    if (at > 0) changes.push(unitChange("update", `unit ${at - 1}`, BigInt(at) << 40n));
    if (at % 3 === 2) changes.push(unitChange("delete", `unit ${at - 2}`));
    changes.push({ type: "insert", table: 1, values: [BigInt(at)] });
    changes.push({ type: "insert", table: 2, values: [`note ${at}`, `0x${"0f".repeat(at % 5)}`] });
    return payloadOf(changes);
  });
}
