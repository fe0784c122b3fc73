/** Reads what `bun test` writes down: which tests ran, of which kind, and how they ended. */
import { KINDS } from "./kind.ts";

/** The outcome of one run of `bun test`. */
export type TestReport = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that ran or were skipped, per kind of `test/kind.ts`, in its order; "none" comes last. */
  readonly byKind: ReadonlyMap<string, number>;
  /** Test files that reported at least one test, as paths from the folder of the run. */
  readonly files: ReadonlySet<string>;
};

const TEST_CASE = /<testcase name="([^"]*)"([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs;
const KIND = /^\[([a-z]+)\] /;

/** Reads a JUnit report as Bun writes it. A text without tests gives a report of zeros. */
export function readTestReport(junit: string): TestReport {
  const byKind = new Map([...KINDS, "none"].map((kind) => [kind, 0]));
  const files = new Set<string>();
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [, name = "", attributes = "", outcome = ""] of junit.matchAll(TEST_CASE)) {
    const named = KIND.exec(name)?.[1] ?? "none";
    const kind = byKind.has(named) ? named : "none";
    byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    files.add(/ file="([^"]*)"/.exec(attributes)?.[1] ?? "");
    count[endOf(outcome)] += 1;
  }
  return { ...count, byKind, files };
}

function endOf(outcome: string): "passed" | "failed" | "skipped" {
  if (outcome.includes("<skipped")) return "skipped";
  return outcome.trim() === "" ? "passed" : "failed";
}

/** What a run of `bun test` left behind. */
export type TestRun = {
  readonly exitCode: number | undefined;
  /** The JUnit report; undefined when none was written, as after `process.exit(0)` in a test. */
  readonly junit: string | undefined;
  /** What was printed, in which each file has a heading once it ended. */
  readonly output: string;
  /** Every test file that exists; each of them must have reported. */
  readonly testFiles: readonly string[];
};

/** A report, and what is wrong with the run beyond its failed tests, one sentence each. */
export type JudgedRun = { readonly report: TestReport; readonly faults: readonly string[] };

/** Trusts no exit code alone: a run counts when it ended well and every test file reported. */
export function judgeTestRun({ exitCode, junit, output, testFiles }: TestRun): JudgedRun {
  const report = readTestReport(junit ?? "");
  if (junit === undefined) {
    const unfinished = testFiles.filter((file) => !output.includes(`\n${file}:\n`));
    const faults = [`bun test ended without a report, before the end of ${unfinished.join(", ")}`];
    return { report, faults };
  }
  const faults: string[] = [];
  const total = report.passed + report.failed + report.skipped;
  if (total === 0) faults.push("bun test ran no test");
  for (const file of testFiles) {
    if (!report.files.has(file)) faults.push(`${file} reported no test`);
  }
  if (exitCode !== 0 && report.failed === 0 && faults.length === 0) {
    faults.push(`bun test ended with ${exitCode ?? "a signal"} though no test failed`);
  }
  return { report, faults };
}
