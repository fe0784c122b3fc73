/** Reads TypeScript as text, as far as the rules of the house need it. */
import { dirname, posix } from "node:path";

/** Comments, and texts in quotes; a quote inside a regular expression is rare enough to misread. */
const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

const IMPORTED =
  /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

const blank = (text: string): string => text.replace(/[^\n]/g, " ");

/** The text with comments and quoted texts blanked out, every line where it was. */
export function codeOf(text: string): string {
  return text.replace(COMMENT_OR_TEXT, blank);
}

/** The text with comments blanked out. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT_OR_TEXT, (found) => (found.startsWith("/") ? blank(found) : found));
}

/** What a file imports: packages by name, files as paths from the root of the repository. */
export function importsOf(path: string, text: string): readonly string[] {
  return [...withoutComments(text).matchAll(IMPORTED)].map(([, named, whole, lazy]) => {
    const specifier = named ?? whole ?? lazy ?? "";
    return specifier.startsWith(".") ? posix.join(dirname(path), specifier) : specifier;
  });
}

/** Lines that match, each as `path:line: text`, so that a reader can go there. */
export function linesMatching(path: string, text: string, pattern: RegExp): readonly string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}
