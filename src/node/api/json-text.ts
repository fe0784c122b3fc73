/**
 * JSON text in which integers of any size keep all their digits: go-nitro writes big integers as bare numbers.
 * What comes from outside is measured before it is parsed.
 */

/** Braces and brackets inside each other that a request may have: 32. The deepest that a method takes has 6. */
export const JSON_DEPTH_MAX = 32;

/** Digits of a number that is read in full: a uint256 has 78. A longer one is read as a double, and refused later. */
const DIGITS_MAX = 80;

/** Deepest nesting of braces and brackets outside of strings. Costs one pass, and never a stack. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === BRACE || code === BRACKET) deepest = Math.max(deepest, ++depth);
    else if (code === BRACE_END || code === BRACKET_END) depth -= 1;
  }
  return deepest;
}

/** Where the string that begins at `start` ends. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}

const QUOTE = 34;
const BACKSLASH = 92;
const BRACKET = 91;
const BRACKET_END = 93;
const BRACE = 123;
const BRACE_END = 125;

/** Parses JSON. Integers above 2^53 become big integers. Throws `SyntaxError`. */
export function parseJson(text: string): unknown {
  // Without a long number nothing can be lost, and the plain parser is several times faster.
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return (JSON.parse as ParseWithSource)(text, (_key, value, { source }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) {
      return value;
    }
    return isWholeNumber(source) ? BigInt(source) : value;
  });
}

const isWholeNumber = (source: string): boolean =>
  source.length <= DIGITS_MAX && /^-?\d+$/.test(source);

/** Writes JSON. Big integers become bare numbers, what is undefined is left out. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? (JSON as WithRawJson).rawJSON(part.toString()) : part,
  );
}

/** What the runtime offers beyond the library of types. Source: ECMA-262, JSON.parse with source text access. */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

type WithRawJson = typeof JSON & { readonly rawJSON: (text: string) => unknown };
