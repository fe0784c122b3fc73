/**
 * Keeps the tables of one channel in SQL at the end of its message log. The tables are a projection: the log and the
 * reducer alone say what is in them, and a database that is away, full or lost costs time and nothing else.
 */
import type { Sql } from "../ports/sql.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { NodeError, type NodeErrorCode } from "../primitives/node-error.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import {
  applyReduced,
  type BeginRejection,
  beginDerivation,
  type DerivedState,
  deriveUntil,
  type LogPlace,
  type MessageRejection,
  openSource,
  type Reduced,
  reduceMessages,
  reduceUntil,
  resumeDerivation,
  snapshotOf,
} from "./derived-state.ts";
import { openPastTables, type PastTables } from "./past-tables.ts";
import type { MessageLog, RowSource, RowSourceOpener } from "./row-source.ts";
import {
  type AskedAnswer,
  askTables,
  isWithoutTables,
  type Question,
  type QuestionRejection,
} from "./sql/ask-tables.ts";
import type { TablesPosition } from "./sql/channel-schema.ts";
import { RowTables } from "./sql/row-tables.ts";
import type { SnapshotPlace } from "./sql/snapshot-statements.ts";
import { tablesHash } from "./sql/sql-tables.ts";
import { type NewSnapshot, TablesStore, type WrittenTables } from "./sql/tables-store.ts";

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

/** The log ends before the place that was asked for. */
export type LogTooShort = { readonly code: "LogTooShort"; readonly messages: number };

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

/** 1,000 messages: to reduce them again takes a millisecond or a few. */
const SNAPSHOT_MESSAGES = 1_000;

/**
 * A snapshot may take this many bytes for each message since the one before: a third of what a row takes on its way
 * to a database. With one page of memory, 64 KiB, that is one every 2,048 messages.
 */
const SNAPSHOT_BYTES_PER_MESSAGE = 32;

/** Changes for each row that a snapshot with rows holds, at least: writing it then costs half as much as they did. */
const CHANGES_PER_ROW = 2;

/** Failures by which a database shows that it is not as we left it. */
const OUTDATED: readonly NodeErrorCode[] = ["DatabaseChanged", "DatabaseRefused"];

/** The tables of one channel. One engine writes them at a time; a second one finds that they have changed. */
export class DerivationEngine {
  readonly #parts: DerivationParts;
  readonly #store: TablesStore;
  readonly #batchMessages: number;
  readonly #snapshotMessages: number;
  /** Undefined until it was read, and again when it is not certain any more. */
  #state: DerivedState | undefined;
  #written: WrittenTables | undefined;
  /** A log only grows, so that what it refused once it refuses again. */
  #rejection: MessageRejection | undefined;
  #changesSinceRows = 0;
  #snapshotBytes = 0;
  /** Settles when the calls so far are done. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: DerivationParts, options: DerivationOptions = {}) {
    this.#parts = parts;
    this.#store = new TablesStore(parts.sql, parts.log.channelId);
    this.#batchMessages = options.batchMessages ?? BATCH_MESSAGES;
    this.#snapshotMessages = options.snapshotMessages ?? SNAPSHOT_MESSAGES;
    assert(this.#batchMessages > 0, "a batch has messages");
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
    const { readerName, schemaName } = this.#store;
    const place = { schema: schemaName, role: readerName };
    const answer = await askTables(this.#parts.sql, place, question);
    if (answer.ok || !isWithoutTables(answer.reason)) return answer;
    await this.#inTurn(() => this.#reported(() => this.#reload()));
    return askTables(this.#parts.sql, place, question);
  }

  /**
   * The tables as they were after so many messages, beside those of now, until they are closed. Refused when the
   * log does not reach there. Throws `NodeError` when the database fails.
   */
  async at(messages: number): Promise<Result<PastTables, DerivationStop | LogTooShort>> {
    const begun = await this.#stateBefore(messages);
    if (!begun.ok) return begun;
    const state = begun.value;
    const { log, sql } = this.#parts;
    const { rejection } = await deriveUntil(state, log, messages);
    if (rejection !== undefined) return reject(rejection);
    if (state.messages < messages) return reject({ code: "LogTooShort", messages: state.messages });
    return accept(await openPastTables(sql, log.channelId, state));
  }

  /** What was remembered may be old: somebody else wrote, or the database lost what it had. Then it is read again. */
  async #advanceOrReload(): Promise<DerivationStop | undefined> {
    const remembers = this.#state !== undefined;
    try {
      return await this.#advance();
    } catch (error) {
      if (!remembers || !(error instanceof NodeError) || !OUTDATED.includes(error.code))
        throw error;
      return this.#reload();
    }
  }

  #reload(): Promise<DerivationStop | undefined> {
    this.#state = undefined;
    this.#rejection = undefined;
    return this.#advance();
  }

  async #advance(): Promise<DerivationStop | undefined> {
    const stop = this.#rejection ?? (this.#state === undefined ? await this.#load() : undefined);
    if (stop !== undefined) return stop;
    const state = assertDefined(this.#state, "what was loaded");
    for (;;) {
      const read = await this.#parts.log.read(state.messages, this.#batchMessages);
      if (read.length === 0) return undefined;
      const reduced = reduceMessages(state, read);
      await this.#learn(state, reduced);
      const { isSpent, rejection } = applyReduced(state, read, reduced);
      // Rows that somebody else changed refuse what the log's own rows may allow: only the beginning tells.
      if (isSpent && !state.tables.isWhole) return this.#rebuild();
      await this.#write(state, isSpent);
      if (rejection !== undefined) return this.#stopAt(rejection);
    }
  }

  /** After a restart, asks the tables for the rows that changes speak of: all of them would take long. */
  async #learn({ tables }: DerivedState, { changes }: Reduced): Promise<void> {
    const unknown = tables.unknownKeys(changes.flat());
    if (unknown.length === 0) return;
    const { position } = assertDefined(this.#written, "what is written");
    await this.#store.teach(tables, unknown, position);
  }

  /** From here on the state may be spent. Nobody goes on from it. */
  #stopAt(rejection: MessageRejection): MessageRejection {
    this.#rejection = rejection;
    return rejection;
  }

  /** Gets the state where the tables are; makes them where there are none. */
  async #load(): Promise<DerivationStop | undefined> {
    const written = await this.#store.written();
    if (written === "none") return this.#rebuild();
    const opened = openSource(this.#parts.reducer);
    if (!opened.ok) return opened.reason;
    const source = opened.value;
    if (written === undefined || !this.#isOurs(written.position, source)) {
      return { code: "ProjectionMismatch" };
    }
    const { position, snapshots } = written;
    const tables = new RowTables(source.schema, false);
    const state = await this.#resumed(source, snapshots, position.messages, tables);
    const isThere = await reduceUntil(state, this.#parts.log, position.messages);
    if (!isThere || state.logHash !== position.logHash) return { code: "ProjectionMismatch" };
    this.#remember(state, written);
    return undefined;
  }

  #isOurs(position: TablesPosition, { schema }: RowSource): boolean {
    const { log, reducer } = this.#parts;
    return (
      position.channelId === log.channelId &&
      position.reducerId === reducer.id &&
      position.tablesHash === tablesHash(schema)
    );
  }

  /** A state with all its rows, at or before `messages`. */
  async #stateBefore(messages: number): Promise<Result<DerivedState, BeginRejection>> {
    const begun = beginDerivation(this.#parts.reducer);
    const written = await this.#store.written();
    if (!begun.ok || written === "none" || written === undefined) return begun;
    const { source } = begun.value;
    if (!this.#isOurs(written.position, source)) return begun;
    const withRows = written.snapshots.filter(({ hasRows }) => hasRows);
    const resumed = await this.#resumedFrom(source, withRows, messages);
    return resumed === undefined ? begun : accept(resumed);
  }

  /** A reducer at or before `messages`, with tables that hold what is there after them. */
  async #resumed(
    source: RowSource,
    snapshots: readonly SnapshotPlace[],
    messages: number,
    tables: RowTables,
  ): Promise<DerivedState> {
    const resumed = await this.#resumedFrom(source, snapshots, messages, tables);
    if (resumed !== undefined) return resumed;
    return { source, tables, tablesHash: tablesHash(source.schema), messages: 0, logHash: "0x" };
  }

  async #resumedFrom(
    source: RowSource,
    snapshots: readonly SnapshotPlace[],
    messages: number,
    tables?: RowTables,
  ): Promise<DerivedState | undefined> {
    const newest = snapshots
      .filter((snapshot) => snapshot.messages <= messages)
      .reduce<SnapshotPlace | undefined>(laterOf, undefined);
    if (newest === undefined) return undefined;
    const parts = await this.#store.snapshot(newest);
    const place = await this.#placeAt(newest.messages);
    return place && resumeDerivation(this.#parts.reducer, source, parts, place, tables);
  }

  async #placeAt(messages: number): Promise<LogPlace | undefined> {
    const [last] = await this.#parts.log.read(messages - 1, 1);
    return last && { messages, logHash: last.logHash };
  }

  async #rebuild(): Promise<DerivationStop | undefined> {
    this.#state = undefined;
    this.#rejection = undefined;
    const begun = beginDerivation(this.#parts.reducer);
    if (!begun.ok) return begun.reason;
    const state = begun.value;
    const { isSpent, rejection } = await deriveUntil(
      state,
      this.#parts.log,
      Number.MAX_SAFE_INTEGER,
    );
    const isLong = state.messages >= this.#snapshotMessages && !isSpent;
    const written = await this.#store.create(state.source.schema, {
      position: this.#positionOf(state),
      changes: state.tables.takeChanges(),
      snapshot: isLong ? this.#snapshotOf(state, false) : undefined,
    });
    this.#remember(state, written);
    return rejection === undefined ? undefined : this.#stopAt(rejection);
  }

  #remember(state: DerivedState, written: WrittenTables): void {
    this.#state = state;
    this.#written = written;
    this.#changesSinceRows = 0;
  }

  /** Writes what changed, and how far it is, or nothing of it. */
  async #write(state: DerivedState, isSpent: boolean): Promise<void> {
    const written = assertDefined(this.#written, "what is written");
    if (written.position.messages === state.messages) return;
    const changes = state.tables.takeChanges();
    for (const { deleted, inserted, updated } of changes) {
      this.#changesSinceRows += deleted.length + inserted.length + updated.length;
    }
    this.#written = await this.#store.write(written, {
      changes,
      position: this.#positionOf(state),
      // A reducer that has gone too far is no state to go on from.
      snapshot: isSpent ? undefined : this.#dueSnapshot(state, written),
    });
  }

  #dueSnapshot(state: DerivedState, { snapshots }: WrittenTables): NewSnapshot | undefined {
    const last = snapshots.reduce<SnapshotPlace | undefined>(laterOf, undefined);
    const since = state.messages - (last?.messages ?? 0);
    const isPaid = since * SNAPSHOT_BYTES_PER_MESSAGE >= this.#snapshotBytes;
    if (since < this.#snapshotMessages || !isPaid) return undefined;
    const { tables } = state;
    const hasRows = tables.isWhole && this.#changesSinceRows >= CHANGES_PER_ROW * tables.rowCount();
    if (hasRows) this.#changesSinceRows = 0;
    return this.#snapshotOf(state, hasRows);
  }

  #snapshotOf(state: DerivedState, hasRows: boolean): NewSnapshot {
    const parts = snapshotOf(state, hasRows);
    this.#snapshotBytes = parts[0]?.length ?? 0;
    return { messages: state.messages, hasRows: parts.length > 1, parts };
  }

  #positionOf({ logHash, messages, tablesHash: hash }: DerivedState): TablesPosition {
    const { log, reducer } = this.#parts;
    return { channelId: log.channelId, reducerId: reducer.id, tablesHash: hash, messages, logHash };
  }

  async #reported(run: () => Promise<DerivationStop | undefined>): Promise<DerivationReport> {
    let stop: DerivationStop | undefined;
    try {
      stop = await run();
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      // Whether the last transaction was done is not known: the tables are asked, next time.
      this.#state = undefined;
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

function laterOf(one: SnapshotPlace | undefined, other: SnapshotPlace): SnapshotPlace {
  return one === undefined || other.messages > one.messages ? other : one;
}
