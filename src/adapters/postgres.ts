/** The `Sql` of a PostgreSQL server, through the client that Bun brings. */
import type { Sql, SqlAnswer, SqlStatement } from "../ports/sql.ts";
import { NodeError } from "../primitives/node-error.ts";
import { boundsOf } from "./postgres-bounds.ts";
import { changedError, postgresError } from "./postgres-error.ts";
import { answerOf, type PostgresAnswer, textsOf } from "./postgres-values.ts";

/** Longest wait for a connection, in seconds: who names a place that nobody answers hears of it soon. */
const CONNECT_TIMEOUT_SEC = 5;

/** Connections of one node: one derives, the others answer questions. */
const CONNECTIONS_MAX = 4;

/** Milliseconds beyond its own limit that a question may take to come back, before we say that nobody answers. */
const GRACE_MS = 5_000;

/** Where the server is: `postgres://user:password@host:port/database`. */
export type PostgresOptions = { readonly url: URL };

/**
 * Connects to a server and asks it once. Throws `NodeError`: `DatabaseAway` when nobody answers,
 * `DatabaseRefused` when the account or the database is not there, or its texts are not UTF-8.
 * After a server came back, the next call connects again.
 */
export async function openPostgres({ url }: PostgresOptions): Promise<Sql> {
  const postgres = new Postgres(url);
  try {
    await postgres.proveEncoding();
  } catch (error) {
    await postgres.close();
    throw error;
  }
  return {
    transaction: (statements) => postgres.transaction(statements),
    read: (question, bounds) => postgres.read([...boundsOf(bounds), question], bounds.timeMs),
    close: () => postgres.close(),
  };
}

/** The part of a transaction of Bun that is used here. */
type Session = Pick<Bun.SQL, "unsafe">;

/** What Bun gives for a question whose values are left as the server wrote them. */
type RawRows = readonly (readonly (Uint8Array | null)[])[] & {
  readonly columns?: readonly { readonly name: string; readonly type: number }[];
  readonly count: number | null;
  readonly command: string;
};

const decoder = new TextDecoder();

class Postgres {
  readonly #url: URL;
  readonly #name: string;
  #client: Bun.SQL;

  constructor(url: URL) {
    this.#url = url;
    // Without the password.
    this.#name = `the database ${url.pathname.slice(1) || "of its user"} at ${url.host}`;
    this.#client = connect(url);
  }

  async proveEncoding(): Promise<void> {
    const [answer] = await this.transaction([{ text: "select getdatabaseencoding()::text" }]);
    const encoding = answer?.rows[0]?.[0];
    if (encoding === "UTF8") return;
    const message = `${this.#name} keeps text as ${encoding}: create one with the encoding UTF8`;
    throw new NodeError("DatabaseRefused", message);
  }

  /** All statements go out at once: the answers are waited for together. */
  async transaction(statements: readonly SqlStatement[]): Promise<readonly SqlAnswer[]> {
    try {
      return await this.#client.begin((session) =>
        Promise.all(statements.map((statement) => this.#run(session, statement))),
      );
    } catch (thrown) {
      throw this.#errorOf(thrown);
    }
  }

  /** The last statement is the question. */
  async read(statements: readonly SqlStatement[], timeMs: number): Promise<SqlAnswer> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(postgresError(this.#name, { said: "no answer in time", state: undefined }));
      this.#connectAnew();
    }, timeMs + GRACE_MS);
    try {
      const answers = await Promise.race([this.transaction(statements), late]);
      return answers.at(-1) ?? { columns: [], rows: [], changed: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    return this.#client.close({ timeout: 0 });
  }

  async #run(session: Session, statement: SqlStatement): Promise<SqlAnswer> {
    const raw: RawRows = await session.unsafe(statement.text, [...textsOf(statement)]).raw();
    const answer = answerOf(asAnswer(raw));
    const { changes } = statement;
    if (changes === undefined || changes === answer.changed) return answer;
    throw changedError(this.#name, changes, answer.changed);
  }

  #connectAnew(): void {
    const old = this.#client;
    this.#client = connect(this.#url);
    old.close({ timeout: 0 }).catch(() => undefined);
  }

  #errorOf(thrown: unknown): NodeError {
    if (thrown instanceof NodeError) return thrown;
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    return postgresError(this.#name, { cause: thrown, said, state: stateOf(thrown) });
  }
}

function connect(url: URL): Bun.SQL {
  return new Bun.SQL(url.href, {
    max: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_TIMEOUT_SEC,
    // Statements without names also work through a pool that changes the session under us.
    prepare: false,
    connection: { bytea_output: "hex" },
  });
}

function asAnswer(raw: RawRows): PostgresAnswer {
  return {
    columns: raw.columns ?? [],
    rows: raw.map((row) => row.map((value) => (value === null ? null : decoder.decode(value)))),
    changed: /^(?:INSERT|UPDATE|DELETE|MERGE)/.test(raw.command) ? (raw.count ?? 0) : 0,
  };
}

/** The SQLSTATE that the server reported; undefined for what Bun itself found, such as a broken connection. */
function stateOf(thrown: unknown): string | undefined {
  const state: unknown = thrown instanceof Error && "errno" in thrown ? thrown.errno : undefined;
  return typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) ? state : undefined;
}
