/** Questions about the tables of a channel, from whoever uses the application: answered within limits. */
import type { Sql, SqlAnswer, SqlStatement, SqlValue } from "../../ports/sql.ts";
import { assert } from "../../primitives/assert.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { checkQuestion, type QuestionProblem } from "./question-check.ts";

/** A question in SQL. `$1` in it is the first parameter. */
export type Question = {
  readonly text: string;
  readonly parameters?: readonly SqlValue[];
  readonly limits?: Partial<QuestionLimits>;
};

/** What an answer may be and cost. */
export type QuestionLimits = {
  readonly rowsMax: number;
  /** Bytes of all rows as text. */
  readonly bytesMax: number;
  /** Milliseconds that the database may take. */
  readonly timeMsMax: number;
};

/** An answer. Names of columns may come twice. */
export type AskedAnswer = Pick<SqlAnswer, "columns" | "rows">;

/** Why there is no answer. Who asks is to blame. */
export type QuestionRejection =
  | QuestionProblem
  /** The database does not understand it, or does not allow it. */
  | { readonly code: "RefusedByDatabase"; readonly state: string; readonly said: string }
  | { readonly code: "AnswerTooLate"; readonly timeMsMax: number }
  | { readonly code: "AnswerTooLong"; readonly rowsMax: number }
  | { readonly code: "AnswerTooLarge"; readonly bytesMax: number };

/** What is allowed when nobody says otherwise: what a page shows, in the time that its reader waits. */
export const QUESTION_LIMITS: QuestionLimits = {
  rowsMax: 1_000,
  bytesMax: 1_048_576,
  timeMsMax: 2_000,
};

/** SQLSTATE of a text that is no number: how the database tells us that an answer is too large. */
const INVALID_TEXT = "22P02";

/** SQLSTATE of a setting, here the role, to something that there is not. */
const ROLE_MISSING = "22023";

const TOO_LARGE = "the answer is too large";

/** Asks with the rights of `role` about the tables of `schema`. Throws `NodeError` when the database fails. */
export async function askTables(
  sql: Sql,
  { role, schema }: { readonly role: string; readonly schema: string },
  { limits: chosen, parameters = [], text }: Question,
): Promise<Result<AskedAnswer, QuestionRejection>> {
  const limits = { ...QUESTION_LIMITS, ...chosen };
  assert(Object.values(limits).every(isLimit), "limits are whole numbers above 0");
  const checked = checkQuestion(text, parameters.length);
  if (!checked.ok) return checked;
  const statement = { text: limited(checked.value, limits), parameters };
  const answer = await asked(sql, statement, { role, schema }, limits);
  if (!answer.ok) return answer;
  const { columns, rows } = answer.value;
  if (rows.length > limits.rowsMax) {
    return reject({ code: "AnswerTooLong", rowsMax: limits.rowsMax });
  }
  // The last column is ours.
  return accept({ columns: columns.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) });
}

/** True when there is not even the role that may read the tables: nothing was derived here yet, or all was lost. */
export function isWithoutTables(reason: QuestionRejection): boolean {
  return reason.code === "RefusedByDatabase" && reason.state === ROLE_MISSING;
}

/**
 * Puts a question between brackets, where nothing but a question can stand, and lets the database stop before it
 * sends too much: the sum of the sizes becomes a text that is no number. No question can use a name like `_asked`.
 */
function limited(text: string, { bytesMax, rowsMax }: QuestionLimits): string {
  const size = "sum(octet_length(_asked::text)) over (rows unbounded preceding)";
  const stop = `case when ${size} > ${bytesMax} then ('${TOO_LARGE}' || ${size})::int else 0 end`;
  return `select _asked.*, ${stop} from (\n${text}\n) as _asked limit ${rowsMax + 1}`;
}

async function asked(
  sql: Sql,
  statement: SqlStatement,
  place: { readonly role: string; readonly schema: string },
  { bytesMax, timeMsMax }: QuestionLimits,
): Promise<Result<SqlAnswer, QuestionRejection>> {
  try {
    return accept(await sql.read(statement, { ...place, timeMs: timeMsMax }));
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    const { code, data, message } = error;
    if (code === "DatabaseTimeout") return reject({ code: "AnswerTooLate", timeMsMax });
    if (code !== "DatabaseRefused") throw error;
    const state = String(data["state"]);
    if (state === INVALID_TEXT && message.includes(TOO_LARGE)) {
      return reject({ code: "AnswerTooLarge", bytesMax });
    }
    return reject({ code: "RefusedByDatabase", state, said: message });
  }
}

function isLimit(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
