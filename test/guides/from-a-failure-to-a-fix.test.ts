/** The guide "from a failure to a fix" tells the truth: its scenario fails with the bug, as it says, and holds without. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { assertDefined } from "../../src/primitives/assert.ts";
import { patientIntegration, unit } from "../kind.ts";
import { type Block, blocksIn, lessonsIn, readGuide } from "./guide.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Seconds alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 240_000;

const SMALL = "replay-equals-live-e69c0daa.small.capsule.json";

const guide = readGuide("from-a-failure-to-a-fix.md");
const blocks = blocksIn(guide);
const commands = lessonsIn(guide).flatMap((lesson) => lesson.commands);
const outputs = blocks.filter(({ language }) => language === "text").map(({ text }) => text.trim());

let home = "";
let copy = "";

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "channels-failure-"));
  copy = join(home, "copy");
  const [, , bug = ""] = (commands[0] ?? "").split(" ");
  const planted = run(ROOT, ["planted/plant.ts", bug, copy]);
  expect(planted.code).toBe(0);
  for (const { language, text, title } of blocks) {
    if (language !== "ts") continue;
    mkdirSync(dirname(join(copy, title)), { recursive: true });
    writeFileSync(join(copy, title), text);
  }
  cpSync(join(import.meta.dir, SMALL), join(copy, "capsules", SMALL));
}, TIMEOUT_MS);

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

function run(cwd: string, command: readonly string[]) {
  const { exitCode, stderr, stdout } = Bun.spawnSync([process.execPath, ...command], {
    cwd,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { code: exitCode, text: `${stdout}${stderr}` };
}

/** A command of the guide, in the copy. */
function follow(beginning: string) {
  const command = assertDefined(
    commands.find((line) => line.startsWith(beginning)),
    `the guide says ${beginning}`,
  );
  const [, ...rest] = command.split(" ");
  return run(copy, rest[0] === "channels" ? ["bin/channels.ts", ...rest.slice(1)] : rest);
}

function fix(): Block {
  return assertDefined(
    blocks.find(({ language }) => language === "diff"),
    "the guide mends it",
  );
}

describe("the guide from a failure to a fix", () => {
  patientIntegration(
    "replays its capsule to the report and the trace that it shows",
    () => {
      const { code, text } = follow("bun channels replay");

      expect(code).toBe(1);
      expect(text).toContain(outputs[0] ?? "no report");
      expect(text).toContain(outputs[1] ?? "no verdict");
    },
    TIMEOUT_MS,
  );

  patientIntegration(
    "has a test that fails with the bug, and is green once the guide has mended it",
    () => {
      const failed = follow("bun test");
      const { text, title } = fix();
      const lines = text.split("\n").filter((line) => line !== "");
      const bare = (kept: readonly string[]): string =>
        kept.map((line) => line.slice(1)).join("\n");
      const before = bare(lines.filter((line) => line.startsWith(" ")));
      const path = join(copy, title);
      const source = readFileSync(path, "utf8");
      expect(source.split(before)).toHaveLength(2);
      writeFileSync(path, source.replace(before, bare(lines)));
      const passed = follow("bun test");

      expect(failed.code).toBe(1);
      expect(failed.text).toContain("replay equals live: block 11: bob's messages differ");
      expect(passed).toMatchObject({ code: 0, text: expect.stringContaining(" 1 pass") });
      expect(readFileSync(path, "utf8")).toBe(readFileSync(join(ROOT, title), "utf8"));
    },
    TIMEOUT_MS,
  );

  unit("names options that the commands have", () => {
    const fuzz = commands.find((line) => line.startsWith("bun channels fuzz")) ?? "";
    const help = run(ROOT, ["bin/channels.ts", "fuzz", "--help"]).text;

    for (const [option] of fuzz.matchAll(/--[\w-]+/g)) expect(help).toContain(option);
  });
});
