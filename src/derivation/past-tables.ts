/** The tables of a channel as they were: in a schema beside those of now, while somebody looks at them. */
import type { Sql } from "../ports/sql.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Result } from "../primitives/result.ts";
import type { DerivedState } from "./derived-state.ts";
import {
  type AskedAnswer,
  askTables,
  type Question,
  type QuestionRejection,
} from "./sql/ask-tables.ts";
import { createTables, dropTables, pastSchemaNameOf, readerNameOf } from "./sql/channel-schema.ts";
import { rowStatements } from "./sql/row-statements.ts";

/** Tables that change no more. */
export type PastTables = {
  readonly messages: number;
  readonly ask: (question: Question) => Promise<Result<AskedAnswer, QuestionRejection>>;
  /** Removes them. */
  readonly close: () => Promise<void>;
};

/** Puts the rows of a derivation into a schema of their own. Throws `NodeError`. */
export async function openPastTables(
  sql: Sql,
  channelId: Hex,
  { messages, tables }: DerivedState,
): Promise<PastTables> {
  const schema = pastSchemaNameOf(channelId, messages);
  const role = readerNameOf(channelId);
  await sql.transaction([
    ...createTables(schema, role, tables.schema),
    ...rowStatements(schema, tables.contents()),
  ]);
  return {
    messages,
    ask: (question) => askTables(sql, { schema, role }, question),
    close: async () => {
      await sql.transaction(dropTables(schema));
    },
  };
}
