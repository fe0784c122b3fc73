/** What every database behind the `Sql` door must do alike. */
import { expect } from "bun:test";
import type { Sql, SqlBounds, SqlStatement, SqlValue } from "../src/ports/sql.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import { adversarial, unit } from "./kind.ts";

const READER = "port_reader";

const BOUNDS: SqlBounds = { role: READER, schema: "port", timeMs: 10_000 };

/** How a promise failed: the code, and the SQLSTATE where there is one. */
export async function failureOf(run: Promise<unknown>): Promise<string> {
  const thrown = await run.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (!(thrown instanceof NodeError)) return String(thrown);
  return [thrown.code, thrown.data["state"]].filter((part) => part !== undefined).join(" ");
}

async function ask(
  sql: Sql,
  text: string,
  parameters: SqlStatement["parameters"] = [],
): Promise<readonly (readonly SqlValue[])[]> {
  const [answer] = await sql.transaction([{ text, parameters }]);
  return answer?.rows ?? [];
}

/** Makes what the tests use, once for each database. */
export async function prepareSql(sql: Sql): Promise<void> {
  await sql.transaction([
    { text: `create role ${READER}` },
    { text: "create schema port" },
    { text: "create schema other" },
    { text: "create table port.seen (at int primary key)" },
    { text: "insert into port.seen values (1), (2)" },
    { text: "create table other.hidden (at int primary key)" },
    { text: `grant usage on schema port to ${READER}` },
    { text: `grant select on port.seen to ${READER}` },
  ]);
}

/** Declares the tests, on a database that `prepareSql` has prepared. */
export function testSql(database: () => Sql): void {
  testValues(database);
  testTransactions(database);
  testReading(database);
}

function testValues(database: () => Sql): void {
  unit("values of every type come as they went, alone and in lists", async () => {
    const values: readonly (readonly [type: string, values: readonly SqlValue[]])[] = [
      ["bigint", [0n, -1n, 2n ** 63n - 1n, null]],
      ["numeric(20,0)", [0n, 2n ** 64n - 1n, null]],
      ["numeric(78,0)", [2n ** 256n - 1n, null]],
      ["int", [0, -2_147_483_648, null]],
      ["float8", [0.1, -1e300, null]],
      ["boolean", [true, false, null]],
      ["text", ["", "NULL", 'a"b\\c,{d}', "é\n\u{1f600}", "\\x00", null]],
      ["bytea", [new Uint8Array(), Uint8Array.of(0, 255, 92, 34), null]],
    ];

    for (const [type, list] of values) {
      const rows = await ask(database(), `select * from unnest($1::${type}[])`, [list]);
      expect(rows.map(([value]) => value)).toEqual([...list]);
      for (const value of list) {
        expect(await ask(database(), `select $1::${type}`, [value])).toEqual([[value]]);
      }
    }
  });

  unit("a numeric with a fraction is text, and columns of one name stay apart", async () => {
    const [answer] = await database().transaction([{ text: "select 2.50 as a, 1 as a, 'x' as b" }]);

    expect(answer).toEqual({ columns: ["a", "a", "b"], rows: [["2.50", 1, "x"]], changed: 0 });
  });

  unit("a type that the door does not carry is refused", async () => {
    expect(await failureOf(ask(database(), "select now()"))).toBe("DatabaseRefused 42846");
    expect(await ask(database(), "select 1::oid::text")).toEqual([["1"]]);
  });
}

function testTransactions(database: () => Sql): void {
  unit("statements run in order, and tell how many rows they changed", async () => {
    const answers = await database().transaction([
      { text: "create table port.counted (at int primary key)" },
      { text: "insert into port.counted select generate_series(1, 5)", changes: 5 },
      { text: "update port.counted set at = -at where at > $1", parameters: [2], changes: 3 },
      { text: "delete from port.counted where at < 0 returning at" },
      { text: "select count(*) from port.counted" },
    ]);

    expect(answers.map(({ changed }) => changed)).toEqual([0, 5, 3, 3, 0]);
    expect(answers[3]?.rows).toHaveLength(3);
    expect(answers[4]?.rows).toEqual([[2n]]);
  });

  unit("a statement that fails undoes all before it", async () => {
    const failed = database().transaction([
      { text: "insert into port.seen values (3)" },
      { text: "insert into port.seen values (1)" },
    ]);

    expect(await failureOf(failed)).toBe("DatabaseRefused 23505");
    expect(await ask(database(), "select count(*) from port.seen")).toEqual([[2n]]);
  });

  unit("a statement that changes other rows than it says undoes all", async () => {
    const failed = database().transaction([
      { text: "insert into port.seen values (3)" },
      { text: "delete from port.seen where at = 4", changes: 1 },
    ]);

    expect(await failureOf(failed)).toBe("DatabaseChanged");
    expect(await ask(database(), "select count(*) from port.seen")).toEqual([[2n]]);
  });

  unit("a database without room says so, whatever it was asked", async () => {
    const full = "do $$ begin raise exception 'no room' using errcode = '53100'; end $$";

    expect(await failureOf(ask(database(), full))).toBe("DatabaseFull 53100");
    expect(await failureOf(ask(database(), "select"))).toBe("nothing was thrown");
    expect(await failureOf(ask(database(), "select 1; select 2", [1]))).toBe(
      "DatabaseRefused 42601",
    );
  });
}

function testReading(database: () => Sql): void {
  const read = (text: string, bounds: Partial<SqlBounds> = {}): Promise<string> =>
    failureOf(database().read({ text }, { ...BOUNDS, ...bounds }));

  unit("a question is answered with the schema of its bounds", async () => {
    const question = { text: "select at from seen where at > $1", parameters: [1] };
    const answer = await database().read(question, BOUNDS);

    expect(answer).toEqual({ columns: ["at"], rows: [[2]], changed: 0 });
  });

  adversarial("a question changes nothing, and sees only what its role may see", async () => {
    expect(await read("insert into seen values (9)")).toBe("DatabaseRefused 25006");
    expect(await read("create temporary table t (a int)")).toBe("DatabaseRefused 25006");
    expect(await read("set transaction read write")).toBe("DatabaseRefused 25001");
    expect(await read("select * from other.hidden")).toBe("DatabaseRefused 42501");
    expect(await read("copy seen to '/tmp/copied'")).toBe("DatabaseRefused 42501");
    expect(await read("select pg_read_file('/etc/passwd')")).toBe("DatabaseRefused 42501");
  });

  adversarial("a question that takes too long is cut off, and the next one answered", async () => {
    const endless =
      "select count(*) from generate_series(1, 1000000) a, generate_series(1, 1000000) b";

    expect(await read(endless, { timeMs: 200 })).toStartWith("DatabaseTimeout");
    expect(await read("select 1", { role: READER })).not.toStartWith("DatabaseAway");
  });

  unit("bounds end with their question", async () => {
    await database().read({ text: "select 1" }, BOUNDS);

    expect(await ask(database(), "select count(*) from other.hidden")).toEqual([[0n]]);
  });
}
