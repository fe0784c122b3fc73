/** A log that a command reads: a private copy of a directory, open until the command is done. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openArchiveFolder } from "../adapters/file-archive-folder.ts";
import type { NodeEvent } from "../events/event.ts";
import { nodeCodec } from "../events/node-codec.ts";
import type { ArchiveFolder } from "../ports/archive-folder.ts";
import { AssertionError } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import { withArchives } from "../store/archived-store.ts";
import { EventStore } from "../store/event-store.ts";
import { openLogCopy } from "./log-directory-copy.ts";

/** The directory of a log, and the folder of its archives if they are elsewhere. */
export type NamedLog = { readonly directory: string; readonly archives?: string | undefined };

/** What a reader needs of the terminal. */
type Terminal = {
  readonly err: (text: string) => void;
  readonly progress: (text: string) => void;
  readonly onEnd: (cleanUp: () => Promise<unknown>) => () => void;
};

/** The three doors of a copy. What left the log for archives is read as if it had not. */
export type LogCopy = Awaited<ReturnType<typeof openLogCopy>>;

/** The folder of a log's archives, inside its directory, as long as nobody moves them. */
const ARCHIVES = "archives";

/** Where the archives of a log are: in its directory, or where somebody put them. */
export function archivesOf(directory: string, movedTo?: string): ArchiveFolder {
  return openArchiveFolder(movedTo ?? join(directory, ARCHIVES));
}

/**
 * Lets `use` read a copy of the log in `directory`. The copy is gone afterwards, however the program ends.
 * Throws what `openLogCopy` throws.
 */
export async function withLogCopy<Answer>(
  { archives, directory }: NamedLog,
  terminal: Terminal,
  use: (copy: LogCopy) => Promise<Answer>,
): Promise<Answer> {
  if (archives !== undefined && !existsSync(archives)) throw noArchives(archives);
  terminal.progress(`copying ${directory} ...`);
  const copy = await openLogCopy(directory);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= copy.close();
    return closing;
  };
  const forget = terminal.onEnd(close);
  try {
    const folder = archivesOf(copy.directory, archives);
    return await use({ ...copy, keyValue: withArchives(copy.keyValue, folder) });
  } finally {
    forget();
    await close();
    terminal.progress("");
  }
}

/** Lets `use` read the events of the log in `directory`. Throws `NodeError`, `LogDamaged` among others. */
export function withLog<Answer>(
  log: NamedLog,
  terminal: Terminal,
  use: (store: EventStore<NodeEvent>, copy: LogCopy) => Promise<Answer>,
): Promise<Answer> {
  return withLogCopy(log, terminal, async (copy) => {
    terminal.progress(`opening ${log.directory} ...`);
    const store = await EventStore.open({ disk: copy, codec: nodeCodec });
    terminal.progress("");
    return use(store, copy);
  }).catch((error: unknown) => {
    if (error instanceof AssertionError) throw unfoldable(log.directory, error);
    throw isDamage(error) ? unreadable(log.directory, error) : error;
  });
}

/** Whoever names a folder that is not there has mistyped it, and would hear of it late or never. */
function noArchives(folder: string): NodeError {
  const message = `${folder} is no folder of archives: there is nothing`;
  return new NodeError("ArchiveMissing", message, { data: { path: folder } });
}

function isDamage(error: unknown): error is NodeError {
  return error instanceof NodeError && error.code === "LogDamaged";
}

function unreadable(directory: string, cause: NodeError): NodeError {
  const message = `${directory} cannot be read: ${cause.message}; "log verify" tells what is wrong, and what to do`;
  return new NodeError("LogDamaged", message, { cause, data: cause.data });
}

/** What a log with right hashes says need not be possible. */
function unfoldable(directory: string, cause: AssertionError): NodeError {
  const message = `the events of ${directory} contradict each other (${cause.message}); "log verify" tells where`;
  return new NodeError("LogDamaged", message, { cause });
}
