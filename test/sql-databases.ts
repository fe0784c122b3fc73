/** Both databases behind the `Sql` door, for tests that must hold on each: started once for a file. */
import { afterAll, beforeAll } from "bun:test";
import { openPostgres } from "../src/adapters/postgres.ts";
import type { Sql } from "../src/ports/sql.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { openEmbedded } from "./embedded-database.ts";
import { PostgresServer } from "./postgres/postgres-server.ts";

/** Their names, as tests show them. */
export type DatabaseName = "pglite" | "postgres";

/** What tests get of them, once they run. */
export type SqlDatabases = {
  readonly names: readonly DatabaseName[];
  readonly open: (name: DatabaseName) => Sql;
  readonly server: () => PostgresServer;
};

/** Starts both before the tests of a file, and ends them afterwards. */
export function useSqlDatabases(): SqlDatabases {
  let server: PostgresServer | undefined;
  const opened = new Map<DatabaseName, Sql>();

  beforeAll(async () => {
    const embedded = openEmbedded();
    server = await PostgresServer.start();
    opened.set("postgres", await openPostgres({ url: new URL(server.url) }));
    opened.set("pglite", await embedded);
  }, 60_000);

  afterAll(async () => {
    for (const sql of opened.values()) await sql.close();
    await server?.stop();
  });

  return {
    names: ["pglite", "postgres"],
    open: (name) => assertDefined(opened.get(name), "a database that runs"),
    server: () => assertDefined(server, "a server that runs"),
  };
}
