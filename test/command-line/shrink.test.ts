/** Tests of `replay` and `shrink`: from a capsule to a scenario that fails alone, and holds once its bug is gone. */
import { describe, expect } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCapsuleFile } from "../../sim/commands/capsule-file.ts";
import { bucketOf } from "../../sim/search/bucket.ts";
import { CALM_PLAN } from "../../sim/search/calm-plan.ts";
import { presentVersions, readCapsule, writeCapsule } from "../../sim/search/capsule.ts";
import { adversarial, patientIntegration } from "../kind.ts";
import { inPlace } from "./program.ts";

const ROOT = join(import.meta.dir, "..", "..");

/** Milliseconds for several processes of a second each, on a busy machine. */
const TIME_MAX_MS = 300_000;

const VIOLATION = { oracle: "liveness", message: "it never ends" };

/** No miner ever takes anything: what is opened never ends. */
const CAPSULE = writeCapsule({
  plan: {
    ...CALM_PLAN,
    cast: ["alice", "bob"],
    challengeDurationSec: 300,
    disputeAfterMs: 60_000,
    chain: { stuckFraction: 1 },
    wishes: [
      {
        id: 7,
        atMs: 0,
        by: "alice",
        type: "OpenDirect",
        others: ["bob"],
        amounts: [{ asset: "eth", amounts: [6n, 4n] }],
      },
      { id: 8, atMs: 9, by: "alice", type: "Pay", to: "bob", channel: 7, asset: "eth", amount: 1n },
    ],
  },
  chain: "model",
  signatures: "fast",
  failure: { ...VIOLATION, bucket: bucketOf(VIOLATION) },
  traceHash: "0x00",
  versions: presentVersions(),
});

/** What a command gets that is no capsule for it, and what it must say. */
const BAD: readonly (readonly [text: string, says: string])[] = [
  [CAPSULE.slice(0, -9), "is damaged: its JSON does not end as it should"],
  [CAPSULE.replace("capsule 1", "capsule 9"), 'has the format "channels capsule 9"'],
  [CAPSULE.replace('"OpenDirect",7', '"OpenSesame",7'), '"OpenSesame", which has no columns'],
];

describe("a capsule", () => {
  patientIntegration(
    "fails again, shrinks to a scenario that fails under bun test, and that holds once the bug is gone",
    async () => {
      await inPlace(async ({ cwd, run }) => {
        writeFileSync(join(cwd, "stuck.capsule.json"), CAPSULE);
        mkdirSync(join(cwd, "node_modules"));
        symlinkSync(ROOT, join(cwd, "node_modules", "channels"));

        const replayed = await run("replay", "stuck.capsule.json", "--keep", "kept");
        const shrunk = await run("shrink", "stuck.capsule.json", "--out", "found", "--json");

        expect(replayed.exitCode).toBe(1);
        expect(replayed.stdout).toContain('FAILS AGAIN  the oracle "liveness" found it again');
        expect(readFileSync(join(cwd, "kept", "trace.json"), "utf8")).toContain("channels trace 1");
        expect({ ...shrunk, stdout: "" }).toEqual({ exitCode: 0, stdout: "", stderr: "" });
        expect(JSON.parse(shrunk.stdout)).toMatchObject({ isDone: true, stepsBefore: 2, steps: 1 });
        const small = readFileSync(join(cwd, "found", "stuck.small.capsule.json"), "utf8");
        expect(readCapsule(small, []).ok).toBe(true);
        const again = await run("replay", "found/stuck.small.capsule.json", "--json");
        expect(JSON.parse(again.stdout)).toMatchObject({
          outcome: "FailsAgain",
          isSameBucket: true,
          isSameTrace: true,
        });
        const failing = Bun.spawnSync([process.execPath, "test", "./found"], { cwd });
        expect([failing.exitCode, failing.stderr.toString()]).toEqual([
          1,
          expect.stringContaining("liveness: "),
        ]);
        const scenario = join(cwd, "found", "stuck.scenario.ts");
        const text = readFileSync(scenario, "utf8");
        writeFileSync(scenario, text.replace("stuckFraction: 1", "stuckFraction: 0"));
        const told = await run("run", "found/stuck.scenario.ts", "--chain", "model");
        expect([told.exitCode, told.stdout]).toEqual([0, expect.stringContaining("PASSED")]);
      });
    },
    TIME_MAX_MS,
  );

  adversarial(
    "that cannot be read ends both commands with 2 and one line",
    async () => {
      await inPlace(async ({ cwd, run }) => {
        writeFileSync(join(cwd, "bad.json"), "{}");
        const [damaged, absent] = await Promise.all([
          run("replay", "bad.json"),
          run("shrink", "nowhere.json"),
        ]);

        for (const [{ exitCode, stderr, stdout }, says] of [
          [damaged, "is no capsule; `channels fuzz` and `channels shrink` write capsules"],
          [absent, "ENOENT"],
        ] as const) {
          expect([exitCode, stdout]).toEqual([2, ""]);
          expect(stderr).toContain(says);
          expect(stderr.trim().split("\n")).toHaveLength(1);
        }
      });
    },
    TIME_MAX_MS,
  );

  adversarial("that cannot be read is refused with what is wrong with it", async () => {
    await inPlace(async ({ cwd }) => {
      const path = join(cwd, "bad.json");
      for (const [text, says] of BAD) {
        writeFileSync(path, text);

        expect(() => readCapsuleFile(path)).toThrow(says);
      }
    });
  });
});
