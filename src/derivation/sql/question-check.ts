/**
 * Says which questions are passed to a database. Two walls stand behind it, the rights of the reader's role and a
 * transaction that only reads; this one is the same for every database, and keeps out what neither would stop.
 */
import { accept, type Result, reject } from "../../primitives/result.ts";
import { type QuestionWord, readWords, type Unreadable } from "./question-words.ts";

/** Why a question is not asked. Who wrote it is to blame. */
export type QuestionProblem =
  | Unreadable
  /** It is longer than questions may be. */
  | { readonly code: "QuestionTooLong"; readonly max: number }
  /** It does not begin as a question does: with `select`, `with` or `values`. */
  | { readonly code: "NotAQuestion" }
  /** Something follows after its end. */
  | { readonly code: "SecondStatement"; readonly offset: number }
  /** It uses a name that leads out of its tables, or to what changes from call to call. */
  | { readonly code: "NameRefused"; readonly name: string }
  /** It calls a function that is not on the list. */
  | { readonly code: "FunctionRefused"; readonly name: string }
  /** `$n` without a value for it, or a value without its `$n`. */
  | { readonly code: "ParameterMissing"; readonly parameter: number };

/** Characters of a question, at most: 16 KiB. */
const QUESTION_LENGTH_MAX = 16_384;

/** Brackets inside brackets: the embedded database has a small stack. */
const DEPTH_MAX = 64;

const BEGINNINGS: readonly string[] = ["select", "with", "values"];

/** Words of SQL behind which a bracket opens and nothing is called. Source: PostgreSQL 18, appendix C. */
const WORDS: ReadonlySet<string> = new Set(
  (
    "all and any as asc between by case cast cross desc distinct else end except exists filter from full group " +
    "having in inner intersect is join lateral left like ilike limit materialized natural not null offset on or " +
    "order outer over partition range recursive right rows select some then union using values when where with"
  ).split(" "),
);

/** Functions that neither leave the tables, nor answer differently next time, nor make large values of small ones. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "count sum min max avg bool_and bool_or every stddev variance " +
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value " +
    "abs sign mod div floor ceil ceiling round trunc greatest least coalesce nullif width_bucket " +
    "length char_length octet_length bit_length lower upper trim btrim ltrim rtrim substr substring position strpos " +
    "starts_with left right reverse encode decode get_byte numeric decimal"
  ).split(" "),
);

/** What leads out of the tables under a name that is a function without brackets, or differs from call to call. */
const REFUSED_NAMES: ReadonlySet<string> = new Set(
  (
    "information_schema current_catalog current_date current_role current_schema current_time current_timestamp " +
    "current_user localtime localtimestamp session_user system_user user tablesample operator xmltable json_table " +
    "into table execute"
  ).split(" "),
);

/** Checks a question with so many values for its parameters, and gives it as it is to be asked. */
export function checkQuestion(
  text: string,
  parameterCount: number,
): Result<string, QuestionProblem> {
  if (text.length > QUESTION_LENGTH_MAX) {
    return reject({ code: "QuestionTooLong", max: QUESTION_LENGTH_MAX });
  }
  const read = readWords(text);
  if (!read.ok) return read;
  const [words, end] = withoutEnd(read.value, text.length);
  const problem =
    problemOfShape(words) ?? problemOfNames(words) ?? problemOfParameters(words, parameterCount);
  return problem === undefined ? accept(text.slice(0, end)) : reject(problem);
}

/** One semicolon at the end is habit. */
function withoutEnd(
  words: readonly QuestionWord[],
  length: number,
): readonly [words: readonly QuestionWord[], end: number] {
  const last = words.at(-1);
  return last?.text === ";" && last.type === "Sign"
    ? [words.slice(0, -1), last.offset]
    : [words, length];
}

function problemOfShape(words: readonly QuestionWord[]): QuestionProblem | undefined {
  const first = words.find(({ text }) => text !== "(");
  if (first?.type !== "Name" || !BEGINNINGS.includes(first.text)) return { code: "NotAQuestion" };
  const signs = words.filter(({ type }) => type === "Sign");
  const second = signs.find(({ text }) => text === ";");
  if (second !== undefined) return { code: "SecondStatement", offset: second.offset };
  let depth = 0;
  for (const { offset, text } of signs) {
    depth += DEPTH_STEP[text] ?? 0;
    if (depth < 0 || depth > DEPTH_MAX) return { code: "Unreadable", offset };
  }
  return depth === 0 ? undefined : { code: "Unreadable", offset: words.at(-1)?.offset ?? 0 };
}

/** What a bracket does to the number of those that are open. */
const DEPTH_STEP: Readonly<Record<string, number>> = { "(": 1, ")": -1 };

function problemOfNames(words: readonly QuestionWord[]): QuestionProblem | undefined {
  for (const [at, { text, type }] of words.entries()) {
    if (type !== "Name" && type !== "QuotedName") continue;
    const name = text.toLowerCase();
    const isQuoted = type === "QuotedName";
    // Catalogues and what belongs to the server, whichever way they are written.
    if (/^(?:pg_|_|information_schema$)/.test(name)) return { code: "NameRefused", name };
    if (!isQuoted && REFUSED_NAMES.has(name)) return { code: "NameRefused", name };
    const calls = words[at + 1]?.text === "(" && words[at + 1]?.type === "Sign";
    if (calls && !mayOpen(name, isQuoted, words[at - 1])) return { code: "FunctionRefused", name };
  }
  return undefined;
}

/** Behind `as` and `with` stands a name that is given, with its columns in brackets. */
function mayOpen(name: string, isQuoted: boolean, before: QuestionWord | undefined): boolean {
  if (before?.text === ".") return false;
  if (!isQuoted && (WORDS.has(name) || FUNCTIONS.has(name))) return true;
  return before?.type === "Name" && /^(?:as|with|recursive)$/.test(before.text);
}

function problemOfParameters(
  words: readonly QuestionWord[],
  count: number,
): QuestionProblem | undefined {
  const used = new Set(
    words.filter(({ type }) => type === "Parameter").map(({ text }) => Number(text.slice(1))),
  );
  const wanted = Math.max(count, ...used);
  for (let parameter = 1; parameter <= wanted; parameter += 1) {
    if (parameter > count || !used.has(parameter)) return { code: "ParameterMissing", parameter };
  }
  return undefined;
}
