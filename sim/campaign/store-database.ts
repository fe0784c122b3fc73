/** The database of a queue: PostgreSQL on a server, or the same compiled to WASM inside this process. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fromBunSql, fromPglite } from "pg-boss";
import { NodeError } from "../../src/primitives/node-error.ts";
import { realWorld } from "../real-world.ts";
import { type DatabasePlace, placeName } from "./store-address.ts";
import { lockFolder } from "./store-lock.ts";

/** Longest wait for a connection, in seconds: who types an address that nobody answers hears of it soon. */
const CONNECT_TIMEOUT_SEC = 5;

/** Connections of one process: the queue, its upkeep, results and signs of life wait for each other otherwise. */
const CONNECTIONS_MAX = 4;

/** Milliseconds between two attempts when the database is away. */
const RETRY_INTERVAL_MS = 250;

/**
 * Classes of SQLSTATE after which the same statement may succeed: a connection that broke, a conflict, no
 * room for one more client, and a server that is going down or coming up.
 * Source: PostgreSQL 18, appendix A.
 */
const PASSING_STATES: RegExp = /^(?:08|40|53|57P0)/;

/** What an error carries that ends our patience. */
const AWAY = { isAway: true } as const;

/** One row of an answer, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** An open database. */
export type Database = {
  /** For pg-boss, which brings statements of its own. */
  readonly door: ReturnType<typeof fromBunSql>;
  readonly isEmbedded: boolean;
  /** Its name for people. */
  readonly name: string;
  /**
   * Runs `attempt`, and again while the database is away, for as long as its patience lasts. Then throws
   * `NodeError` with `DatabaseFailed`. What is tried twice may have happened twice: it must not matter.
   */
  readonly insist: <Answer>(attempt: () => Promise<Answer>) => Promise<Answer>;
  /** One statement; `$1` is the first value. Insists. */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  readonly close: () => Promise<void>;
};

/** What is opened, and how long it may be away in the middle before we give up, in milliseconds. */
export type DatabaseOptions = { readonly place: DatabasePlace; readonly patienceMs: number };

/** Opens it, and asks it once. Throws `NodeError` with `DatabaseFailed` when that fails. */
export async function openDatabase({ patienceMs, place }: DatabaseOptions): Promise<Database> {
  const name = placeName(place);
  const { close, door } = place.type === "Server" ? openServer(place.url) : await openFolder(place);
  const patience: Patience = { patienceMs, name, isClosed: false };
  const insist: Database["insist"] = (attempt) => insistWith(patience, attempt);
  const closeOnce = (): Promise<void> => {
    patience.isClosed = true;
    return close();
  };
  try {
    await door.executeSql("select 1 as one", []);
  } catch (error) {
    await closeOnce();
    throw cannotOpen(name, error);
  }
  return {
    door,
    isEmbedded: place.type === "Embedded",
    name,
    insist,
    query: async (text, values = []) => {
      try {
        return await insist(async () => (await door.executeSql(text, [...values])).rows as Row[]);
      } catch (error) {
        throw refused(name, error);
      }
    },
    close: closeOnce,
  };
}

/** How long who is waited for. Whoever has closed a database waits for it no more. */
type Patience = { readonly patienceMs: number; readonly name: string; isClosed: boolean };

type Opened = Pick<Database, "close" | "door">;

function openServer(url: URL): Opened {
  const sql = new Bun.SQL(url.href, {
    max: CONNECTIONS_MAX,
    connectionTimeout: CONNECT_TIMEOUT_SEC,
    // Statements without names also work through a pool that changes the session under us.
    prepare: false,
  });
  return { door: fromBunSql(sql), close: () => sql.close({ timeout: 0 }) };
}

async function openFolder({ folder }: { readonly folder: string }): Promise<Opened> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotOpen(`the database in ${folder}`, error);
  }
  const unlock = lockFolder(folder);
  const { PGlite } = await import("@electric-sql/pglite");
  const database = await PGlite.create(join(folder, "database"));
  const close = async (): Promise<void> => {
    await database.close();
    unlock();
  };
  return { door: fromPglite(database), close };
}

async function insistWith<Answer>(
  patience: Patience,
  attempt: () => Promise<Answer>,
): Promise<Answer> {
  const startedMs = realWorld.performanceNow();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error) || patience.isClosed) throw error;
      const waitedMs = realWorld.performanceNow() - startedMs;
      if (waitedMs > patience.patienceMs) throw wentAway(patience.name, error);
      await pause(RETRY_INTERVAL_MS);
    }
  }
}

/** True for a failure of the connection, or one that the server calls passing. */
function mayPass(error: unknown): boolean {
  const code = codeOf(error);
  return PASSING_STATES.test(code) || /^ERR_POSTGRES_(?!SERVER_ERROR|SYNTAX)/.test(code);
}

/** Bun gives its own codes; of an error that the server reports, the SQLSTATE is elsewhere. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return String(code === "ERR_POSTGRES_SERVER_ERROR" ? errno : code);
}

function cannotOpen(name: string, cause: unknown): NodeError {
  const advice = "start it, or correct the address and the account";
  return failed(`cannot reach ${name} (${wordsOf(cause)}): ${advice}`, cause);
}

function wentAway(name: string, cause: unknown): NodeError {
  return failed(`${name} went away and did not come back (${wordsOf(cause)})`, cause, AWAY);
}

/** True for the end of our patience with a database that had been there. */
export function isAway(error: NodeError): boolean {
  return error.data === AWAY;
}

/** What the database answers with an error is told in its own words. */
export function refused(name: string, cause: unknown): NodeError {
  return cause instanceof NodeError ? cause : failed(`${name} refused: ${wordsOf(cause)}`, cause);
}

function failed(message: string, cause: unknown, data: NodeError["data"] = {}): NodeError {
  return new NodeError("DatabaseFailed", message, { cause, data });
}

function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}

/** Waits for that long, in milliseconds of the real world. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    realWorld.setTimeout(resolve, ms);
  });
}
