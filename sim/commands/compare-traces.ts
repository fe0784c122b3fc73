/** What is different between two traces. */
import type { TraceEntry } from "../trace.ts";
import { entryLine } from "./entry-text.ts";
import type { TraceFile } from "./trace-file.ts";

/** What two runs differ in. Empty lists and undefined where they do not. */
export type TraceDifference = {
  /** What was asked for: scenario, seed, chain, parameters, versions. */
  readonly settings: readonly string[];
  /** The first step that is not the same; one side is undefined where its run ends. */
  readonly firstStep: StepDifference | undefined;
  readonly balances: readonly string[];
  /** Gas, transactions, frames, time and the trace hash. */
  readonly totals: readonly string[];
};

/** One place in two traces. */
export type StepDifference = {
  readonly index: number;
  readonly left: TraceEntry | undefined;
  readonly right: TraceEntry | undefined;
};

const SETTINGS = ["scenario", "seed", "chain", "signatures", "parameters", "versions"] as const;
const TOTALS = [
  "passed",
  "virtualMs",
  "messages",
  "transactions",
  "gasUsed",
  "feesWei",
  "traceHash",
] as const;

/** Compares two traces. */
export function compareTraces(left: TraceFile, right: TraceFile): TraceDifference {
  const fields = (names: readonly (keyof TraceFile)[]): readonly string[] =>
    names.flatMap((name) => change(name, left[name], right[name]));
  return {
    settings: fields(SETTINGS),
    firstStep: firstStep(left.entries, right.entries),
    balances: balanceChanges(left, right),
    totals: fields(TOTALS),
  };
}

/** True when the runs were the same: whatever was asked for, the same happened. */
export function isSameRun({ firstStep: step }: TraceDifference): boolean {
  return step === undefined;
}

/** The first differing step in lines that stand under each other. */
export function stepLines({ index, left, right }: StepDifference): readonly string[] {
  const side = (entry: TraceEntry | undefined): string =>
    entry === undefined ? "(the run is over)" : entryLine(entry);
  const lines = [`- ${side(left)}`, `+ ${side(right)}`];
  const fields = left !== undefined && right !== undefined ? fieldChanges(left, right) : [];
  return [
    `step ${index} is the first that differs:`,
    ...lines.map((line) => `  ${line}`),
    ...fields,
  ];
}

function firstStep(
  left: readonly TraceEntry[],
  right: readonly TraceEntry[],
): StepDifference | undefined {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (JSON.stringify(left[index]) !== JSON.stringify(right[index])) {
      return { index, left: left[index], right: right[index] };
    }
  }
  return undefined;
}

function fieldChanges(left: TraceEntry, right: TraceEntry): readonly string[] {
  if (left.type !== right.type) return [];
  const names = Object.keys(left) as (keyof TraceEntry)[];
  return names.flatMap((name) => change(`    ${name}`, left[name], right[name]));
}

function balanceChanges(left: TraceFile, right: TraceFile): readonly string[] {
  return left.balances.flatMap((wallet) => {
    const other = right.balances.find(({ name }) => name === wallet.name);
    return Object.keys(wallet.after).flatMap((symbol) =>
      change(`${wallet.name} ${symbol}`, wallet.after[symbol], other?.after[symbol]),
    );
  });
}

/** Characters of a value that are shown: what differs later is in the files. */
const VALUE_CHARS_MAX = 120;

function change(name: string, left: unknown, right: unknown): readonly string[] {
  const [one, other] = [textOf(left), textOf(right)];
  if (one === other) return [];
  const start = Math.max(0, firstDifference(one, other) - VALUE_CHARS_MAX / 2);
  return [`${name}: ${cut(one, start)} -> ${cut(other, start)}`];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "none");
}

function firstDifference(one: string, other: string): number {
  let index = 0;
  while (index < one.length && one[index] === other[index]) index += 1;
  return index;
}

function cut(text: string, start: number): string {
  if (text.length <= VALUE_CHARS_MAX) return text;
  const shown = text.slice(start, start + VALUE_CHARS_MAX);
  return `${start > 0 ? "..." : ""}${shown}${start + VALUE_CHARS_MAX < text.length ? "..." : ""}`;
}
