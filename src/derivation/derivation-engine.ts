/**
 * Keeps the tables of one channel in SQL at the end of its message log. The tables are a projection: the log and the
 * reducer alone say what is in them, and a database that is away, full or lost costs time and nothing else.
 */
import type { Sql, SqlStatement } from "../ports/sql.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { NodeError, type NodeErrorCode } from "../primitives/node-error.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import {
  type BeginRejection,
  beginDerivation,
  type DerivedState,
  deriveMessages,
  deriveUntil,
  type MessageRejection,
  resumeDerivation,
  snapshotOf,
} from "./derived-state.ts";
import { openPastTables, type PastTables } from "./past-tables.ts";
import type { MessageLog, RowSourceOpener } from "./row-source.ts";
import {
  type AskedAnswer,
  askTables,
  isWithoutTables,
  type Question,
  type QuestionRejection,
} from "./sql/ask-tables.ts";
import {
  askForPosition,
  createOwnTables,
  createTables,
  insertPosition,
  movePosition,
  positionOf,
  readerNameOf,
  readPosition,
  schemaNameOf,
  type TablesPosition,
} from "./sql/channel-schema.ts";
import { rowStatements } from "./sql/row-statements.ts";
import {
  askForSnapshots,
  deleteSnapshots,
  droppedSnapshots,
  insertSnapshot,
  readSnapshot,
  snapshotParts,
  snapshotPlaces,
} from "./sql/snapshot-statements.ts";

/** Why the tables are not at the end of the log. */
export type DerivationStop =
  | BeginRejection
  | MessageRejection
  /** The tables were made by another reducer, from another log, or from more messages than there are: rebuild them. */
  | { readonly code: "ProjectionMismatch" }
  /** The database failed. What was written is whole; the next call goes on from there. */
  | { readonly code: "DatabaseFailed"; readonly error: NodeError };

/** How far the tables are. */
export type DerivationReport = {
  /** Messages that the tables hold, as far as is known. */
  readonly messages: number;
  /** Undefined when that is the whole log. */
  readonly stop: DerivationStop | undefined;
};

/** What an engine works with. */
export type DerivationParts = {
  readonly sql: Sql;
  readonly log: MessageLog;
  readonly reducer: RowSourceOpener;
};

/** How it works. The tables come out the same whatever is chosen. */
export type DerivationOptions = {
  /** Messages of one transaction, at most. */
  readonly batchMessages?: number;
  /** Messages between two snapshots, at least. */
  readonly snapshotMessages?: number;
};

/** 1,000 messages: larger batches are hardly faster, and one that fails is done again. */
const BATCH_MESSAGES = 1_000;

/** 1,000 messages: a snapshot costs a copy of the reducer's memory. */
const SNAPSHOT_MESSAGES = 1_000;

/**
 * A snapshot holds all rows, and is written when a sixteenth of them has changed: it then costs less than the changes
 * themselves, and where tables only grow it is at most a sixteenth of the log behind.
 */
const SNAPSHOT_ROWS_PER_CHANGE = 16;

/** Failures by which a database shows that it is not as we left it. */
const OUTDATED: readonly NodeErrorCode[] = ["DatabaseChanged", "DatabaseRefused"];

/** What is known to be written. */
type Written = {
  readonly position: TablesPosition;
  readonly snapshots: readonly number[];
};

/** The tables of one channel. One engine writes them at a time; a second one finds that they have changed. */
export class DerivationEngine {
  readonly #parts: DerivationParts;
  readonly #batchMessages: number;
  readonly #snapshotMessages: number;
  readonly #schemaName: string;
  readonly #readerName: string;
  /** Undefined until it was read, and again when it is not certain any more. */
  #state: DerivedState | undefined;
  #written: Written | undefined;
  #changesSinceSnapshot = 0;
  /** Settles when the calls so far are done. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: DerivationParts, options: DerivationOptions = {}) {
    this.#parts = parts;
    this.#batchMessages = options.batchMessages ?? BATCH_MESSAGES;
    this.#snapshotMessages = options.snapshotMessages ?? SNAPSHOT_MESSAGES;
    assert(this.#batchMessages > 0, "a batch has messages");
    this.#schemaName = schemaNameOf(parts.log.channelId);
    this.#readerName = readerNameOf(parts.log.channelId);
  }

  /** Takes what the log holds by now. Whatever fails is in the report; the next call tries again. */
  advance(): Promise<DerivationReport> {
    return this.#inTurn(() => this.#reported(() => this.#advanceOrReload()));
  }

  /** Makes the tables anew from the beginning of the log, in one transaction. */
  rebuild(): Promise<DerivationReport> {
    return this.#inTurn(() => this.#reported(() => this.#rebuild()));
  }

  /**
   * Answers a question about the tables as they are, and makes them first where there are none. Throws `NodeError`
   * when the database is away.
   */
  async ask(question: Question): Promise<Result<AskedAnswer, QuestionRejection>> {
    const place = { schema: this.#schemaName, role: this.#readerName };
    const answer = await askTables(this.#parts.sql, place, question);
    if (answer.ok || !isWithoutTables(answer.reason)) return answer;
    await this.advance();
    return askTables(this.#parts.sql, place, question);
  }

  /**
   * The tables as they were after so many messages, beside those of now, until they are closed. Refused when the
   * log does not reach there. Throws `NodeError` when the database fails.
   */
  async at(messages: number): Promise<Result<PastTables, DerivationStop | LogTooShort>> {
    const state = await this.#stateBefore(messages);
    if (!state.ok) return state;
    const { log, sql } = this.#parts;
    const { rejection } = await deriveUntil(state.value, log, messages);
    if (rejection !== undefined) return reject(rejection);
    if (state.value.messages < messages) {
      return reject({ code: "LogTooShort", messages: state.value.messages });
    }
    return accept(await openPastTables(sql, log.channelId, state.value));
  }

  /** What was remembered may be old: somebody else wrote, or the database lost what it had. Then it is read again. */
  async #advanceOrReload(): Promise<DerivationStop | undefined> {
    const remembers = this.#state !== undefined;
    try {
      return await this.#advance();
    } catch (error) {
      if (!remembers || !(error instanceof NodeError) || !OUTDATED.includes(error.code))
        throw error;
      this.#forget();
      return this.#advance();
    }
  }

  async #advance(): Promise<DerivationStop | undefined> {
    const loaded = await this.#load();
    if (loaded !== undefined) return loaded;
    for (;;) {
      // Undefined where the tables were made just now, up to a message that is refused.
      const state = this.#state;
      if (state === undefined) return undefined;
      const read = await this.#parts.log.read(state.messages, this.#batchMessages);
      if (read.length === 0) return undefined;
      const { isSpent, rejection } = deriveMessages(state, read);
      await this.#write(state, isSpent);
      if (isSpent) this.#forget();
      if (rejection !== undefined) return rejection;
    }
  }

  /** Learns where the tables are, and gets the state there; makes them where there are none. */
  async #load(): Promise<DerivationStop | undefined> {
    if (this.#state !== undefined) return undefined;
    const written = await this.#readWritten();
    if (written === "none") return this.#rebuild();
    if (written === "foreign") return { code: "ProjectionMismatch" };
    const state = await this.#resumed(written.snapshots, written.position.messages);
    if (!state.ok) return state.reason;
    const { rejection } = await deriveUntil(
      state.value,
      this.#parts.log,
      written.position.messages,
    );
    if (rejection !== undefined) return { code: "ProjectionMismatch" };
    if (!isAt(state.value, written.position)) return { code: "ProjectionMismatch" };
    // These changes are in the tables already.
    state.value.tables.takeChanges();
    this.#state = state.value;
    this.#written = written;
    this.#changesSinceSnapshot = 0;
    return undefined;
  }

  async #readWritten(): Promise<Written | "none" | "foreign"> {
    const { log, reducer, sql } = this.#parts;
    const [found] = await sql.transaction([askForPosition(this.#schemaName)]);
    if (found?.rows[0]?.[0] !== true) return "none";
    const [position, snapshots] = await sql.transaction([
      readPosition(this.#schemaName),
      askForSnapshots(this.#schemaName),
    ]);
    const read = positionOf(position);
    if (read === undefined || read.channelId !== log.channelId) return "foreign";
    if (read.reducerId !== reducer.id) return "foreign";
    return { position: read, snapshots: snapshotPlaces(snapshots) };
  }

  async #stateBefore(messages: number): Promise<Result<DerivedState, BeginRejection>> {
    const written = await this.#readWritten();
    const snapshots = typeof written === "string" ? [] : written.snapshots;
    return this.#resumed(snapshots, messages);
  }

  /** The state of the last snapshot that is not behind `messages`, or of the beginning. */
  async #resumed(
    snapshots: readonly number[],
    messages: number,
  ): Promise<Result<DerivedState, BeginRejection>> {
    const { log, reducer, sql } = this.#parts;
    const place = Math.max(0, ...snapshots.filter((found) => found <= messages));
    if (place > 0) {
      const [parts] = await sql.transaction([readSnapshot(this.#schemaName, place)]);
      const [last] = await log.read(place - 1, 1);
      const at = last === undefined ? undefined : { messages: place, logHash: last.logHash };
      const state = at && resumeDerivation(reducer, snapshotParts(parts), at);
      if (state !== undefined) return accept(state);
    }
    return beginDerivation(reducer);
  }

  async #rebuild(): Promise<DerivationStop | undefined> {
    this.#forget();
    const { log, reducer, sql } = this.#parts;
    const begun = beginDerivation(reducer);
    if (!begun.ok) return begun.reason;
    const state = begun.value;
    const { isSpent, rejection } = await deriveUntil(state, log, Number.MAX_SAFE_INTEGER);
    const position = this.#positionOf(state);
    const isKept = state.messages >= this.#snapshotMessages && !isSpent;
    await sql.transaction([
      ...createTables(this.#schemaName, this.#readerName, state.source.schema),
      ...createOwnTables(this.#schemaName),
      ...rowStatements(this.#schemaName, state.tables.takeChanges()),
      insertPosition(this.#schemaName, position),
      ...(isKept ? [insertSnapshot(this.#schemaName, state.messages, snapshotOf(state))] : []),
    ]);
    this.#written = { position, snapshots: isKept ? [state.messages] : [] };
    if (!isSpent) this.#state = state;
    return rejection;
  }

  /** Writes what changed, and how far it is, or nothing of it. */
  async #write(state: DerivedState, isSpent: boolean): Promise<void> {
    const { position, snapshots } = assertDefined(this.#written, "what is written");
    if (position.messages === state.messages) return;
    const changes = state.tables.takeChanges();
    for (const { deleted, inserted, updated } of changes) {
      this.#changesSinceSnapshot += deleted.length + inserted.length + updated.length;
    }
    const next = this.#positionOf(state);
    // A reducer that has gone too far is no state to go on from.
    const kept = isSpent ? { statements: [], snapshots } : this.#keepSnapshot(state, snapshots);
    await this.#parts.sql.transaction([
      // First: a second engine waits here, and then finds that it is behind.
      movePosition(this.#schemaName, position, next),
      ...rowStatements(this.#schemaName, changes),
      ...kept.statements,
    ]);
    this.#written = { position: next, snapshots: kept.snapshots };
  }

  /** A snapshot is due after enough messages, and enough changes for the rows that it holds. */
  #keepSnapshot(
    state: DerivedState,
    snapshots: readonly number[],
  ): { readonly statements: readonly SqlStatement[]; readonly snapshots: readonly number[] } {
    const since = state.messages - Math.max(0, ...snapshots);
    const paidRows = this.#changesSinceSnapshot * SNAPSHOT_ROWS_PER_CHANGE;
    const isDue = since >= this.#snapshotMessages && paidRows >= state.tables.rowCount();
    if (!isDue) return { statements: [], snapshots };
    this.#changesSinceSnapshot = 0;
    const places = [...snapshots, state.messages];
    const dropped = droppedSnapshots(places);
    return {
      statements: [
        insertSnapshot(this.#schemaName, state.messages, snapshotOf(state)),
        ...deleteSnapshots(this.#schemaName, dropped),
      ],
      snapshots: places.filter((place) => !dropped.includes(place)),
    };
  }

  #positionOf({ logHash, messages, tablesHash }: DerivedState): TablesPosition {
    const { log, reducer } = this.#parts;
    return { channelId: log.channelId, reducerId: reducer.id, tablesHash, messages, logHash };
  }

  #forget(): void {
    this.#state = undefined;
  }

  async #reported(run: () => Promise<DerivationStop | undefined>): Promise<DerivationReport> {
    let stop: DerivationStop | undefined;
    try {
      stop = await run();
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      // Whether the last transaction was done is not known: the tables are asked, next time.
      this.#forget();
      stop = { code: "DatabaseFailed", error };
    }
    return { messages: this.#written?.position.messages ?? 0, stop };
  }

  #inTurn<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(run);
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

/** The log ends before the place that was asked for. */
export type LogTooShort = { readonly code: "LogTooShort"; readonly messages: number };

function isAt(state: DerivedState, position: TablesPosition): boolean {
  return (
    state.messages === position.messages &&
    state.logHash === position.logHash &&
    state.tablesHash === position.tablesHash
  );
}
