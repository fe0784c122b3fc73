/** The guide "write an adversary" tells the truth: what it adds compiles, and holds, in a copy of the repository. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { integration, patientIntegration, unit } from "../kind.ts";
import { blocksIn, lessonsIn, readGuide } from "./guide.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** What the simulator and its tests read. */
const PARTS = ["src", "sim", "contracts", "test", "package.json", "tsconfig.json", "bunfig.toml"];

/** Seconds alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 240_000;

const guide = readGuide("write-an-adversary.md");
let copy = "";

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "channels-adversary-"));
  for (const part of PARTS) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  for (const { language, text, title } of blocksIn(guide)) {
    const path = join(copy, title);
    if (language === "ts") writeFileSync(path, text);
    if (language === "diff") writeFileSync(path, changed(readFileSync(path, "utf8"), text));
  }
}, TIMEOUT_MS);

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

/** The text with the lines of the diff that begin with `+`, between those that it has already. */
function changed(text: string, diff: string): string {
  const lines = diff.split("\n").filter((line) => line !== "");
  const bare = (kept: readonly string[]): string => kept.map((line) => line.slice(1)).join("\n");
  const before = bare(lines.filter((line) => line.startsWith(" ")));
  expect(text.split(before)).toHaveLength(2);
  return text.replace(before, bare(lines));
}

function run(command: readonly string[]): { readonly code: number; readonly text: string } {
  const { exitCode, stderr, stdout } = Bun.spawnSync([...command], { cwd: copy });
  return { code: exitCode, text: `${stdout}${stderr}` };
}

describe("the guide to adversaries", () => {
  integration(
    "adds a strategy that passes by the command that it gives",
    () => {
      const [command = ""] = lessonsIn(guide)[0]?.commands ?? [];
      const [bun, ...rest] = command.split(" ");
      expect(bun).toBe("bun");

      const { code, text } = run([process.execPath, ...rest]);

      expect(text).toContain("who follows procrastination hurts nobody but herself");
      expect(text).toContain(" 1 pass");
      expect(code).toBe(0);
    },
    TIMEOUT_MS,
  );

  patientIntegration(
    "adds code that compiles, and a property that holds",
    () => {
      const config = { extends: "./tsconfig.json", include: ["*.spec.ts", "sim/adversaries"] };
      writeFileSync(join(copy, "tsconfig.guide.json"), JSON.stringify(config));

      const types = run(["node_modules/.bin/tsc", "-p", "tsconfig.guide.json"]);
      const property = run([process.execPath, "test", "./procrastination.spec.ts"]);

      expect(types).toEqual({ code: 0, text: "" });
      expect(property.text).toContain(" 1 pass");
    },
    TIMEOUT_MS,
  );

  unit("names the doors and the deeds that there are", () => {
    const strategy = readFileSync(join(ROOT, "sim/adversaries/strategy.ts"), "utf8");
    const adversary = readFileSync(join(ROOT, "sim/adversaries/adversary.ts"), "utf8");
    const names = [...guide.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)/g)].map(([, name = ""]) => name),
    );

    expect(names.length).toBeGreaterThan(14);
    const words = new Set(`${strategy}${adversary}`.match(/\w+/g));
    expect(names.filter((name) => !words.has(name))).toEqual([]);
  });
});
