/** A failure in at most 25 lines: which promise broke, what led to it, and how to see it again. */
import { formatTime } from "../commands/diagram-lines.ts";
import type { Paint } from "../commands/shell.ts";
import type { ChainTier } from "../simulated-chain.ts";
import type { TraceEntry } from "../trace.ts";
import type { Violation } from "../violation.ts";
import { namingOf } from "./failure-report-names.ts";
import { promiseOf } from "./failure-report-promises.ts";
import { faultWords, listed, moveWords, wishWords } from "./failure-report-words.ts";
import { honestOf, type Plan } from "./plan.ts";

/** Most lines of a report: what fits on a screen with the command above it. */
export const REPORT_LINES_MAX = 25;

/** What a report is about. */
export type FailureReport = {
  readonly plan: Plan;
  readonly chain: ChainTier;
  readonly violation: Violation;
  readonly bucket: string;
  /** Promises of the world that it did not keep. */
  readonly assumptions: readonly string[];
  readonly trace: readonly TraceEntry[];
  readonly virtualMs: number;
  /** Commands that show it again, the first one first. */
  readonly commands: readonly string[];
};

/** Lines for the steps, the message, and for what happened last. The others are fewer than the rest. */
const STEPS_MAX = 10;
const MESSAGE_LINES_MAX = 3;
const LAST_MAX = 3;

/** Longest line, in characters: two of a usual terminal. */
const LINE_CHARS_MAX = 160;

/** The report. Names take the place of hex, and nothing is coloured but by `paint`. */
export function failureReportLines(report: FailureReport, paint: Paint): readonly string[] {
  const { assumptions, bucket, chain, commands, plan, trace, violation } = report;
  const named = namingOf(plan, trace);
  const [first = "", ...more] = violation.message.split("\n").map(named);
  const steps = stepLines(plan);
  const shown = steps.length > STEPS_MAX ? steps.slice(0, STEPS_MAX - 1) : steps;
  const left = steps.length - shown.length;
  const lines = [
    `${paint.red("FAILED")}  ${violation.oracle}: ${first}`,
    ...more.slice(0, MESSAGE_LINES_MAX - 1).map((line) => `        ${line}`),
    `${paint.bold("promise")}  ${promiseOf(violation.oracle)}`,
    `${paint.bold("seen")}     after ${whenWords(report)}`,
    `${paint.bold("steps")}    ${steps.length}, of honest ${listed(honestOf(plan))}; times are virtual`,
    ...shown.map((line) => `  ${line}`),
    ...(left === 0 ? [] : [`  and ${left} more; \`channels shrink\` finds those that matter`]),
    `${paint.bold("world")}    ${worldWords(plan)}`,
    `${paint.bold("assumed")}  ${assumptionWords(assumptions)}`,
    ...lastLines(trace).map((line, index) =>
      index === 0 ? `${paint.bold("last")}     ${line}` : `         ${line}`,
    ),
    `${paint.bold("bucket")}   ${bucket}${phaseWords(violation)}; seed ${plan.seed}; chain ${chain}`,
    ...commands.map((command, index) =>
      index === 0 ? `${paint.bold("look")}     ${command}` : `         ${command}`,
    ),
  ];
  return lines.slice(0, REPORT_LINES_MAX).map(cut);
}

/** Each wish, fault and move of a plan, in the order of their times. */
export function stepLines({ faults, moves, wishes }: Plan): readonly string[] {
  const steps = [
    ...wishes.map((wish) => ({ atMs: wish.atMs, text: `${wish.id}. ${wishWords(wish)}` })),
    ...faults.map((fault) => ({ atMs: fault.atMs, text: `fault: ${faultWords(fault)}` })),
    ...moves.map((move) => ({ atMs: move.fromMs, text: `adversary: ${moveWords(move)}` })),
  ];
  const sorted = steps.sort((one, other) => one.atMs - other.atMs);
  return sorted.map(({ atMs, text }) => `${formatTime(atMs).padStart(TIME_CHARS)}  ${text}`);
}

/** Room for 99,999 virtual seconds. */
const TIME_CHARS = 12;

function phaseWords({ phase }: Violation): string {
  return phase === undefined ? "" : `; in phase ${phase}`;
}

function whenWords({ trace, virtualMs }: FailureReport): string {
  const blocks = trace.filter(({ type }) => type === "Block").length;
  const frames = trace.filter(({ type }) => type === "Frame").length;
  return `${formatTime(virtualMs)}, ${blocks} blocks and ${frames} frames`;
}

function worldWords({ chain, end, fees, network, watched }: Plan): string {
  const parts = [
    Object.keys(network).length === 0 ? "calm network" : `network: ${namesIn(network)}`,
    Object.keys(chain).length === 0 ? "calm chain" : `chain: ${namesIn(chain)}`,
    ...(Object.keys(fees).length === 0 ? [] : [`fees of ${listed(Object.keys(fees))}`]),
    ...(watched.length === 0 ? [] : [`a tower for ${listed(watched)}`]),
    END_WORDS[end],
  ];
  return parts.join("; ");
}

const END_WORDS: Readonly<Record<Plan["end"], string>> = {
  Close: "at the end all is closed",
  Dispute: "at the end the chain decides about all",
  Rest: "at the end all rests as it is",
};

function namesIn(conditions: object): string {
  return Object.keys(conditions).join(", ");
}

function assumptionWords(assumptions: readonly string[]): string {
  if (assumptions.length === 0) return "the world kept all its promises";
  return `broken: ${assumptions.join("; ")}; so nobody asked for solvency`;
}

/** The last lines of the diagram of the run. */
function lastLines(trace: readonly TraceEntry[]): readonly string[] {
  return trace
    .flatMap((entry) =>
      entry.type === "Arrow" ? [`${formatTime(entry.atMs)}  ${entry.arrow}`] : [],
    )
    .slice(-LAST_MAX);
}

function cut(line: string): string {
  return line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX - 2)}..` : line;
}
