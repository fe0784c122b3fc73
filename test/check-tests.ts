/** Runs every test below a folder, and reads what the run left behind. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { type JudgedRun, judgeTestRun } from "./check-report.ts";
import { runStep, type StepEnd } from "./check-step.ts";

/** A run of the tests: how the process ended, what it reported, and the coverage as LCOV. */
export type TestsEnd = JudgedRun & { readonly step: StepEnd; readonly lcov: string };

/** At most 4 processes: each may start a chain of its own, and more wait for each other. */
const PROCESSES_MAX = 4;

/** Ten minutes, twice what the whole check may take: whatever still runs then hangs. */
const TESTS_TIME_MAX_MS = 600_000;

/**
 * Runs the tests in several processes, which keep their modules from one file to the next. A test
 * that ends its process is then a failure, where a single process would end with 0 and no report.
 */
export async function runTests(folder: string): Promise<TestsEnd> {
  const scratch = mkdtempSync(join(tmpdir(), "channels-check-"));
  try {
    const junitPath = join(scratch, "junit.xml");
    const step = await runStep({
      command: [...testCommand(), `--reporter-outfile=${junitPath}`, `--coverage-dir=${scratch}`],
      folder,
      scratch,
      timeMaxMs: TESTS_TIME_MAX_MS,
      environment: { CI: "1" },
    });
    const judged = judgeTestRun({
      exitCode: step.exitCode,
      junit: await textOf(junitPath),
      testFiles: testFilesBelow(folder),
    });
    return { ...judged, step, lcov: (await textOf(join(scratch, "lcov.info"))) ?? "" };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function testCommand(): readonly string[] {
  const processes = Math.min(PROCESSES_MAX, availableParallelism());
  return [
    process.execPath,
    "test",
    `--parallel=${processes}`,
    "--no-isolate",
    "--only-failures",
    "--reporter=junit",
    "--coverage",
    "--coverage-reporter=lcov",
  ];
}

function testFilesBelow(folder: string): readonly string[] {
  const found = [...new Glob("**/*.test.ts").scanSync(folder)];
  return found.filter((path) => !path.includes("node_modules/"));
}

async function textOf(path: string): Promise<string | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) ? file.text() : undefined;
}
