/** Questions to real databases: answered within limits, and hostile ones neither leave their tables nor stay. */
import { describe, expect } from "bun:test";
import { countingReducer, createMemoryLog, payloadOf } from "../../../test/counting-reducer.ts";
import { channelOf, unitChange, unitPayloads } from "../../../test/derived-tables.ts";
import { adversarial, integration, unit } from "../../../test/kind.ts";
import { type DatabaseName, useSqlDatabases } from "../../../test/sql-databases.ts";
import { openPostgres } from "../../adapters/postgres.ts";
import type { Sql } from "../../ports/sql.ts";
import { DerivationEngine } from "../derivation-engine.ts";
import type { Question } from "./ask-tables.ts";
import { schemaNameOf } from "./channel-schema.ts";

const databases = useSqlDatabases();
const channelId = channelOf(0xa5);
const neighbour = channelOf(0xb5);

function engineOf(sql: Sql, channel: typeof channelId): DerivationEngine {
  const log = createMemoryLog(channel, unitPayloads(4));
  return new DerivationEngine({ sql, log, reducer: countingReducer() });
}

/** A refusal in short, or the rows. */
async function asked(sql: Sql, question: Question | string): Promise<unknown> {
  const asks = typeof question === "string" ? { text: question } : question;
  const answer = await engineOf(sql, channelId).ask(asks);
  if (answer.ok) return answer.value.rows;
  const { code } = answer.reason;
  return answer.reason.code === "RefusedByDatabase" ? `${code} ${answer.reason.state}` : code;
}

for (const name of databases.names) describe(`questions to ${name}`, () => testQuestions(name));

function testQuestions(name: DatabaseName): void {
  const open = (): Sql => databases.open(name);
  const ask = (question: Question | string): Promise<unknown> => asked(open(), question);

  unit("are answered with plain values, in the order that they ask for", async () => {
    await engineOf(open(), neighbour).advance();
    const text =
      "select owner, name, points, alive from units where points > $1 order by name desc";
    const answer = await engineOf(open(), channelId).ask({ text, parameters: [0n] });

    expect(answer).toEqual({
      ok: true,
      value: {
        columns: ["owner", "name", "points", "alive"],
        rows: [
          [Uint8Array.of(0xaa, 0xbb), "unit 3", 3n, false],
          [Uint8Array.of(0xaa, 0xbb), "unit 2", 3n << 40n, true],
          [Uint8Array.of(0xaa, 0xbb), "unit 1", 2n << 40n, true],
        ],
      },
    });
    expect(await ask('select "order", "order" from "select" order by 1 limit 1')).toEqual([
      [0n, 0n],
    ]);
    expect(await ask("select avg(points) > 2.5, null from units")).toEqual([[true, null]]);
  });

  unit("are refused beyond their limits, and answered at them", async () => {
    const text = "select id from position";
    const limits = (rowsMax: number, bytesMax: number): Question => ({
      text,
      limits: { rowsMax, bytesMax },
    });

    expect(await ask(limits(4, 1_000))).toHaveLength(4);
    expect(await ask(limits(3, 1_000))).toBe("AnswerTooLong");
    // Each row is `("note 1")` as text.
    expect(await ask(limits(4, 40))).toHaveLength(4);
    expect(await ask(limits(4, 39))).toBe("AnswerTooLarge");
    // The database stops where the limit is, though there is no end.
    const endless =
      "with recursive t(n) as (select 1 union all select n + 1 from t) select n from t";
    expect(await ask({ text: endless, limits: { rowsMax: 10 } })).toBe("AnswerTooLong");
    expect(await ask({ text: endless, limits: { bytesMax: 100 } })).toBe("AnswerTooLarge");
  });

  adversarial("see no other tables than their own", async () => {
    const hidden = [
      `select * from ${schemaNameOf(neighbour)}.units`,
      `select * from "${schemaNameOf(neighbour)}"."units"`,
    ];

    for (const text of hidden) expect(await ask(text)).toBe("RefusedByDatabase 42501");
    expect(await ask(`select * from ${schemaNameOf(channelId)}.units`)).toHaveLength(3);
    expect(await ask("select * from public.units")).toBe("RefusedByDatabase 42P01");
    // Also when the first wall is not there: the role has no rights.
    const bounds = {
      role: `${schemaNameOf(channelId)}_reader`,
      schema: schemaNameOf(channelId),
      timeMs: 5_000,
    };
    for (const table of ["_position", "_snapshots"]) {
      await expect(open().read({ text: `select * from ${table}` }, bounds)).rejects.toThrow(
        "permission denied",
      );
    }
  });

  adversarial("change nothing", async () => {
    const writing = [
      "with gone as (delete from units returning 1) select * from gone",
      "select * from units for update",
      "select 1 from units) as x where false union (delete from units",
      "values (nextval('x'))",
    ];

    for (const text of writing) {
      expect(await ask(text)).toMatch(
        /^(?:RefusedByDatabase (?:0A000|25006|42\w{3})|\w+Refused|Unreadable)/,
      );
    }
    expect(await ask("select count(*) from units")).toEqual([[3n]]);
  });

  adversarial("are told why the database does not understand them", async () => {
    expect(await ask("select from from")).toBe("RefusedByDatabase 42601");
    expect(await ask("select nothing from units")).toBe("RefusedByDatabase 42703");
    expect(await ask("select points / 0 from units")).toBe("RefusedByDatabase 22012");
    expect(await ask("select 'x'::int")).toBe("RefusedByDatabase 22P02");
    expect(await ask("select units from units")).toBe("RefusedByDatabase 42846");
    expect(await ask({ text: "select $1::int", parameters: ["x"] })).toBe(
      "RefusedByDatabase 22P02",
    );
  });

  adversarial("that take too long are cut off, and the next one is answered", async () => {
    const endless: readonly string[] = [
      `select count(*) from ${Array.from({ length: 30 }, (_, at) => `units u${at}`).join(", ")}`,
      "with recursive t(n) as (select 1 union all select n from t) select count(*) from t",
    ];

    const engine = engineOf(open(), channelId);
    for (const text of endless) {
      expect(await engine.ask({ text, limits: { timeMsMax: 200 } })).toMatchObject({
        reason: { code: "AnswerTooLate" },
      });
      // What is in memory is gone with its process, and derived again.
      expect(await engine.ask({ text: "select count(*) from units" })).toMatchObject({
        value: { rows: [[3n]] },
      });
    }
  });
}

describe("a server where we are not the superuser", () => {
  integration("derives and answers with an account that may make schemas and roles", async () => {
    await databases
      .open("postgres")
      .transaction([
        { text: "create role modest login createrole" },
        { text: "grant create on database postgres to modest" },
      ]);
    const url = new URL(databases.server().url);
    url.username = "modest";
    const sql = await openPostgres({ url });
    const log = createMemoryLog(channelOf(0xc5), [payloadOf([unitChange("insert", "one", 1n)])]);
    const engine = new DerivationEngine({ sql, log, reducer: countingReducer() });
    try {
      expect(await engine.advance()).toEqual({ messages: 1, stop: undefined });
      expect(await engine.ask({ text: "select points from units" })).toMatchObject({
        value: { rows: [[1n]] },
      });
      expect(await engine.rebuild()).toEqual({ messages: 1, stop: undefined });
    } finally {
      await sql.close();
    }
  });
});
