/** The schema that holds the tables of one channel in SQL, and what is known about them beside the rows. */
import type { SqlAnswer, SqlStatement } from "../../ports/sql.ts";
import { assert } from "../../primitives/assert.ts";
import { type Hex, isHex, toHex } from "../../primitives/hex.ts";
import type { TableSchema } from "../sandbox/table-schema.ts";
import { createTable, quoted } from "./sql-tables.ts";

/** How far the tables of a channel are, and from what they were made. */
export type TablesPosition = {
  readonly channelId: Hex;
  /** keccak-256 of the reducer's module. */
  readonly reducerId: Hex;
  readonly tablesHash: Hex;
  /** Messages whose changes are in the tables. */
  readonly messages: number;
  /** The running hash of the log behind the last of them; empty before the first. */
  readonly logHash: Hex;
};

/** Counts the layouts of what we keep beside the rows. */
const LAYOUT_VERSION = 1;

/** Digits of the channel's id in names: PostgreSQL keeps 63 characters, and the whole id stands in the position. */
const ID_DIGITS = 32;

/** The schema of a channel's tables as they are now. */
export function schemaNameOf(channelId: Hex): string {
  assert(isHex(channelId, 32), "a channel's id has 32 bytes");
  return `channel_${channelId.slice(2, 2 + ID_DIGITS)}`;
}

/** The schema of a channel's tables as they were after so many messages. */
export function pastSchemaNameOf(channelId: Hex, messages: number): string {
  return `${schemaNameOf(channelId)}_at_${messages}`;
}

/** The role that may read these tables and nothing else. */
export function readerNameOf(channelId: Hex): string {
  return `${schemaNameOf(channelId)}_reader`;
}

/** Makes a schema with empty tables, in place of one of this name. */
export function createTables(
  schemaName: string,
  readerName: string,
  tables: TableSchema,
): readonly SqlStatement[] {
  const place = quoted(schemaName);
  const reader = quoted(readerName);
  return [
    ...dropTables(schemaName),
    { text: createReader(readerName) },
    { text: `create schema ${place}` },
    { text: `grant usage on schema ${place} to ${reader}` },
    ...tables.map((table, index) => ({ text: createTable(schemaName, table, index) })),
    ...tables.map(({ name }) => ({
      text: `grant select on ${place}.${quoted(name)} to ${reader}`,
    })),
  ];
}

/** Removes a schema with all that is in it, if it is there. */
export function dropTables(schemaName: string): readonly SqlStatement[] {
  return [{ text: `drop schema if exists ${quoted(schemaName)} cascade` }];
}

/** Roles belong to the server, not to one database: it may be there already. Who makes it may become it. */
function createReader(readerName: string): string {
  const name = quoted(readerName);
  const isMissing = `not exists (select from pg_roles where rolname = '${readerName}')`;
  const make = `create role ${name} nologin; execute format('grant ${name} to %I', current_user);`;
  return `do $$ begin if ${isMissing} then ${make} end if; end $$`;
}

/** Makes the tables that are ours: their names begin as no table of a reducer does. */
export function createOwnTables(schemaName: string): readonly SqlStatement[] {
  const place = quoted(schemaName);
  const position = [
    "is_only boolean primary key default true check (is_only)",
    "layout int not null",
    "channel_id bytea not null",
    "reducer_id bytea not null",
    "tables_hash bytea not null",
    "messages bigint not null",
    "log_hash bytea not null",
  ];
  const snapshots = ["messages bigint", "part int", "content bytea not null"];
  return [
    { text: `create table ${place}."_position" (${position.join(", ")})` },
    {
      text: `create table ${place}."_snapshots" (${snapshots.join(", ")}, primary key (messages, part))`,
    },
  ];
}

/** Writes the first position. */
export function insertPosition(schemaName: string, position: TablesPosition): SqlStatement {
  const { channelId, logHash, messages, reducerId, tablesHash } = position;
  return {
    text: `insert into ${quoted(schemaName)}."_position" (layout, channel_id, reducer_id, tables_hash, messages, log_hash) values ($1, $2::bytea, $3::bytea, $4::bytea, $5, $6::bytea)`,
    parameters: [
      LAYOUT_VERSION,
      ...[channelId, reducerId, tablesHash].map(bytesText),
      messages,
      bytesText(logHash),
    ],
    changes: 1,
  };
}

/** Moves the position on. When it is not where we left it, somebody else writes here, and all is undone. */
export function movePosition(
  schemaName: string,
  from: TablesPosition,
  to: TablesPosition,
): SqlStatement {
  return {
    text: `update ${quoted(schemaName)}."_position" set messages = $1, log_hash = $2::bytea where messages = $3 and log_hash = $4::bytea`,
    parameters: [to.messages, bytesText(to.logHash), from.messages, bytesText(from.logHash)],
    changes: 1,
  };
}

/** Asks whether there is a position. */
export function askForPosition(schemaName: string): SqlStatement {
  return { text: "select to_regclass($1) is not null", parameters: [`${schemaName}._position`] };
}

/** Asks for the position. */
export function readPosition(schemaName: string): SqlStatement {
  return {
    text: `select layout, channel_id, reducer_id, tables_hash, messages, log_hash from ${quoted(schemaName)}."_position"`,
  };
}

/** The position that was asked for; undefined for none of our layout. */
export function positionOf(answer: SqlAnswer | undefined): TablesPosition | undefined {
  const [layout, channelId, reducerId, tables, messages, logHash] = answer?.rows[0] ?? [];
  const isOurs =
    layout === LAYOUT_VERSION &&
    channelId instanceof Uint8Array &&
    reducerId instanceof Uint8Array &&
    tables instanceof Uint8Array &&
    typeof messages === "bigint" &&
    logHash instanceof Uint8Array;
  if (!isOurs) return undefined;
  return {
    channelId: toHex(channelId),
    reducerId: toHex(reducerId),
    tablesHash: toHex(tables),
    messages: Number(messages),
    logHash: toHex(logHash),
  };
}

/** PostgreSQL's text for bytes. */
function bytesText(hex: Hex): string {
  return `\\${hex.slice(1)}`;
}
