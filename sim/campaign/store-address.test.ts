/** Tests of where the database of a queue is. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { parseDatabaseUrl, placeName } from "./store-address.ts";

describe("the address of a database", () => {
  unit("names its host and its database, and not its password", () => {
    const url = parseDatabaseUrl("postgres://me:secret@db.example:6543/fuzz?sslmode=require");

    expect(url?.hostname).toBe("db.example");
    if (url === undefined) return;
    expect(placeName({ type: "Server", url })).toBe("the database fuzz at db.example:6543");
  });

  unit("has the port of PostgreSQL when it says none", () => {
    const url = parseDatabaseUrl("postgresql://db.example");

    if (url === undefined) throw new Error("it is one");
    expect(placeName({ type: "Server", url })).toBe("the database of its user at db.example:5432");
  });

  adversarial("is none without a host, or of another kind", () => {
    for (const text of ["", "db", "db:5432", "postgres://", "http://db/x", "mysql://db/x"]) {
      expect(parseDatabaseUrl(text)).toBeUndefined();
    }
  });
});
