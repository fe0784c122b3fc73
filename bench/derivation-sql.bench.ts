/** Tables that follow from a log: how fast they are written, caught up with and taken back. */
import { join } from "node:path";
import { openPglite } from "../src/adapters/pglite.ts";
import { DerivationEngine } from "../src/derivation/derivation-engine.ts";
import { createTable, quoted } from "../src/derivation/sql/sql-tables.ts";
import type { Sql } from "../src/ports/sql.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { withScratch } from "./scratch.ts";
import { median, speedAgainst, takeTurns } from "./slices.ts";
import {
  BENCH_TABLES,
  type BenchDatabase,
  benchLog,
  benchReducer,
  benchRow,
  openBenchDatabases,
} from "./sql-derivation-parts.ts";
import { bestOf } from "./stopwatch.ts";

/** Messages of one slice: some tenths of a second. */
const MESSAGES = 10_000;

/** Messages of one transaction, and rows of one statement beside them. */
const BATCH = 1_000;

/** Messages that are applied one by one. */
const SINGLE = 200;

const ROUNDS = 5;

/** Runs of what takes a second and more. */
const LONG_RUNS = 2;

export const benchmark: Benchmark = {
  name: "derivation-sql",
  question: "How fast do tables in SQL follow a message log, beside the database's own inserts?",
  run: () =>
    withScratch(async (folder) => {
      const figures: Figure[] = [...(await startFigures(folder))];
      const databases = await openBenchDatabases(folder);
      for (const database of databases) {
        figures.push(
          ...(await insertFigures(database)),
          ...(await singleFigures(database)),
          ...(await cacheFigures(database)),
        );
      }
      for (const { sql } of databases) await sql.close();
      return { figures };
    }),
};

let channels = 0;

function engineOf(sql: Sql, messages: number, batchMessages: number = BATCH) {
  channels += 1;
  const log = benchLog(channels, messages);
  const parts = { sql, log, reducer: benchReducer };
  const open = (): DerivationEngine => new DerivationEngine(parts, { batchMessages });
  return { log, open, engine: open() };
}

async function advanceTo(engine: DerivationEngine, messages: number): Promise<void> {
  const report = await engine.advance();
  assert(report.messages === messages && report.stop === undefined, "all messages are taken");
}

/** The first start sets a database up and packs it; later ones unpack it. */
async function startFigures(folder: string): Promise<readonly Figure[]> {
  const prepared = join(folder, "prepared.tar.gz");
  const start = async (options: { readonly prepared?: string }): Promise<void> => {
    const sql = await openPglite(options);
    await sql.close();
  };
  await start({ prepared });
  const without = await bestOf(() => start({}), LONG_RUNS);
  const unpacked = await bestOf(() => start({ prepared }), LONG_RUNS);
  const cold = await bestOf(async () => {
    const sql = await openPglite({ prepared });
    await advanceTo(engineOf(sql, BATCH).engine, BATCH);
    await sql.close();
  }, LONG_RUNS);
  return [
    { what: "PGlite starts, set up anew", value: without, unit: "s", better: "lower" },
    { what: "PGlite starts, prepared", value: unpacked, unit: "s", better: "lower" },
    {
      what: "1,000 messages cold, start included",
      value: cold,
      unit: "s",
      better: "lower",
      floor: 5,
    },
  ];
}

async function insertFigures({ name, sql }: BenchDatabase): Promise<readonly Figure[]> {
  const slices = await takeTurns(
    {
      own: (round) => insertDirectly(sql, round),
      derived: async () => {
        const { engine, log } = engineOf(sql, 0);
        await engine.advance();
        log.show(MESSAGES);
        await advanceTo(engine, MESSAGES);
      },
    },
    ROUNDS,
  );
  return [
    {
      what: `${name}, messages of one row, 1,000 in a transaction`,
      value: MESSAGES / median(slices.derived),
      unit: "messages/s",
      yardstick: "its own multi-row insert of the same rows",
      ratio: speedAgainst(slices.derived, slices.own),
      goal: 0.5,
    },
  ];
}

/** What anybody would do who has nothing but rows: lists of values, one for each column. */
async function insertDirectly(sql: Sql, round: number): Promise<void> {
  const schema = `own_${round}`;
  const table = assertDefined(BENCH_TABLES[0], "a table");
  await sql.transaction([
    { text: `create schema ${quoted(schema)}` },
    { text: createTable(schema, table, 0) },
  ]);
  const text = `insert into ${quoted(schema)}.moves select * from unnest($1::bytea[], $2::numeric[], $3::text[], $4::numeric[], $5::boolean[])`;
  for (let from = 0; from < MESSAGES; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, at) => benchRow(from + at));
    const lists = table.columns.map((_, column) => rows.map((row) => row[column] ?? null));
    // The first column holds bytes, which go as the text that PostgreSQL has for them.
    const owners = rows.map(([owner]) => `\\${String(owner).slice(1)}`);
    await sql.transaction([{ text, parameters: [owners, ...lists.slice(1)] }]);
  }
}

async function singleFigures({ name, sql }: BenchDatabase): Promise<readonly Figure[]> {
  const took = await bestOf(async () => {
    const { engine, log } = engineOf(sql, 0, 1);
    await engine.advance();
    log.show(SINGLE);
    await advanceTo(engine, SINGLE);
  }, ROUNDS);
  return [
    {
      what: `${name}, a transaction for each message`,
      value: SINGLE / took,
      unit: "messages/s",
    },
  ];
}

/** How much sooner the tables are at the end of a log that they nearly were, and how soon they are back in the middle. */
async function cacheFigures({ name, sql }: BenchDatabase): Promise<readonly Figure[]> {
  const { engine, log, open } = engineOf(sql, MESSAGES);
  await advanceTo(engine, MESSAGES);
  let end = MESSAGES;
  const grow = async (next: DerivationEngine): Promise<void> => {
    end += 10;
    log.show(end);
    await advanceTo(next, end);
  };
  const slices = await takeTurns(
    {
      start: () => engine.rebuild(),
      running: () => grow(engine),
      restarted: () => grow(open()),
      past: async () => {
        const past = await engine.at(MESSAGES / 2);
        assert(past.ok, "the log reaches there");
        await past.value.close();
      },
    },
    ROUNDS,
  );
  const against = (seconds: readonly number[]): Pick<Figure, "yardstick" | "ratio"> => ({
    yardstick: "all messages from the start, in one transaction",
    ratio: speedAgainst(seconds, slices.start),
  });
  const value = (seconds: readonly number[]): number => median(seconds) * 1_000;
  return [
    {
      what: `${name}, 10 messages more than 10,000`,
      value: value(slices.running),
      unit: "ms",
      ...against(slices.running),
      goal: 10,
    },
    {
      what: `${name}, 10 messages more than 10,000, by a new engine`,
      value: value(slices.restarted),
      unit: "ms",
      ...against(slices.restarted),
      goal: 10,
    },
    {
      what: `${name}, tables as of message 5,000`,
      value: value(slices.past),
      unit: "ms",
      better: "lower",
    },
  ];
}
