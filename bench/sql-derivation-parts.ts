/** What the benchmark of derivation into SQL works with: a reducer without a cost, its log, and databases. */
import { join } from "node:path";
import { openPglite } from "../src/adapters/pglite.ts";
import { openPostgres } from "../src/adapters/postgres.ts";
import type { LoggedMessage, MessageLog, RowSourceOpener } from "../src/derivation/row-source.ts";
import type { Cell, RowChange, TableSchema } from "../src/derivation/sandbox/table-schema.ts";
import type { Sql } from "../src/ports/sql.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { accept } from "../src/primitives/result.ts";

/** A table like that of a game: a key of two columns, and a column of each type. */
export const BENCH_TABLES: TableSchema = [
  {
    name: "moves",
    columns: [
      { name: "player", type: "bytes", isKey: true },
      { name: "number", type: "uint", isKey: true },
      { name: "piece", type: "text", isKey: false },
      { name: "stake", type: "amount", isKey: false },
      { name: "wins", type: "bool", isKey: false },
    ],
  },
];

const PLAYER: Hex = `0x${"a1".repeat(20)}`;

/** The row that the message at `index` inserts. */
export function benchRow(index: number): readonly Cell[] {
  return [
    PLAYER,
    BigInt(index),
    `piece ${index % 32}`,
    10n ** 18n + BigInt(index),
    index % 2 === 0,
  ];
}

/** A reducer that does nothing but insert a row for each message: what remains is the cost of SQL. */
export const benchReducer: RowSourceOpener = (() => {
  const source = {
    schema: BENCH_TABLES,
    firstChanges: [],
    reduce: ({ turn }: { readonly turn: number }) => {
      const change: RowChange = { type: "insert", table: 0, values: benchRow(turn) };
      return accept([change]);
    },
    snapshot: () => new Uint8Array(65_536),
  };
  return { id: PLAYER, open: () => accept(source), restore: () => accept(source) };
})();

/** A log of so many messages, more of which can be shown later. */
export type BenchLog = MessageLog & { readonly show: (messages: number) => void };

const EMPTY = new Uint8Array();

/** The log of a channel with a number of its own. */
export function benchLog(channel: number, messages: number): BenchLog {
  const known: LoggedMessage[] = [];
  const log: BenchLog = {
    channelId: hashOf(channel + 1_000_000),
    show: (count) => {
      for (let turn = known.length; turn < count; turn += 1) known.push(messageAt(turn));
    },
    read: async (from, countMax) => known.slice(from, from + countMax),
  };
  log.show(messages);
  return log;
}

function messageAt(turn: number): LoggedMessage {
  return { turn, sender: 0, type: "move", payload: EMPTY, timeMs: turn, logHash: hashOf(turn) };
}

/** Stands for a hash: 32 bytes that differ. */
function hashOf(number: number): Hex {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, number);
  return toHex(bytes);
}

/** A database by its name. */
export type BenchDatabase = { readonly name: string; readonly sql: Sql };

/** The embedded database, and the server that CHANNELS_POSTGRES_URL names, if it names one. */
export async function openBenchDatabases(folder: string): Promise<readonly BenchDatabase[]> {
  const embedded = await openPglite({ folder: join(folder, "database") });
  const url = process.env["CHANNELS_POSTGRES_URL"];
  const server = url === undefined ? [] : [await openPostgres({ url: new URL(url) })];
  return [{ name: "PGlite", sql: embedded }, ...server.map((sql) => ({ name: "PostgreSQL", sql }))];
}
