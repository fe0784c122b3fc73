/** Files of the marks that a campaign is expected to meet. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DarkMark,
  darkMarks,
  expectedMarksText,
  readExpectedMarks,
  type SeenMarks,
} from "../campaign/dark-marks.ts";
import { writeFile } from "./kept-run.ts";
import { wrongUsage } from "./shell.ts";

/** What this program itself is expected to meet. */
const OWN_FILE: string = join(import.meta.dir, "../campaign/expected-marks.json");

/** Reads the file; its own when `true`. Throws a usage failure that says what is wrong with it. */
export function readMarksFile(path: string | true | undefined): SeenMarks | undefined {
  if (path === undefined) return undefined;
  const file = path === true ? OWN_FILE : path;
  const read = readExpectedMarks(textOf(file));
  if (!read.ok) throw wrongUsage(`${file} ${read.reason}`);
  return read.value;
}

/** Writes what was seen, when a file is given. Throws a failure where that is not possible. */
export function writeMarksFile(path: string | undefined, seen: SeenMarks): void {
  if (path !== undefined) writeFile(path, expectedMarksText(seen));
}

/** The marks that went dark; none when none were expected. */
export function darkIn(expected: SeenMarks | undefined, seen: SeenMarks): readonly DarkMark[] {
  return expected === undefined ? [] : darkMarks(expected, seen);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw wrongUsage(`the marks of ${file} cannot be read: ${why}`);
  }
}
