/** Puts a unified diff into texts: its lines must be there to the letter, but may have moved. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One place that a patch changes. */
export type Hunk = {
  /** Where it was when the patch was written; lines count from 1. */
  readonly line: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
};

/** What a patch does to one file. */
export type FilePatch = {
  /** From the top of the repository, with forward slashes. */
  readonly path: string;
  readonly hunks: readonly Hunk[];
};

const HUNK_HEAD = /^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@/;

/** Reads a unified diff. Throws where a line is none of one, or the diff makes or deletes a file. */
export function parsePatch(text: string): readonly FilePatch[] {
  const files: { path: string; hunks: Hunk[] }[] = [];
  let open: { before: string[]; after: string[] } | undefined;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const head = HUNK_HEAD.exec(line);
    const path = /^\+\+\+ b\/(\S+)/.exec(line)?.[1];
    if (/^--- a\/\S/.test(line)) open = undefined;
    else if (open === undefined && path !== undefined) files.push({ path, hunks: [] });
    else if (head !== null) {
      open = { before: [], after: [] };
      files.at(-1)?.hunks.push({ line: Number(head[1]), ...open });
    } else if (open === undefined || !takeLine(open, line)) {
      throw new Error(`no line of a unified diff: ${line}`);
    }
  }
  if (files.length === 0) throw new Error("the patch changes no file");
  return files;
}

/** False for a line that belongs to no hunk. */
function takeLine(hunk: { before: string[]; after: string[] }, line: string): boolean {
  const [mark = " ", rest] = [line[0], line.slice(1)];
  if (mark !== " " && mark !== "-" && mark !== "+") return false;
  if (mark !== "+") hunk.before.push(rest);
  if (mark !== "-") hunk.after.push(rest);
  return true;
}

/**
 * The text with all hunks of one file in it; undefined when the lines of one of them are nowhere. Of several
 * places the one counts that is nearest to where the hunk was, after what the hunks before have moved.
 */
export function applyHunks(text: string, hunks: readonly Hunk[]): string | undefined {
  let lines: readonly string[] = text.split("\n");
  let drift = 0;
  for (const { after, before, line } of hunks) {
    const wanted = line - 1 + drift;
    const [place] = placesOf(lines, before).sort(
      (one, other) => Math.abs(one - wanted) - Math.abs(other - wanted),
    );
    if (place === undefined) return undefined;
    lines = lines.toSpliced(place, before.length, ...after);
    drift += place - wanted + after.length - before.length;
  }
  return lines.join("\n");
}

function placesOf(lines: readonly string[], wanted: readonly string[]): number[] {
  return [...lines.keys()].filter(
    (place) =>
      lines[place] === wanted[0] && wanted.every((line, index) => lines[place + index] === line),
  );
}

/** The files that a patch changes, changed; `read` gives their texts. Throws where a hunk does not fit. */
export function patchedFiles(
  patch: string,
  read: (path: string) => string,
): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const { hunks, path } of parsePatch(patch)) {
    const text = applyHunks(read(path), hunks);
    if (text === undefined) throw new Error(`the patch does not fit ${path} any more`);
    changed.set(path, text);
  }
  return changed;
}

/** Changes the files below `folder`: all of them, or none and throws. */
export function applyPatch(folder: string, patch: string): void {
  const changed = patchedFiles(patch, (path) => readFileSync(join(folder, path), "utf8"));
  for (const [path, text] of changed) writeFileSync(join(folder, path), text);
}
