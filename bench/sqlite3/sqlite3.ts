/**
 * The package `sqlite3` for emmett, over the SQLite that is part of Bun. The real one is native code that a
 * script downloads or compiles when it is installed, and this repository runs no such scripts. What stands
 * in for it answers at once instead of by way of a thread, so it costs emmett less, not more.
 */
import { Database as BunDatabase, type SQLQueryBindings } from "bun:sqlite";

type Callback<Found> = (error: Error | null, found?: Found) => void;
type Bindings = readonly unknown[];
type Row = Readonly<Record<string, unknown>>;

/** As in SQLite: opening for reading and writing, creating, and a name that is a URI. */
const OPEN_READWRITE = 0x2;
const OPEN_CREATE = 0x4;
const OPEN_URI = 0x40;

/** An open database whose answers go to callbacks. */
class Database {
  readonly #database: BunDatabase;

  constructor(fileName: string) {
    this.#database = new BunDatabase(fileName, { create: true });
  }

  run(
    sql: string,
    ...rest: readonly [Bindings, Callback<never>] | readonly [Callback<never>?]
  ): this {
    const [bindings, callback] = parted(rest);
    answer(callback, () => {
      this.#database.query(sql).run(...bound(bindings));
      return undefined as never;
    });
    return this;
  }

  all(sql: string, bindings: Bindings, callback: Callback<readonly Row[]>): this {
    answer(callback, () =>
      this.#database.query<Row, SQLQueryBindings[]>(sql).all(...bound(bindings)),
    );
    return this;
  }

  get(sql: string, bindings: Bindings, callback: Callback<Row>): this {
    answer(
      callback,
      () => this.#database.query<Row, SQLQueryBindings[]>(sql).get(...bound(bindings)) ?? undefined,
    );
    return this;
  }

  close(): void {
    this.#database.close();
  }
}

/** The package binds any other object as its text, and emmett passes one. */
function bound(bindings: Bindings): SQLQueryBindings[] {
  const isOther = (value: unknown): boolean =>
    typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
  return bindings.map((value) => (isOther(value) ? String(value) : (value as SQLQueryBindings)));
}

function parted<Found>(
  rest: readonly [Bindings, Callback<Found>] | readonly [Callback<Found>?],
): readonly [Bindings, Callback<Found> | undefined] {
  return rest.length === 2 ? rest : [[], rest[0]];
}

function answer<Found>(callback: Callback<Found> | undefined, run: () => Found | undefined): void {
  let found: Found | undefined;
  try {
    found = run();
  } catch (error) {
    if (callback === undefined) throw error;
    callback(error as Error);
    return;
  }
  callback?.call(found, null, found);
}

// The one shape in which emmett imports it.
// biome-ignore lint/style/noDefaultExport: the package that this stands in for has one.
export default { Database, OPEN_READWRITE, OPEN_CREATE, OPEN_URI } as {
  readonly Database: typeof Database;
  readonly OPEN_READWRITE: number;
  readonly OPEN_CREATE: number;
  readonly OPEN_URI: number;
};
