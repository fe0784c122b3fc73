/** The marks that runs have reached, and those that none has, as lines of text. */
import { MARKS, type MarkName } from "../../src/primitives/marks.ts";
import { textTable } from "../../src/primitives/text-table.ts";
import { COUNTED_MARKS } from "./counted-marks.ts";
import type { Coverage } from "./coverage.ts";

/** Marks that were never reached and are shown, each with its sentence. */
const SHOWN_MAX = 40;

/** Characters of a line. */
const COLUMNS = 100;

/** A table by area, and what was never reached, in lines of at most 100 characters. */
export function marksLines(coverage: Coverage): readonly string[] {
  const { marks, marksTotal } = coverage.count();
  const areas = [...Map.groupBy(COUNTED_MARKS, (name) => name.slice(0, name.indexOf("/")))];
  const rows = areas.map(([area, names]) => {
    const reached = names.filter((name) => coverage.markCount(name) > 0);
    const most = Math.max(...names.map((name) => coverage.markCount(name)));
    return [area, `${reached.length} of ${names.length}`, `${most}`];
  });
  return [
    `${marks} of ${marksTotal} marks reached`,
    ...textTable([["area", "reached", "most often"], ...rows], ["left", "right", "right"]),
    ...neverLines(coverage.neverReached().marks),
  ];
}

function neverLines(never: readonly MarkName[]): readonly string[] {
  if (never.length === 0) return [];
  const width = Math.max(...never.slice(0, SHOWN_MAX).map((name) => name.length));
  const shown = never.slice(0, SHOWN_MAX).map((name) => {
    return cut(`  ${name.padEnd(width)}  ${MARKS[name]}`);
  });
  const rest = never.length - shown.length;
  return ["never reached:", ...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function cut(line: string): string {
  return line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 3)}...`;
}
