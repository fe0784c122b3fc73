/** The process of an embedded database: PGlite, which is PostgreSQL compiled to WASM, for one node. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { NodeError } from "../primitives/node-error.ts";
import { takeFileLock } from "./file-lock.ts";
import type { PgliteReply, PgliteRequest, PgliteStart, PgliteStatement } from "./pglite-message.ts";
import { LIST_TYPES, type PostgresAnswer, TYPES } from "./postgres-values.ts";

/** Values pass as text, both ways. */
const AS_TEXT: Readonly<Record<number, (value: string) => string>> = Object.fromEntries(
  [...TYPES, ...LIST_TYPES].map((type) => [type, (value: string) => value]),
);

/** SQLSTATE `disk_full`. */
const DISK_FULL = "53100";

/**
 * 64 MiB of free space before a transaction: PGlite never comes back from a commit that finds no room for the next
 * file of its own log, which has 16 MiB.
 */
const ROOM_BYTES: number = 2 ** 26;

/** Thrown to undo a transaction whose rows were not what they were. */
class ChangedOtherwise extends Error {
  readonly reply: PgliteReply;

  constructor(wanted: number, changed: number) {
    super("other rows were changed");
    this.reply = { type: "Changed", wanted, changed };
  }
}

let database: PGlite | undefined;
/** Undefined for a database in memory. */
let diskFolder: string | undefined;

process.on("message", (request: PgliteRequest) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (thrown) => process.send?.(replyOf(thrown)),
  );
});

// Whoever asks has gone. A statement that runs is ended by the guard.
process.on("disconnect", () => process.exit(0));
new Worker(new URL("./pglite-guard.ts", import.meta.url).href);

async function answer(request: PgliteRequest): Promise<PgliteReply> {
  if (request.type === "Transaction") return run(database, request.statements);
  database = await start(request.start);
  return { type: "Started" };
}

async function run(
  opened: PGlite | undefined,
  statements: readonly PgliteStatement[],
): Promise<PgliteReply> {
  if (opened === undefined) throw new Error("a database is started before it is used");
  if (!hasRoom()) return { type: "Failed", state: DISK_FULL, said: "the disk has no room left" };
  const answers = await opened.transaction(async (session) => {
    const answered: PostgresAnswer[] = [];
    for (const statement of statements) answered.push(await ask(session, statement));
    return answered;
  });
  return { type: "Answers", answers };
}

function hasRoom(): boolean {
  if (diskFolder === undefined) return true;
  const { bavail, bsize } = statfsSync(diskFolder);
  return bavail * bsize >= ROOM_BYTES;
}

async function ask(
  session: Pick<PGlite, "query">,
  { changes, parameters, text }: PgliteStatement,
): Promise<PostgresAnswer> {
  const options = { rowMode: "array", parsers: AS_TEXT, serializers: AS_TEXT } as const;
  const found = await session.query<(string | null)[]>(text, [...parameters], options);
  const changed = found.affectedRows ?? 0;
  if (changes !== undefined && changes !== changed) throw new ChangedOtherwise(changes, changed);
  const columns = found.fields.map(({ dataTypeID, name }) => ({ name, type: dataTypeID }));
  return { columns, rows: found.rows, changed };
}

async function start({ folder, prepared }: PgliteStart): Promise<PGlite> {
  if (folder === undefined) return open({}, prepared);
  mkdirSync(folder, { recursive: true });
  diskFolder = folder;
  takeFileLock(join(folder, "lock"));
  const dataDir = join(folder, "database");
  return existsSync(join(dataDir, "PG_VERSION"))
    ? PGlite.create(dataDir)
    : open({ dataDir }, prepared);
}

/** A new database. To unpack one that was set up before takes a fraction of the time that setting it up takes. */
async function open(
  place: { readonly dataDir?: string },
  prepared: string | undefined,
): Promise<PGlite> {
  if (prepared === undefined) return PGlite.create(place);
  if (existsSync(prepared)) {
    return PGlite.create({ ...place, loadDataDir: new Blob([readFileSync(prepared)]) });
  }
  const created = await PGlite.create(place);
  const packed = await created.dumpDataDir("gzip");
  mkdirSync(dirname(prepared), { recursive: true });
  const unfinished = `${prepared}.${process.pid}`;
  writeFileSync(unfinished, new Uint8Array(await packed.arrayBuffer()));
  renameSync(unfinished, prepared);
  return created;
}

function replyOf(thrown: unknown): PgliteReply {
  if (thrown instanceof ChangedOtherwise) return thrown.reply;
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof NodeError && thrown.code === "LogInUse") return { type: "InUse", said };
  const state = thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
  return { type: "Failed", state, said };
}
