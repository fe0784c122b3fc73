/** Tests of what `channels fuzz` says at its end, and when it is ended before. */
import { describe, expect } from "bun:test";
import { begun, inPlace } from "../../test/command-line/program.ts";
import { crash, unit } from "../../test/kind.ts";
import type { Tally } from "../campaign/campaign.ts";
import { createCoverage } from "../campaign/coverage.ts";
import { type Asked, campaignJson, campaignLines } from "./fuzz-report.ts";
import type { Shell } from "./shell.ts";

const TALLY: Tally = {
  seeds: 3,
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
};

const FOUND = {
  ...{ bucket: "1a2b3c4d", oracle: "liveness", message: "somebody waits", seed: 2, count: 1 },
  capsule: "{}",
};

const FAILED: Tally = { ...TALLY, buckets: new Map([[FOUND.bucket, FOUND]]) };

const PLAIN = {
  ...{ name: "channels", paint: { red: String, green: String, yellow: String } },
} as unknown as Shell;

function asked(isInterrupted: boolean, dark: Asked["dark"] = []): Asked {
  const budget = { type: "Seeds", seeds: 9 } as const;
  const told = { from: 1, chain: "model", signatures: "fast", workers: 1, out: "", dark };
  return { budget, ...told, isInterrupted, shrunk: new Map() };
}

const verdictOf = (tally: Tally, one: Asked): string | undefined =>
  campaignLines(tally, one, PLAIN).at(-1);

/** True once a process has started another one: the campaign has a worker. */
function isParent(pid: number): boolean {
  const { stdout } = Bun.spawnSync(["ps", "-A", "-o", "ppid="]);
  return stdout
    .toString()
    .split("\n")
    .some((line) => Number.parseInt(line, 10) === pid);
}

describe("the end of a campaign", () => {
  const dark = [{ name: "session/repeated", expectedSeeds: 61.2 }] as const;

  unit("names a capsule only where there is one", () => {
    const textOf = (capsule: string): string => {
      const buckets = new Map([[FOUND.bucket, { ...FOUND, capsule }]]);
      return campaignLines({ ...TALLY, buckets }, asked(false), PLAIN).join("\n");
    };
    expect(textOf("{}")).toContain("channels replay liveness-1a2b3c4d.capsule.json");
    expect(textOf("")).not.toContain("replay");
    expect(textOf("")).toContain("channels fuzz --from 2 --seeds 1 --workers 1 --chain model");
  });

  unit("has passed only when all was played and nothing failed", () => {
    expect(verdictOf(TALLY, asked(false))).toBe("PASSED  every promise held in every run");
    expect(verdictOf(TALLY, asked(true))).toBe(
      "INTERRUPTED  every promise held in what was played until then",
    );
    expect(verdictOf(FAILED, asked(false))).toBe("FAILED  1 kind of failure");
    expect(verdictOf(FAILED, asked(true, dark))).toBe(
      "FAILED  1 kind of failure, 1 mark went dark, and it was interrupted",
    );
    const differences = [2, 3].map((seed) => ({ seed, difference: "another trace" }));
    expect(verdictOf({ ...TALLY, differences }, asked(false))).toBe(
      "FAILED  2 runs came to something else",
    );
  });

  unit("says so to programs as well", () => {
    const ends = [asked(false), asked(true)].map((one) => campaignJson(TALLY, one));

    expect(ends).toMatchObject([
      { passed: true, interrupted: false },
      { passed: false, interrupted: true },
    ]);
    expect(campaignJson(FAILED, asked(false))).toMatchObject({ passed: false, interrupted: false });
  });

  crash(
    "is shown once, and as interrupted, when it is ended from outside",
    async () => {
      await inPlace(async ({ leftovers, start }) => {
        const args = [
          "--minutes",
          "9",
          "--chain",
          "model",
          "--signatures",
          "fast",
          "--workers",
          "1",
        ];
        const running = start(["fuzz", ...args, "--no-repeat"]);
        expect(await begun(() => isParent(running.process.pid))).toBeTrue();

        running.process.kill("SIGINT");

        const { exitCode, stdout } = await running.ended;
        expect(exitCode).toBe(130);
        expect(stdout.match(/^(INTERRUPTED|PASSED|FAILED) /gm)).toEqual(["INTERRUPTED "]);
        expect(await leftovers()).toEqual([]);
      });
    },
    120_000,
  );
});
