/** A PostgreSQL server does what every database behind the door does, and may go away and come back. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { crash, unit } from "../../test/kind.ts";
import { failureOf, prepareSql, testSql } from "../../test/ports-sql.ts";
import { PostgresServer } from "../../test/postgres/postgres-server.ts";
import type { Sql } from "../ports/sql.ts";
import { assertDefined } from "../primitives/assert.ts";
import { openPostgres } from "./postgres.ts";

let server: PostgresServer | undefined;
let sql: Sql | undefined;

beforeAll(async () => {
  server = await PostgresServer.start();
  sql = await openPostgres({ url: new URL(server.url) });
  await prepareSql(sql);
}, 60_000);

afterAll(async () => {
  await sql?.close();
  await server?.stop();
});

const database = (): Sql => assertDefined(sql, "the database of these tests");

describe("postgres", () => {
  testSql(database);

  crash("a server that ends is away, and is found again when it is back", async () => {
    const running = assertDefined(server, "the server of these tests");
    const slow = failureOf(database().transaction([{ text: "select pg_sleep(30)::text" }]));
    await Bun.sleep(100);
    await running.interrupt();

    expect(await slow).toBe("DatabaseAway");
    expect(await failureOf(database().transaction([{ text: "select 1" }]))).toBe("DatabaseAway");
    await running.resume();
    expect(await failureOf(database().transaction([{ text: "select 1" }]))).toBe(
      "nothing was thrown",
    );
  });

  unit("an account, a database or a server that is not there is told apart", async () => {
    const { url } = assertDefined(server, "the server of these tests");
    const noDatabase = new URL("/nowhere", url);
    const noServer = new URL("postgres://channels@127.0.0.1:1/postgres");

    expect(await failureOf(openPostgres({ url: noDatabase }))).toBe("DatabaseRefused 3D000");
    expect(await failureOf(openPostgres({ url: noServer }))).toBe("DatabaseAway");
  });

  unit("a database that does not keep text as UTF-8 is refused", async () => {
    const { url } = assertDefined(server, "the server of these tests");
    const maker = new Bun.SQL(url, { max: 1 });
    await maker.unsafe("create database latin encoding 'LATIN1' locale 'C' template template0");
    await maker.close();

    await expect(openPostgres({ url: new URL("/latin", url) })).rejects.toThrow("LATIN1");
  });
});
