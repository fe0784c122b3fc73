/** What runs have reached: marks, and in which phase of which protocol what went wrong. */
import type { MarkName } from "../../src/primitives/marks.ts";
import { PHASES, type Phase } from "../phases.ts";
import { COUNTED_MARKS, isCounted } from "./counted-marks.ts";
import { DISTURBING, type Disturbing } from "./disturbances.ts";
import { whyImpossible } from "./impossible-cells.ts";

/** One cell of the matrix, as `kind at phase`. */
export type Cell = `${Disturbing} at ${Phase}`;

/** The numbers, as they cross from process to process. What is missing was never seen. */
export type CoverageJson = {
  readonly markCounts: Readonly<Partial<Record<MarkName, number>>>;
  readonly cellCounts: Readonly<Partial<Record<Cell, number>>>;
};

/** How much was reached, of how much there is. */
export type CoverageCount = {
  readonly marks: number;
  readonly marksTotal: number;
  readonly cells: number;
  readonly cellsTotal: number;
};

/** What could have been reached, and was not. */
export type NeverReached = { readonly marks: readonly MarkName[]; readonly cells: readonly Cell[] };

/** Counts of one run, or of many together. */
export type Coverage = {
  readonly sawMark: (name: MarkName) => void;
  /** Something of this kind was in effect, or struck, at a node that was in these phases. */
  readonly sawFault: (kind: Disturbing, phases: Iterable<Phase>) => void;
  /** Adds what was seen elsewhere. What an older program calls otherwise is left out. */
  readonly merge: (other: CoverageJson) => void;
  readonly markCount: (name: MarkName) => number;
  readonly cellCount: (kind: Disturbing, phase: Phase) => number;
  readonly count: () => CoverageCount;
  readonly neverReached: () => NeverReached;
  readonly toJson: () => CoverageJson;
};

/** Every cell that can be reached. */
const CELLS: readonly Cell[] = DISTURBING.flatMap((kind) =>
  PHASES.filter((phase) => whyImpossible(kind, phase) === undefined).map((phase) =>
    cellOf(kind, phase),
  ),
);

/** Nothing was reached yet, or what `from` says. */
export function createCoverage(from?: CoverageJson): Coverage {
  const marks = new Map<MarkName, number>();
  const cells = new Map<Cell, number>();
  const merge = ({ cellCounts, markCounts }: CoverageJson): void => {
    for (const name of COUNTED_MARKS) add(marks, name, markCounts[name] ?? 0);
    for (const cell of CELLS) add(cells, cell, cellCounts[cell] ?? 0);
  };
  if (from !== undefined) merge(from);
  return {
    sawMark: (name) => {
      if (isCounted(name)) add(marks, name, 1);
    },
    sawFault: (kind, phases) => {
      for (const phase of phases) add(cells, cellOf(kind, phase), 1);
    },
    merge,
    markCount: (name) => marks.get(name) ?? 0,
    cellCount: (kind, phase) => cells.get(cellOf(kind, phase)) ?? 0,
    count: () => ({
      marks: marks.size,
      marksTotal: COUNTED_MARKS.length,
      cells: CELLS.filter((cell) => cells.has(cell)).length,
      cellsTotal: CELLS.length,
    }),
    neverReached: () => ({
      marks: COUNTED_MARKS.filter((name) => !marks.has(name)),
      cells: CELLS.filter((cell) => !cells.has(cell)),
    }),
    toJson: () => ({
      markCounts: Object.fromEntries(marks),
      cellCounts: Object.fromEntries(cells),
    }),
  };
}

function add<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  if (count > 0) counts.set(key, (counts.get(key) ?? 0) + count);
}

function cellOf(kind: Disturbing, phase: Phase): Cell {
  return `${kind} at ${phase}`;
}
