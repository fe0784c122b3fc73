/**
 * The tables of all channels of a node, made and brought up to date when somebody asks. The log knows everything that
 * is in them: a database that is away costs the one who asks an answer, and the node nothing.
 */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { Hash } from "../../crypto/signature.ts";
import {
  DerivationEngine,
  type DerivationReport,
  type DerivationStop,
  type LogTooShort,
} from "../../derivation/derivation-engine.ts";
import { reducerOpener } from "../../derivation/reducer-opener.ts";
import type { AskedAnswer, Question, QuestionRejection } from "../../derivation/sql/ask-tables.ts";
import { checkQuestion } from "../../derivation/sql/question-check.ts";
import type { NodeSnapshots, TaggedLog } from "../../engine/reconstruction.ts";
import type { Sql } from "../../ports/sql.ts";
import { assert } from "../../primitives/assert.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { KnownModule } from "./known-modules.ts";
import { type MessagesBeginning, StoredMessages, type StoredRejection } from "./stored-messages.ts";

/** What the tables are made of. */
export type ChannelTablesParts = {
  readonly store: TaggedLog;
  readonly snapshots: NodeSnapshots;
  /** Opens the database. Throws `NodeError`; then it is tried again for the next question. */
  readonly openSql: () => Promise<Sql>;
  /** Undefined for a reducer that this node does not have. */
  readonly moduleOf: (reducerId: Hash) => KnownModule | undefined;
};

/** An answer, and of which moment it is. */
export type TablesAnswer = AskedAnswer & {
  /** Messages that the tables held. */
  readonly messages: number;
  /** Messages in the log. */
  readonly ofMessages: number;
};

/** Why there is no answer. */
export type TablesRejection =
  | StoredRejection
  | DerivationStop
  | LogTooShort
  | QuestionRejection
  /** This node does not have the module of the channel's reducer. */
  | { readonly code: "ReducerUnknown"; readonly reducerId: Hash };

/** Channels whose rows are kept in memory: the ones that were asked for last. The rest begins at its snapshots. */
const CHANNELS_KEPT = 32;

/** A channel that somebody has asked for. */
type Kept = {
  readonly messages: StoredMessages;
  /** Undefined until it can be made. */
  engine: DerivationEngine | undefined;
  /** Settles when the questions so far are answered. */
  last: Promise<unknown>;
};

/** One for a node. */
export class ChannelTables {
  readonly #parts: ChannelTablesParts;
  /** The one that was asked last stands at the end. */
  readonly #kept = new Map<ChannelId, Kept>();
  #sql: Promise<Sql> | undefined;
  #isClosed = false;

  constructor(parts: ChannelTablesParts) {
    this.#parts = parts;
  }

  /** Answers a question about the tables of a channel, as they are or as they were after `at` messages. */
  async ask(
    channelId: ChannelId,
    question: Question,
    at?: number,
  ): Promise<Result<TablesAnswer, TablesRejection>> {
    assert(!this.#isClosed, "a node that has ended is not asked");
    // What is no question wakes no database.
    const checked = checkQuestion(question.text, question.parameters?.length ?? 0);
    if (!checked.ok) return checked;
    const kept = this.#keep(channelId);
    const answer = kept.last.then(() => this.#answer(kept, question, at));
    kept.last = answer.catch(() => undefined);
    return answer;
  }

  /** Waits for the questions under way, and closes the database. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#kept.values()].map(({ last }) => last));
    const sql = await this.#sql?.catch(() => undefined);
    await sql?.close();
  }

  #keep(channelId: ChannelId): Kept {
    const { snapshots, store } = this.#parts;
    const messages = new StoredMessages(store, channelId, snapshots);
    const fresh = { messages, engine: undefined, last: Promise.resolve() };
    const kept = this.#kept.get(channelId) ?? fresh;
    this.#kept.delete(channelId);
    this.#kept.set(channelId, kept);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > CHANNELS_KEPT) this.#kept.delete(oldest);
    return kept;
  }

  async #answer(
    kept: Kept,
    question: Question,
    at: number | undefined,
  ): Promise<Result<TablesAnswer, TablesRejection>> {
    const { messages } = kept;
    const read = await messages.catchUp();
    if (!read.ok) {
      this.#kept.delete(messages.channelId);
      return read;
    }
    if (at !== undefined && at > messages.count) {
      return reject({ code: "LogTooShort", messages: messages.count });
    }
    try {
      const engine = await this.#engineOf(kept, read.value);
      if (!engine.ok) return engine;
      return at === undefined || at === messages.count
        ? await answerNow(engine.value, messages, question)
        : await answerThen(engine.value, messages, question, at);
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      return reject({ code: "DatabaseFailed", error });
    }
  }

  async #engineOf(
    kept: Kept,
    { init, reducerId }: MessagesBeginning,
  ): Promise<Result<DerivationEngine, TablesRejection>> {
    if (kept.engine !== undefined) return accept(kept.engine);
    const known = this.#parts.moduleOf(reducerId);
    if (known === undefined) return reject({ code: "ReducerUnknown", reducerId });
    const sql = await this.#database();
    const { log } = kept.messages;
    kept.engine = new DerivationEngine({ sql, log, reducer: reducerOpener(known.module, init) });
    return accept(kept.engine);
  }

  async #database(): Promise<Sql> {
    this.#sql ??= this.#parts.openSql();
    try {
      return await this.#sql;
    } catch (error) {
      this.#sql = undefined;
      throw error;
    }
  }
}

async function answerNow(
  engine: DerivationEngine,
  { count: ofMessages }: StoredMessages,
  question: Question,
): Promise<Result<TablesAnswer, TablesRejection>> {
  const { messages, stop } = await upToDate(engine);
  if (stop !== undefined) return reject(stop);
  const answer = await engine.ask(question);
  return answer.ok ? accept({ ...answer.value, messages, ofMessages }) : answer;
}

/** Tables of another log of this channel, such as one that was lost since, are made anew: nobody else owns them. */
async function upToDate(engine: DerivationEngine): Promise<DerivationReport> {
  const report = await engine.advance();
  return report.stop?.code === "ProjectionMismatch" ? engine.rebuild() : report;
}

async function answerThen(
  engine: DerivationEngine,
  { count: ofMessages }: StoredMessages,
  question: Question,
  messages: number,
): Promise<Result<TablesAnswer, TablesRejection>> {
  const past = await engine.at(messages);
  if (!past.ok) return past;
  try {
    const answer = await past.value.ask(question);
    return answer.ok ? accept({ ...answer.value, messages, ofMessages }) : answer;
  } finally {
    await past.value.close();
  }
}
