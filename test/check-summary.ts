/** What `check` says at the end: a line per step, the counts, and whether all held. */
import type { TestReport } from "./check-report.ts";
import { type Coverage, percentOf } from "./coverage.ts";

/** A step as it is shown: whether it held, and what it has to say when it did not. */
export type StepResult = {
  readonly name: string;
  readonly wallMs: number;
  readonly held: boolean;
  /** What failed beyond single tests, which are counted by themselves; printed above the table. */
  readonly faults: readonly string[];
};

/** All that one check found. */
export type Findings = {
  readonly steps: readonly StepResult[];
  readonly tests: TestReport;
  readonly coverage: Coverage;
  /** Which of the replaceable parts ran here: the signature backend, the chain tiers. */
  readonly parts: readonly string[];
};

/**
 * Least coverage of `src`, in percent, of lines and of functions each: 90. Above it, tests would be
 * written for the number's sake.
 */
export const COVERAGE_MIN_PERCENT = 90;

/** How many files are named when coverage falls short. */
const FILES_NAMED_MAX = 10;

/** Why the coverage does not suffice, one sentence each; empty when it does. */
export function coverageFaults(coverage: Coverage): readonly string[] {
  const low = (["lines", "functions"] as const).filter(
    (part) => percentOf(coverage[part]) < COVERAGE_MIN_PERCENT,
  );
  if (low.length === 0) return [];
  const missed = ({ lines }: Coverage["files"][number]): number => lines.found - lines.hit;
  const worst = [...coverage.files].sort((left, right) => missed(right) - missed(left));
  return [
    ...low.map(
      (part) => `${part} of src: ${shown(coverage, part)}, ${COVERAGE_MIN_PERCENT} % needed`,
    ),
    ...worst
      .slice(0, FILES_NAMED_MAX)
      .map((file) => `  ${file.path}: ${missed(file)} lines missed`),
  ];
}

function shown(coverage: Coverage, part: "lines" | "functions"): string {
  // Rounded down, so that 89.99 is not shown as the 90 that it misses.
  return `${(Math.floor(percentOf(coverage[part]) * 10) / 10).toFixed(1)} %`;
}

/** Passed tests, and failures of all kinds: failed tests, and one for each other step that failed. */
export function totals({ steps, tests }: Findings): { passed: number; failed: number } {
  const otherFaults = steps.filter(({ faults }) => faults.length > 0).length;
  return { passed: tests.passed, failed: tests.failed + otherFaults };
}

/** 0 when something passed and nothing failed, 1 otherwise: a check that ran nothing proves nothing. */
export function exitCodeOf(findings: Findings): 0 | 1 {
  const { passed, failed } = totals(findings);
  return passed > 0 && failed === 0 ? 0 : 1;
}

/** The summary. Its last line is `N passed, N failed`, for people and programs alike. */
export function summaryLines(findings: Findings): readonly string[] {
  const { steps, tests, coverage, parts } = findings;
  const { passed, failed } = totals(findings);
  const kinds = [...tests.byKind].filter(([, count]) => count > 0);
  return [
    ...steps.map(stepLine),
    "",
    `tests      ${kinds.map(([kind, count]) => `${count} ${kind}`).join(", ") || "none"}`,
    `coverage   ${shown(coverage, "lines")} of lines, ${shown(coverage, "functions")} of functions`,
    ...parts,
    ...(tests.skipped > 0 ? [`skipped    ${tests.skipped} tests`] : []),
    "",
    `${passed} passed, ${failed} failed`,
  ];
}

function stepLine({ name, wallMs, held }: StepResult): string {
  const verdict = held ? "ok" : "FAILED";
  return `${name.padEnd(10)} ${verdict.padEnd(7)} ${(wallMs / 1000).toFixed(1).padStart(6)} s`;
}
