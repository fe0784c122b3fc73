/** The guide "fuzz in CI" tells the truth: its command runs, and its tables are those of the script. */
import { describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createCoverage } from "../../sim/campaign/coverage.ts";
import { campaignLines } from "../../sim/commands/fuzz-report.ts";
import { patientIntegration, unit } from "../kind.ts";
import { blocksIn, lessonsIn, readGuide } from "./guide.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Seconds alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 240_000;

const guide = readGuide("fuzz-in-ci.md");
const script = readFileSync(join(ROOT, "ci/fuzz.sh"), "utf8");

describe("the guide to fuzzing in a CI", () => {
  patientIntegration(
    "gives a command that searches, and ends as its table says",
    () => {
      const [command = ""] = lessonsIn(guide)[0]?.commands ?? [];
      const out = mkdtempSync(join(tmpdir(), "channels-fuzz-guide-"));
      try {
        const { exitCode, stderr, stdout } = Bun.spawnSync(["sh", "-c", command], {
          cwd: ROOT,
          env: { ...process.env, FUZZ_OUT: out, FUZZ_FROM: "1", FUZZ_SHRINK: "no" },
        });

        expect(stderr.toString()).not.toContain("error");
        expect(stdout.toString()).toContain("2 seeds from 1 on model");
        expect([0, 1]).toContain(exitCode);
      } finally {
        rmSync(out, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );

  unit("names variables that the script reads, with what it takes else", () => {
    const rows = [...guide.matchAll(/^\| (`FUZZ_.*?) \| .* \| (.*) \|$/gm)];

    expect(rows.length).toBeGreaterThan(5);
    for (const [, names = "", other = ""] of rows) {
      for (const [, name = ""] of names.matchAll(/`(\w+)`/g)) {
        expect(script).toContain(`#   ${name} `);
        const usual = /^`(.*)`$/.exec(other)?.[1];
        if (usual !== undefined) expect(script).toContain(`\${${name}:-${usual}}`);
      }
    }
  });

  unit("shows a mark that went dark as the program does", () => {
    const shown = blocksIn(guide).find(({ text }) => text.includes("went dark"))?.text ?? "";

    const lines = campaignLines(
      {
        seeds: 100,
        beyondPromises: 0,
        withFaults: 0,
        withAdversaries: 0,
        messages: 0,
        transactions: 0,
        virtualMs: 0,
        repeats: 0,
        differences: [],
        buckets: new Map(),
        coverage: createCoverage(),
        seedsByMark: new Map(),
        wallMs: 1,
      },
      {
        budget: { type: "Seeds", seeds: 100 },
        from: 1,
        chain: "model",
        signatures: "fast",
        workers: 1,
        out: "",
        dark: [{ name: "session/repeated", expectedSeeds: 61.2 }],
        isInterrupted: false,
        shrunk: new Map(),
      },
      { paint: { red: String, green: String } } as never,
    );

    expect(lines.join("\n").endsWith(shown.trim())).toBe(true);
  });
});
