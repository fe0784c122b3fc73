/** Splits a question in SQL into its words, and refuses what could hide something from whoever looks at them. */
import { accept, type Result, reject } from "../../primitives/result.ts";

/** A word of a question, and where it stands. */
export type QuestionWord = {
  readonly type: "Name" | "QuotedName" | "Text" | "Number" | "Parameter" | "Sign";
  /** A name without quotes and in lower case, a quoted name as it is, else as it was written. */
  readonly text: string;
  readonly offset: number;
};

/** At this place stands something that questions do not have. */
export type Unreadable = { readonly code: "Unreadable"; readonly offset: number };

type Form = { readonly type: QuestionWord["type"] | "Space"; readonly pattern: RegExp };

/**
 * Left out on purpose: comments, texts with a prefix or in dollar signs, and characters beyond ASCII outside of
 * texts. What remains is read by every setting of PostgreSQL as it is here. Source: PostgreSQL 18, section 4.1.
 */
const FORMS: readonly Form[] = [
  { type: "Space", pattern: /[ \t\r\n]+/y },
  { type: "Name", pattern: /[A-Za-z_][A-Za-z0-9_]*/y },
  // The name must not be empty, and no doubled quotes: no name of ours has one.
  { type: "QuotedName", pattern: /"[A-Za-z0-9_ ]+"(?!")/y },
  // A backslash before the quote would go on or end there, as the server is set.
  { type: "Text", pattern: /'(?:[^'\\\0]|''|\\(?!'))*'(?!')/y },
  { type: "Number", pattern: /(?:\d[A-Za-z0-9_]*(?:\.\d*)?|\.\d+)(?![A-Za-z0-9_.])/y },
  { type: "Parameter", pattern: /\$[1-9]\d{0,3}(?![A-Za-z0-9_$])/y },
  { type: "Sign", pattern: /<>|!=|<=|>=|::|[()[\],.=<>+*/%;:-]/y },
];

/** Reads all words, or says where it could not go on. */
export function readWords(text: string): Result<readonly QuestionWord[], Unreadable> {
  const words: QuestionWord[] = [];
  for (let offset = 0; offset < text.length; ) {
    const found = formAt(text, offset);
    if (found === undefined || hidesSomething(text, offset, words.at(-1))) {
      return reject({ code: "Unreadable", offset });
    }
    if (found.type !== "Space") {
      words.push({ type: found.type, text: plain(found.type, found.text), offset });
    }
    offset += found.text.length;
  }
  return accept(words);
}

function formAt(
  text: string,
  offset: number,
): { readonly type: Form["type"]; readonly text: string } | undefined {
  for (const { pattern, type } of FORMS) {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { type, text: found };
  }
  return undefined;
}

/** Comments, and texts with a prefix such as `E'...'`: two words that touch are one to the database. */
function hidesSomething(text: string, offset: number, before: QuestionWord | undefined): boolean {
  if (/^(?:--|\/\*|\*\/)/.test(text.slice(offset, offset + 2))) return true;
  if (before === undefined || !/["'$\w]/.test(text[offset] ?? "")) return false;
  const touches = /["'$\w]/.test(text[offset - 1] ?? "");
  return touches;
}

function plain(type: QuestionWord["type"], text: string): string {
  if (type === "Name") return text.toLowerCase();
  return type === "QuotedName" ? text.slice(1, -1) : text;
}
