/** The databases that `channels derive` asks: one in memory, or a PostgreSQL server that keeps the tables. */
import { InvalidArgumentError } from "commander";
import { openPostgres } from "../../adapters/postgres.ts";
import { DerivationEngine } from "../../derivation/derivation-engine.ts";
import { openPastTables } from "../../derivation/past-tables.ts";
import { reducerOpener } from "../../derivation/reducer-opener.ts";
import type { AskedAnswer, QuestionRejection } from "../../derivation/sql/ask-tables.ts";
import { schemaNameOf } from "../../derivation/sql/channel-schema.ts";
import { checkQuestion } from "../../derivation/sql/question-check.ts";
import type { Sql } from "../../ports/sql.ts";
import type { Result } from "../../primitives/result.ts";
import { derivationText, questionText } from "../derivation/derivation-text.ts";
import { openInMemory } from "../derivation/embedded-database.ts";
import { type CommandShell, EXIT, failure, wrongUsage } from "./command-shell.ts";
import type { Derivation } from "./derive-output.ts";

/** Tables that can be asked. */
export type AskableTables = {
  /** The schema that holds all messages from now on; undefined for tables that are gone at the end. */
  readonly kept: string | undefined;
  /** Throws a usage failure for a question that is refused, and `NodeError` where the database fails. */
  readonly ask: (question: string) => Promise<AskedAnswer>;
};

/** Reads the URL of a database. */
export function readDatabase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^postgres(?:ql)?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError("Write it as postgres://user:password@host:5432/database.");
}

/** Puts the tables into a database, lets `use` ask them, and closes it. Throws `NodeError` where the database fails. */
export async function withDatabase(
  derivation: Derivation,
  url: URL | undefined,
  shell: Pick<CommandShell, "progress" | "onEnd">,
  use: (tables: AskableTables) => Promise<void>,
): Promise<void> {
  shell.progress(url === undefined ? "starting a database ..." : `connecting to ${url.host} ...`);
  const sql = url === undefined ? await openInMemory() : await openPostgres({ url });
  const forget = shell.onEnd(sql.close);
  try {
    const kept = url !== undefined;
    await (kept ? withKept(derivation, sql, use) : withPast(derivation, sql, undefined, use));
  } finally {
    forget();
    shell.progress("");
    await sql.close();
  }
}

/** All messages of the log are kept, whichever moment is looked at. */
async function withKept(
  derivation: Derivation,
  sql: Sql,
  use: (tables: AskableTables) => Promise<void>,
): Promise<void> {
  const { beginning, channelId, derived, known, log, ofMessages } = derivation;
  const reducer = reducerOpener(known.module, beginning);
  const engine = new DerivationEngine({ sql, log, reducer });
  const { stop } = await engine.advance();
  const kept = schemaNameOf(channelId);
  if (stop?.code === "DatabaseFailed") throw stop.error;
  if (stop?.code === "ProjectionMismatch") {
    const advice = `drop the schema ${kept} there, and derive again`;
    throw failure(EXIT.checkFailed, `${derivationText(stop)}: ${advice}`);
  }
  if (stop !== undefined) throw failure(EXIT.checkFailed, derivationText(stop));
  if (derived.state.messages < ofMessages) return withPast(derivation, sql, kept, use);
  await use({ kept, ask: async (text) => answered(await engine.ask({ text })) });
}

/** The tables of one moment, for as long as they are asked. */
async function withPast(
  { channelId, derived }: Derivation,
  sql: Sql,
  kept: string | undefined,
  use: (tables: AskableTables) => Promise<void>,
): Promise<void> {
  const past = await openPastTables(sql, channelId, derived.state);
  try {
    await use({ kept, ask: async (text) => answered(await past.ask({ text })) });
  } finally {
    if (kept !== undefined) await past.close();
  }
}

/** Refuses what no database needs to be started for. Throws a usage failure. */
export function checkedQuestion(text: string): void {
  const checked = checkQuestion(text, 0);
  if (!checked.ok) throw refused(checked.reason);
}

function answered(answer: Result<AskedAnswer, QuestionRejection>): AskedAnswer {
  if (answer.ok) return answer.value;
  throw refused(answer.reason);
}

function refused(reason: QuestionRejection): Error {
  return wrongUsage(`the question is refused: ${questionText(reason)}`);
}
