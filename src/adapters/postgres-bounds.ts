/** What makes a transaction of PostgreSQL safe for a question that somebody else wrote. */
import type { SqlBounds, SqlStatement } from "../ports/sql.ts";

/** Statements that go before the question, in one transaction with it: they end with it. */
export function boundsOf({ role, schema, timeMs }: SqlBounds): readonly SqlStatement[] {
  const settings: readonly (readonly [name: string, value: string])[] = [
    ["statement_timeout", String(timeMs)],
    ["search_path", `"${schema}", pg_catalog`],
    // Otherwise a backslash could hide the end of a text from whoever checked the question.
    ["standard_conforming_strings", "on"],
    ["role", role],
  ];
  return [
    { text: "set transaction read only" },
    ...settings.map(([name, value]) => ({
      text: "select set_config($1, $2, true)",
      parameters: [name, value],
    })),
  ];
}
