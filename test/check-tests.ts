/** Runs every test below a folder, and reads what the run left behind. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { type JudgedRun, judgeTestRun } from "./check-report.ts";
import { runStep } from "./check-step.ts";

/** A run of the tests: what it reported, and what it left behind. */
export type TestsEnd = JudgedRun & {
  /** What was printed, without the tests that passed. */
  readonly output: string;
  readonly wallMs: number;
  /** The coverage as LCOV; empty when the run did not get that far. */
  readonly lcov: string;
};

/** At most 4 processes: each may start a chain of its own, and more wait for each other. */
const PROCESSES_MAX = 4;

/** A file that declares no test of another kind. */
const PATIENT_ONLY = /import \{ patient\w+ \} from "[^"]*kind\.ts"/u;

/** Ten minutes, twice what the whole check may take on an idle machine: whatever still runs then hangs. */
const TESTS_TIME_MAX_MS = 600_000;

/**
 * JavaScriptCore reserves gigabytes of addresses for each memory of a WebAssembly module, and collects all garbage
 * before each one as soon as there are many: a tenth of a second in a process that has run many tests. Checked
 * accesses need no such room.
 */
const SMALL_MEMORIES = { BUN_JSC_useWasmFastMemory: "0" } as const;

/**
 * Runs the tests in several processes, which keep their modules from one file to the next. A test
 * that ends its process is then a failure, where a single process would end with 0 and no report.
 */
export async function runTests(
  folder: string,
  timeMaxMs: number = TESTS_TIME_MAX_MS,
): Promise<TestsEnd> {
  const scratch = mkdtempSync(join(tmpdir(), "channels-check-"));
  try {
    const junitPath = join(scratch, "junit.xml");
    const step = await runStep({
      command: [...testCommand(), `--reporter-outfile=${junitPath}`, `--coverage-dir=${scratch}`],
      folder,
      scratch,
      timeMaxMs,
      environment: { CI: "1", ...SMALL_MEMORIES },
    });
    const judged = judgeTestRun({
      exitCode: step.exitCode,
      junit: await textOf(junitPath),
      output: step.output,
      testFiles: await testFilesBelow(folder),
    });
    return {
      ...judged,
      output: withoutPasses(step.output),
      wallMs: step.wallMs,
      lcov: (await textOf(join(scratch, "lcov.info"))) ?? "",
    };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function testCommand(): readonly string[] {
  // One more than there are cores: some wait for other programs, or for time to pass.
  const processes = Math.min(PROCESSES_MAX, availableParallelism() + 1);
  return [
    process.execPath,
    "test",
    `--parallel=${processes}`,
    "--no-isolate",
    "--reporter=junit",
    "--coverage",
    "--coverage-reporter=lcov",
  ];
}

function withoutPasses(output: string): string {
  const lines = output.split("\n").filter((line) => !line.startsWith("(pass)"));
  return lines.join("\n").replace(/^\S+\.test\.ts:\n\n/gm, "");
}

/** Files that have to report a test: all but those that leave each of theirs to `bun run patient`. */
async function testFilesBelow(folder: string): Promise<readonly string[]> {
  const found = [...new Glob("**/*.test.ts").scanSync(folder)].filter(
    (path) => !path.includes("node_modules/"),
  );
  const texts = await Promise.all(found.map((path) => Bun.file(join(folder, path)).text()));
  return found.filter((_, at) => !PATIENT_ONLY.test(texts[at] ?? ""));
}

async function textOf(path: string): Promise<string | undefined> {
  const file = Bun.file(path);
  return (await file.exists()) ? file.text() : undefined;
}
