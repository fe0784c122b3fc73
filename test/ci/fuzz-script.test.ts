/** `ci/fuzz.sh` searches as a CI asks for, ends with the right code, and tells of each kind of failure. */
import { describe, expect } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { integration, unit } from "../kind.ts";

const ROOT = resolve(import.meta.dir, "../..");
const SCRIPT = join(ROOT, "ci/fuzz.sh");

/** A true run of two seeds: seconds alone, and much more on a machine under load. */
const RUN_TIME_MAX_MS = 120_000;

/**
 * Stands in for Bun: notes how it was called, and does what the variables say. The canary is known by its folder of
 * capsules, called `found`.
 */
const STAND_IN = `#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
  *plant.ts*) mkdir -p "$3"; echo planted ;;
  *" fuzz "*/found) mkdir -p "$CANARY_OUT"; for end in $CANARY_FINDS; do
      for last; do :; done; mkdir -p "$last"; echo capsule > "$last/$end.capsule.json"; done; exit "$CANARY_CODE" ;;
  *" fuzz "*) echo "a page"; for end in $FINDS; do echo capsule > "$FUZZ_OUT/$end.capsule.json"; done; exit "$CODE" ;;
  *" replay "*) for last; do :; done; echo "FAILED as $(basename "$last") says"; exit 1 ;;
esac
`;

type Ended = {
  readonly code: number;
  readonly output: string;
  /** How Bun was called, a line for each. */
  readonly calls: string;
  readonly summary: string;
};

/** Runs the script in a folder of its own; with `bun` in the place of Bun where that is given. */
async function fuzz(env: Readonly<Record<string, string>>, bun?: string): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "channels-ci-"));
  const [out, bin, calls] = [join(folder, "out"), join(folder, "bin"), join(folder, "calls.txt")];
  mkdirSync(bin);
  writeFileSync(calls, "");
  const program = join(bin, "bun");
  writeFileSync(program, bun ?? `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  chmodSync(program, 0o755);
  const own = { FUZZ_OUT: out, CALLS: calls, CANARY_OUT: out, TMPDIR: folder };
  const child = Bun.spawn(["sh", SCRIPT], {
    cwd: folder,
    env: { ...process.env, ...own, PATH: `${bin}:${process.env["PATH"]}`, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const read = (path: string): string => {
    try {
      return readFileSync(path, "utf8").replaceAll(folder, "");
    } catch {
      return "";
    }
  };
  const ended = { code, output: stdout + stderr, calls: read(calls) };
  const summary = read(join(out, "summary.md"));
  rmSync(folder, { recursive: true });
  return { ...ended, summary };
}

/** The stand-in, as a CI finds it that has a canary which dies and nothing else. */
const standIn = (env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  fuzz(
    { CANARY_FINDS: "solvency-1", CANARY_CODE: "1", FINDS: "", CODE: "0", FUZZ_FROM: "7", ...env },
    STAND_IN,
  );

describe("the script of a CI", () => {
  unit("is one that bash and sh can read", () => {
    for (const shell of ["bash", "sh"]) {
      const { exitCode, stderr } = Bun.spawnSync([shell, "-n", SCRIPT]);
      expect([shell, exitCode, stderr.toString()]).toEqual([shell, 0, ""]);
    }
  });

  integration("searches once its canary was found, within the budget", async () => {
    const { calls, code, summary } = await standIn({ FUZZ_MINUTES: "3", FUZZ_CHAIN: "model" });

    expect(code).toBe(0);
    expect(calls).toContain("plant.ts 28-deletions-unsaved");
    expect(calls).toContain(
      "fuzz --minutes 3 --from 7 --chain model --signatures fast --out /out --expect-marks",
    );
    expect(summary).toContain("## Search for failures: all held");
    expect(summary).toContain("a page");
  });

  integration("does not search when the canary lives, and fails", async () => {
    const { calls, code, output, summary } = await standIn({ CANARY_FINDS: "", CANARY_CODE: "0" });

    expect(code).toBe(1);
    expect(output).toContain("THE CANARY LIVES");
    expect(calls).not.toContain("--expect-marks");
    expect(summary).toContain("not begun");
  });

  integration("takes a canary that falls over for one that lives", async () => {
    const { code, output } = await standIn({ CANARY_FINDS: "process-1 error-2" });

    expect(code).toBe(1);
    expect(output).toContain("THE CANARY LIVES");
  });

  integration("ends with the code of a search that cannot be made", async () => {
    expect((await standIn({ CODE: "3" })).code).toBe(3);
    expect((await standIn({ CANARY_CODE: "3", CANARY_FINDS: "" })).code).toBe(3);
    expect((await standIn({ CODE: "2" })).summary).toContain("ended with code 2");
  });

  integration(
    "reports each kind of failure once, and the small one where there is one",
    async () => {
      const finds = "liveness-1 liveness-1.small solvency-2";
      const { code, summary } = await standIn({ FINDS: finds, CODE: "1" });

      expect(code).toBe(1);
      expect(summary.match(/^### .*$/gm)).toEqual(["### liveness-1", "### solvency-2"]);
      expect(summary).toContain("FAILED as liveness-1.small.capsule.json says");
      expect(summary).toContain("FAILED as solvency-2.capsule.json says");
    },
  );

  integration(
    "makes the first seed of the hash of the commit, and others in each round",
    async () => {
      const seedOf = async (env: Readonly<Record<string, string>>): Promise<string | undefined> =>
        /--from (\d+) --chain evm/.exec((await standIn({ FUZZ_FROM: "", ...env })).calls)?.[1];

      expect(await seedOf({ FUZZ_COMMIT: "0000000a9b" })).toBe("10");
      expect(await seedOf({ FUZZ_COMMIT: "ffffffff9b" })).toBe(`${2 ** 32 - 1}`);
      expect(await seedOf({ FUZZ_COMMIT: "ffffffff9b", FUZZ_ROUND: "1" })).toBe("1000002");
    },
  );

  integration("refuses what is no hash, with the code for wrong usage", async () => {
    for (const wrong of ["main", "12345", "1234567z", "$(date)"]) {
      const { calls, code, output } = await standIn({ FUZZ_FROM: "", FUZZ_COMMIT: wrong });
      expect([code, calls]).toEqual([2, ""]);
      expect(output).toContain("FUZZ_COMMIT");
    }
  });

  integration(
    "plays true seeds",
    async () => {
      const { code, output, summary } = await fuzz({
        FUZZ_CANARY: "none",
        FUZZ_SEEDS: "1",
        FUZZ_FROM: "1",
        FUZZ_CHAIN: "model",
        FUZZ_REPEAT: "no",
        FUZZ_SHRINK: "no",
        FUZZ_WORKERS: "1",
      });

      expect(output).toContain("1 seed from 1 on model");
      expect(summary).toContain(code === 0 ? "all held" : "something failed");
      expect([0, 1]).toContain(code);
    },
    RUN_TIME_MAX_MS,
  );
});
