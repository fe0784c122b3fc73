/** `bun run check`: types, lint, all tests and their coverage; exits 0 only if all of it held. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { runningParts } from "./check-parts.ts";
import { runStep } from "./check-step.ts";
import {
  coverageFaults,
  exitCodeOf,
  type Findings,
  type StepResult,
  summaryLines,
} from "./check-summary.ts";
import { runTests, type TestsEnd } from "./check-tests.ts";
import { type Coverage, coverageOf } from "./coverage.ts";

const ROOT = resolve(import.meta.dir, "..");

/** Two minutes: either tool takes seconds, even on a slow machine with a cold cache. */
const TOOL_TIME_MAX_MS = 120_000;

/** How often a terminal is told that the check is still at work: every second. */
const PROGRESS_INTERVAL_MS = 1000;

async function check(): Promise<Findings> {
  const scratch = mkdtempSync(join(tmpdir(), "channels-check-"));
  try {
    const tools = await whileShown("types, lint", () =>
      Promise.all([
        runTool("types", ["tsc", "--project", "."], scratch),
        runTool("lint", ["biome", "check", "."], scratch),
      ]),
    );
    const tests = await whileShown("tests", () => runTests(ROOT));
    const coverage = coverageOf(tests.lcov, await sourcesOf("src"));
    const steps = [...tools, testStep(tests), coverageStep(coverage)];
    showFaults(steps, tests);
    return { steps, tests: tests.report, coverage, parts: runningParts() };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function runTool(
  name: string,
  [tool, ...inputs]: readonly [string, ...string[]],
  scratch: string,
): Promise<StepResult> {
  const program = join(ROOT, "node_modules", ".bin", tool);
  const command = [process.execPath, "--bun", program, ...inputs];
  const end = await runStep({ command, folder: ROOT, scratch, timeMaxMs: TOOL_TIME_MAX_MS });
  const held = end.exitCode === 0;
  return { name, wallMs: end.wallMs, held, faults: held ? [] : [end.output] };
}

/** Failed tests are counted one by one; the step has faults only for what no test stands for. */
function testStep({ wallMs, report, faults }: TestsEnd): StepResult {
  const held = report.failed === 0 && faults.length === 0;
  return { name: "tests", wallMs, held, faults };
}

function coverageStep(coverage: Coverage): StepResult {
  const faults = coverageFaults(coverage);
  return { name: "coverage", wallMs: 0, held: faults.length === 0, faults };
}

async function sourcesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = [...new Glob(`${folder}/**/*.ts`).scanSync(ROOT)]
    .filter((path) => !path.endsWith(".test.ts"))
    .sort();
  const texts = await Promise.all(paths.map((path) => Bun.file(join(ROOT, path)).text()));
  return new Map(paths.map((path, index) => [path, texts[index] ?? ""]));
}

function showFaults(steps: readonly StepResult[], { report, faults, output }: TestsEnd): void {
  if (report.failed > 0 || faults.length > 0) print(output);
  for (const result of steps) {
    for (const fault of result.faults) print(`${result.name}: ${fault}`);
  }
}

/** Runs a part of the check; a terminal sees that it goes on, a pipe sees nothing. */
async function whileShown<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer> {
  if (!process.stderr.isTTY) return run();
  const startMs = performance.now();
  const show = (): void => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    process.stderr.write(`\r\u001b[K${name} ... ${seconds} s`);
  };
  show();
  const timer = setInterval(show, PROGRESS_INTERVAL_MS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
    process.stderr.write("\r\u001b[K");
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const findings = await check();
for (const line of summaryLines(findings)) print(line);
process.exitCode = exitCodeOf(findings);
