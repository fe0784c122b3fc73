/** The check does not pass by accident: no report, no test, an early end, a crash are failures. */
import { afterEach, beforeEach, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeTestRun, readTestReport, type TestRun } from "./check-report.ts";
import { runStep } from "./check-step.ts";
import {
  coverageFaults,
  exitCodeOf,
  type Findings,
  summaryLines,
  totals,
} from "./check-summary.ts";
import { runTests } from "./check-tests.ts";
import type { Coverage } from "./coverage.ts";
import { adversarial, integration, unit } from "./kind.ts";

const JUNIT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="5" assertions="2" failures="1" skipped="1" time="0.6">
  <testsuite name="src/a.test.ts" file="src/a.test.ts" tests="5">
    <testcase name="[unit] a &lt; &quot;b&quot;" classname="" file="src/a.test.ts" line="2" />
    <testcase name="[property] skipped" classname="" file="src/a.test.ts" line="3">
      <skipped />
    </testcase>
    <testcase name="[unit] fails" classname="" file="src/a.test.ts" line="4">
      <failure type="Error" message="boom">Error: boom</failure>
    </testcase>
    <testcase name="[strange] unknown kind" classname="" file="src/b.test.ts" line="3" />
    <testcase name="without a kind" classname="" file="src/b.test.ts" line="4" />
  </testsuite>
</testsuites>`;

describe("readTestReport", () => {
  unit("counts the tests by their end and by their kind", () => {
    const { passed, failed, skipped, byKind, files } = readTestReport(JUNIT);

    expect({ passed, failed, skipped }).toEqual({ passed: 3, failed: 1, skipped: 1 });
    expect(byKind.get("unit")).toBe(2);
    expect(byKind.get("property")).toBe(1);
    expect(byKind.get("none")).toBe(2);
    expect([...files]).toEqual(["src/a.test.ts", "src/b.test.ts"]);
  });
});

describe("judgeTestRun", () => {
  const good = JUNIT.replace(/<failure.*<\/failure>/, "");
  const testFiles = ["src/a.test.ts", "src/b.test.ts"];

  unit("finds no fault in a run that reported every file and ended with 0", () => {
    expect(judgeTestRun({ exitCode: 0, junit: good, output: "", testFiles }).faults).toEqual([]);
  });

  unit("leaves it to the failed tests when there are some", () => {
    expect(judgeTestRun({ exitCode: 1, junit: JUNIT, output: "", testFiles }).faults).toEqual([]);
  });

  unit("finds a missing report, an empty one, a silent file and an unexplained end", () => {
    const empty = '<testsuites name="bun test" tests="0"></testsuites>';
    const faultsOf = (run: Omit<TestRun, "output">): readonly string[] =>
      judgeTestRun({ ...run, output: "" }).faults;

    expect(faultsOf({ exitCode: 0, junit: undefined, testFiles })).toHaveLength(1);
    expect(faultsOf({ exitCode: 0, junit: empty, testFiles: [] })).toHaveLength(1);
    expect(faultsOf({ exitCode: 0, junit: good, testFiles: ["src/c.test.ts"] })).toHaveLength(1);
    expect(faultsOf({ exitCode: 1, junit: good, testFiles })).toHaveLength(1);
    expect(faultsOf({ exitCode: undefined, junit: good, testFiles })).toHaveLength(1);
  });
});

const FULL: Coverage = {
  lines: { found: 100, hit: 90 },
  functions: { found: 10, hit: 9 },
  files: [],
};

const HELD: Findings = {
  steps: [
    { name: "types", wallMs: 1234, held: true, faults: [] },
    { name: "tests", wallMs: 5678, held: true, faults: [] },
  ],
  tests: readTestReport(JUNIT.replace(/<failure.*<\/failure>/, "")),
  coverage: FULL,
  parts: ["signatures native"],
};

describe("coverageFaults", () => {
  unit("accepts the least coverage, and refuses less of lines or of functions", () => {
    const fewLines: Coverage = { ...FULL, lines: { found: 10_000, hit: 8999 } };
    const fewFunctions: Coverage = { ...FULL, functions: { found: 100, hit: 89 } };

    expect(coverageFaults(FULL)).toEqual([]);
    expect(coverageFaults(fewLines)).toEqual(["lines of src: 89.9 %, 90 % needed"]);
    expect(coverageFaults(fewFunctions)).toEqual(["functions of src: 89.0 %, 90 % needed"]);
  });

  unit("names the files that miss most", () => {
    const none = { found: 0, hit: 0 };
    const files = [
      { path: "src/a.ts", lines: { found: 5, hit: 4 }, functions: none },
      { path: "src/b.ts", lines: { found: 9, hit: 0 }, functions: none },
    ];

    const [, first] = coverageFaults({ ...FULL, lines: { found: 14, hit: 4 }, files });

    expect(first).toBe("  src/b.ts: 9 lines missed");
  });
});

describe("totals and summaryLines", () => {
  unit("end with the one line that programs read", () => {
    expect(summaryLines(HELD).at(-1)).toBe("4 passed, 0 failed");
  });

  unit("count each failed step once, beside the failed tests", () => {
    const steps = HELD.steps.map((step) => ({ ...step, held: false, faults: ["one", "two"] }));

    expect(totals({ ...HELD, steps, tests: readTestReport(JUNIT) })).toEqual({
      passed: 3,
      failed: 3,
    });
    expect(summaryLines({ ...HELD, steps }).join("\n")).toContain("FAILED");
  });
});

describe("exitCodeOf", () => {
  unit("is 0 only when something passed and nothing failed", () => {
    const broken = HELD.steps.map((step) => ({ ...step, held: false, faults: ["broken"] }));

    expect(exitCodeOf(HELD)).toBe(0);
    expect(exitCodeOf({ ...HELD, tests: readTestReport(JUNIT) })).toBe(1);
    expect(exitCodeOf({ ...HELD, steps: broken })).toBe(1);
    expect(exitCodeOf({ ...HELD, tests: readTestReport("") })).toBe(1);
  });
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "channels-fixture-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function runFixture(
  ...texts: readonly string[]
): Promise<Findings["tests"] & { faults: number }> {
  const declared = 'import { expect, test } from "bun:test";\n';
  for (const [index, text] of texts.entries()) {
    await Bun.write(join(folder, `fixture-${index}.test.ts`), declared + text);
  }
  const { report, faults } = await runTests(folder);
  return { ...report, faults: faults.length };
}

const PASSES = 'test("[unit] passes", () => expect(1).toBe(1));';

const PASSES_PLAIN = 'test("[unit] passes", () => {});';

describe("runTests", () => {
  integration(
    "passes a folder whose tests pass",
    async () => {
      expect(await runFixture(PASSES, PASSES)).toMatchObject({ passed: 2, failed: 0, faults: 0 });
    },
    20_000,
  );

  adversarial(
    "fails a folder where a test ends the process with 0",
    async () => {
      const { failed, faults } = await runFixture('test("ends", () => process.exit(0));');

      expect(failed + faults).toBeGreaterThan(0);
    },
    20_000,
  );

  adversarial(
    "fails a folder where one of several files ends the process with 0",
    async () => {
      const ends = 'test("ends", () => process.exit(0));';
      const { failed, faults } = await runFixture(PASSES, ends, PASSES);

      expect(failed + faults).toBeGreaterThan(0);
    },
    20_000,
  );

  adversarial(
    "fails a folder with a file that does not load, has no test, or crashes",
    async () => {
      const { failed, faults } = await runFixture(
        PASSES,
        'throw new Error("does not load");',
        "expect(1).toBe(1);",
        'test("[unit] crashes", () => process.kill(process.pid, "SIGKILL"));',
      );

      expect(failed + faults).toBeGreaterThanOrEqual(3);
    },
    20_000,
  );

  adversarial(
    "ends a test that loops for ever, and names its file",
    async () => {
      await Bun.write(
        join(folder, "a.test.ts"),
        `import { test } from "bun:test";\n${PASSES_PLAIN}`,
      );
      const loop = 'import { test } from "bun:test"; test("loops", () => { for (;;); });';
      await Bun.write(join(folder, "b.test.ts"), loop);
      const { report, faults } = await runTests(folder, 1500);

      expect(report.passed).toBe(0);
      expect(faults).toEqual(["bun test ended without a report, before the end of b.test.ts"]);
    },
    20_000,
  );

  adversarial(
    "fails a folder without tests",
    async () => {
      expect((await runFixture()).faults).toBe(1);
    },
    20_000,
  );
});

describe("runStep", () => {
  unit("ends a program that hangs, and has no exit code for it", async () => {
    const command = [process.execPath, "-e", "setInterval(() => {}, 1000)"];
    const end = await runStep({ command, folder, scratch: folder, timeMaxMs: 100 });

    expect(end.exitCode).toBeUndefined();
  });

  unit("keeps both streams in order", async () => {
    const text = 'console.log("one"); console.error("two"); console.log("three"); process.exit(4)';
    const end = await runStep({
      command: [process.execPath, "-e", text],
      folder,
      scratch: folder,
      timeMaxMs: 10_000,
    });

    expect(end).toMatchObject({ exitCode: 4, output: "one\ntwo\nthree\n" });
  });
});
