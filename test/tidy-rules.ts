/** Rules for one file, each a function from its path and text to the lines that break it. */
import { CORE_ROOMS, isTest, roomOf } from "./tidy-rooms.ts";
import { codeOf, linesMatching, withoutComments } from "./tidy-text.ts";

/** Gives the places in a file that break a rule; none when it holds. */
export type Rule = (path: string, text: string) => readonly string[];

/** Longest file, in lines: beyond it, nobody reads to the end. */
const FILE_LINES_MAX = 400;

const isCore = (path: string): boolean =>
  path.startsWith("src/") && CORE_ROOMS.includes(roomOf(path)) && !isTest(path);

/**
 * Backends of the curve load once: `crypto` may await at the top level, and nowhere else. The doors
 * of `ports` are types, and the world behind them answers with promises.
 */
export const coreIsSynchronous: Rule = (path, text) => {
  if (!isCore(path)) return [];
  const code =
    roomOf(path) === "crypto" ? codeOf(text).replace(/^\S.*\bawait\b/gm, "") : codeOf(text);
  const later =
    roomOf(path) === "ports" ? /\basync\b|\bawait\b/ : /\basync\b|\bawait\b|\bPromise\b/;
  return linesMatching(path, code, later);
};

/** `crypto` looks at the runtime once, to choose a backend. */
export const coreHasNoWorld: Rule = (path, text) => {
  if (!isCore(path)) return [];
  const runtime = roomOf(path) === "crypto" ? "" : "|\\bprocess\\b|\\bBun\\b";
  const world = `\\bDate\\b|\\bMath\\.random\\b|\\bconsole\\b|\\bperformance\\b|\\bset(?:Timeout|Interval|Immediate)\\b${runtime}`;
  return linesMatching(path, codeOf(text), new RegExp(world));
};

/** These functions round differently on processors of the same kind, so a seed would not be enough. */
export const noMachineMathematics: Rule = (path, text) => {
  const isSimulated = path.startsWith("src/") || path.startsWith("sim/");
  const inexact = /\bMath\.(?:a?sinh?|a?cosh?|a?tanh?|atan2|exp|expm1|pow|log\w*|cbrt|hypot)\b/;
  return isSimulated ? linesMatching(path, codeOf(text), inexact) : [];
};

/** The two doors of the runtime that `sim/banned-globals.ts` cannot guard. */
export const noUnguardedDoors: Rule = (path, text) =>
  linesMatching(path, codeOf(text), /\bBun\.(?:fetch|dns)\b/);

/** A file says first, in a sentence, what it is. */
export const opensWithSentence: Rule = (path, text) => {
  const opening = /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  return /\w[\s\S]*[.?!]/.test(opening) ? [] : [`${path}:1: opens without a doc sentence`];
};

/** No file is longer than people read. */
export const isShort: Rule = (path, text) => {
  const lines = text.split("\n").length - 1;
  return lines > FILE_LINES_MAX ? [`${path}: ${lines} lines`] : [];
};

/** A file has a noun. An index of something is one, an index alone is none. */
export const hasNoun: Rule = (path) => {
  const vague = /(?:^|\/)index\.|(?:^|[/.-])(?:utils?|common|helpers?|misc)(?:[/.-]|$)/;
  return vague.test(path) ? [`${path}: says nothing about what is in it`] : [];
};

/** Every test carries its kind, which only `test/kind.ts` gives. */
export const testsHaveKinds: Rule = (path, text) => {
  // An example stands in a project of its own, which knows no kinds.
  if (path === "test/kind.ts" || path.startsWith("examples/")) return [];
  const imported = /^import \{([^}]*)\} from "bun:test"/gm;
  return [...withoutComments(text).matchAll(imported)]
    .filter(([, names = ""]) => /\b(?:test|it)\b/.test(names))
    .map(([line]) => `${path}: ${line}`);
};

/** An error that follows another one carries it, or the first failure is lost. */
export const errorsKeepTheirCause: Rule = (path, text) => {
  const code = codeOf(text);
  const catches = /\bcatch\b\s*(?:\(\s*(\w+)[^)]*\)\s*)?\{/g;
  return [...code.matchAll(catches)].flatMap((found) => {
    const [opening, caught = "cause"] = found;
    const start = found.index + opening.length;
    const block = blockFrom(code, start);
    // The error may be told in a text, such as `${cause}`, which the code alone does not show.
    const told = withoutComments(text).slice(start, start + block.length);
    const throwsAnother = /\bthrow\s+(?:new\b|\w+\()/.test(block);
    const isKept = new RegExp(`\\b(?:${caught}|cause)\\b`).test(told);
    return throwsAnother && !isKept ? [lineOf(path, text, found.index)] : [];
  });
};

function blockFrom(code: string, start: number): string {
  let depth = 1;
  let end = start;
  while (depth > 0 && end < code.length) {
    if (code[end] === "{") depth += 1;
    if (code[end] === "}") depth -= 1;
    end += 1;
  }
  return code.slice(start, end);
}

function lineOf(path: string, text: string, offset: number): string {
  const line = text.slice(0, offset).split("\n").length;
  return `${path}:${line}: ${text.split("\n")[line - 1]?.trim()}`;
}

/** Functions and types that others may use say what they are. The further signatures of an overload need no words. */
export const exportsAreDescribed: Rule = (path, text) => {
  if (!path.startsWith("src/") || isTest(path)) return [];
  const lines = text.split("\n");
  const declared =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function|type|class)\b\*? ?(\w+)/;
  return lines.flatMap((line, index) => {
    const name = declared.exec(line)?.[1];
    if (name === undefined) return [];
    const before = lines[index - 1] ?? "";
    const isOverload =
      before.endsWith(";") && text.includes(`export function ${name}`, text.indexOf(line) + 1);
    return before.endsWith("*/") || isOverload ? [] : [`${path}:${index + 1}: ${line}`];
  });
};

/** Written in parts, so that the rule does not find itself. */
const OF_ONE_MACHINE = [
  ["/ho", "me/"],
  ["/ro", "ot/"],
  ["/wo", "rk/"],
  ["/Us", "ers/"],
  ["registry.", "npmjs"],
  ["npm.", "pkg."],
  ["_auth", "Token"],
].map((parts) => parts.join("").replaceAll(".", "\\."));

/** A path or a package host of one machine works nowhere else. */
export const namesNoMachine: Rule = (path, text) =>
  linesMatching(path, text, new RegExp(`(?<![\\w.-])(?:${OF_ONE_MACHINE.join("|")})`));

/** Documents that people read in one sitting. */
export const documentIsShort: Rule = (path, text) => {
  const max = path.startsWith("docs/adr/") ? 60 : path === "docs/ARCHITECTURE.md" ? 150 : undefined;
  const lines = text.split("\n").length - 1;
  return max !== undefined && lines > max ? [`${path}: ${lines} lines, ${max} allowed`] : [];
};
