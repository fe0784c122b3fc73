/** The matrix of disturbances and phases, as lines of text. */

import { PHASES, type Phase } from "../phases.ts";
import type { Coverage } from "./coverage.ts";
import { DISTURBING, type Disturbing } from "./disturbances.ts";
import { whyImpossible } from "./impossible-cells.ts";

/** The heads of the columns: two letters each, so that a row fits a line. */
const HEADS: Readonly<Record<Phase, string>> = {
  "DirectFund/prefund": "Fp",
  "DirectFund/deposit": "Fd",
  "DirectFund/postfund": "Fo",
  Update: "Up",
  "DirectDefund/final": "Cf",
  "DirectDefund/payout": "Cp",
  LedgerProposal: "Lp",
  "VirtualFund/prefund": "Vp",
  "VirtualFund/guarantees": "Vg",
  "VirtualFund/postfund": "Vo",
  Payment: "Pa",
  "VirtualDefund/final": "Ef",
  "VirtualDefund/removal": "Er",
  "TopUp/signing": "Ts",
  "TopUp/deposit": "Td",
  "Withdrawal/successor": "Ws",
  "Withdrawal/payout": "Wp",
  "Dispute/challenge": "Dc",
  "Dispute/wait": "Dw",
  "Dispute/reclaim": "Dr",
  "Dispute/payout": "Dp",
  Resync: "Rs",
  Idle: "Id",
};

/** Heads and phases in one line of the legend. */
const LEGEND_PER_LINE = 3;

/** Characters of the longest of them. */
const LEGEND_CHARS = 25;

/** Kinds whose gaps are told. */
const ROWS_SHOWN_MAX = 10;

/** A row for each kind of disturbance, a column for each phase, in lines of at most 100 characters. */
export function matrixLines(coverage: Coverage): readonly string[] {
  const { cells, cellsTotal } = coverage.count();
  const width = Math.max(...DISTURBING.map((kind) => kind.length));
  const heads = PHASES.map((phase) => HEADS[phase]).join(" ");
  return [
    `${cells} of ${cellsTotal} cells of the matrix of disturbances and phases reached`,
    `  ${" ".repeat(width)}  ${heads}`,
    ...DISTURBING.map((kind) => {
      const row = PHASES.map((phase) => glyph(coverage, kind, phase).padStart(2)).join(" ");
      return `  ${kind.padEnd(width)}  ${row}`;
    }),
    "  . never   1-9 times   + ten times or more   * a hundred or more   - impossible",
    ...legendLines(),
    ...neverLines(coverage),
  ];
}

function glyph(coverage: Coverage, kind: Disturbing, phase: Phase): string {
  const count = coverage.cellCount(kind, phase);
  if (count >= 100) return "*";
  if (count >= 10) return "+";
  if (count > 0) return `${count}`;
  return whyImpossible(kind, phase) === undefined ? "." : "-";
}

function legendLines(): readonly string[] {
  const words = PHASES.map((phase) => `${HEADS[phase]} ${phase}`.padEnd(LEGEND_CHARS));
  const lines: string[] = [];
  for (let from = 0; from < words.length; from += LEGEND_PER_LINE) {
    lines.push(`  ${words.slice(from, from + LEGEND_PER_LINE).join("  ")}`.trimEnd());
  }
  return lines;
}

/** Kinds that met the fewest phases: where to look for what the search does not do. */
function neverLines(coverage: Coverage): readonly string[] {
  const missing = DISTURBING.map((kind) => {
    const phases = PHASES.filter((phase) => glyph(coverage, kind, phase) === ".");
    return { kind, phases };
  }).filter(({ phases }) => phases.length > 0);
  if (missing.length === 0) return [];
  const worst = missing
    .toSorted((one, other) => other.phases.length - one.phases.length)
    .slice(0, ROWS_SHOWN_MAX);
  const lines = worst.map(({ kind, phases }) => {
    const isAll = phases.length === PHASES.filter((phase) => !whyImpossible(kind, phase)).length;
    const told = isAll ? "any phase" : phases.map((phase) => HEADS[phase]).join(" ");
    return `  ${kind} never met ${told}`;
  });
  const rest = missing.length - worst.length;
  return [...lines, ...(rest > 0 ? [`  and ${rest} kinds more have gaps`] : [])];
}
