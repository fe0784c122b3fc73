/** How figures are judged and shown: on a terminal, and in `bench/RESULTS.md`. */
import type { Figure } from "./benchmark.ts";

/**
 * How a figure stands: `goal` reached; `floor` held, with no goal or short of it; `short` of a goal
 * that has no floor; `missed` the floor; or only `measured`, because nothing is asked of it.
 */
export type Verdict = "goal" | "floor" | "missed" | "measured" | "short";

/** A figure with its verdict. */
export type JudgedFigure = Figure & { readonly verdict: Verdict };

/** What one benchmark found; `error` says why it could not measure, and then it has no figures. */
export type BenchmarkReport = {
  readonly name: string;
  readonly question: string;
  readonly figures: readonly JudgedFigure[];
  readonly error?: string;
};

/** Where and of what the figures are: two runs compare only if these are alike. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly bun: string;
  /** The commit measured, with "+" when files were changed since; "unknown" outside a repository. */
  readonly commit: string;
};

/** All that one run of the benchmarks found. */
export type BenchRun = {
  readonly machine: Machine;
  readonly benchmarks: readonly BenchmarkReport[];
};

/** Judges a figure. A number that is not finite holds no floor and reaches no goal. */
export function judge(figure: Figure): JudgedFigure {
  return { ...figure, verdict: verdictOf(figure) };
}

function verdictOf({ value, ratio = value, better = "higher", floor, goal }: Figure): Verdict {
  const holds = (bound: number): boolean =>
    Number.isFinite(ratio) && (better === "higher" ? ratio >= bound : ratio <= bound);
  if (floor !== undefined && !holds(floor)) return "missed";
  if (goal !== undefined) return holds(goal) ? "goal" : floor === undefined ? "short" : "floor";
  return floor === undefined ? "measured" : "floor";
}

/** True when every benchmark measured, and no figure is below its floor. */
export function allHold({ benchmarks }: BenchRun): boolean {
  return benchmarks.every(
    ({ figures, error }) =>
      error === undefined && figures.every(({ verdict }) => verdict !== "missed"),
  );
}

const WORDS: Readonly<Record<Verdict, string>> = {
  goal: "goal reached",
  floor: "floor held",
  missed: "BELOW FLOOR",
  measured: "measured",
  short: "short of goal",
};

const HEADINGS = ["figure", "value", "unit", "ratio to", "ratio", "floor", "goal", "verdict"];

function cells(figure: JudgedFigure): readonly string[] {
  const sign = figure.better === "lower" ? "<= " : ">= ";
  const bound = (number: number | undefined): string =>
    number === undefined ? "" : sign + shortNumber(number);
  return [
    figure.what,
    shortNumber(figure.value),
    figure.unit,
    figure.yardstick ?? "",
    figure.ratio === undefined ? "" : shortNumber(figure.ratio),
    bound(figure.floor),
    bound(figure.goal),
    WORDS[figure.verdict],
  ];
}

/** Three digits that count, thousands in groups: a fourth would be noise. */
function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: 15 }).format(rounded);
}

/** One benchmark as lines for a terminal: the question, and a table in columns. */
export function terminalLines({
  name,
  question,
  figures,
  error,
}: BenchmarkReport): readonly string[] {
  if (error !== undefined) return [`${name}: ${question}`, `  could not measure: ${error}`, ""];
  const rows = [HEADINGS, ...figures.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  return [`${name}: ${question}`, ...rows.map(line), ""];
}

/** The whole run as the text of `bench/RESULTS.md`. */
export function resultsDocument({ machine, benchmarks }: BenchRun): string {
  const { processor, cores, memoryGiB, system, bun, commit } = machine;
  const row = (columns: readonly string[]): string => `| ${columns.join(" | ")} |`;
  const sections = benchmarks.map(({ name, question, figures, error }) =>
    [
      `## ${name}`,
      "",
      question,
      "",
      ...(error === undefined
        ? [row(HEADINGS), row(HEADINGS.map(() => "---")), ...figures.map(cells).map(row)]
        : [`Could not measure: ${error}`]),
      "",
    ].join("\n"),
  );
  return [
    "# Results of the last full run",
    "",
    "Written by `bun run bench --write`. Ratios compare machines; values do not.",
    "",
    `Machine: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Bun ${bun}. Commit: ${commit}.`,
    "",
    ...sections,
  ].join("\n");
}
