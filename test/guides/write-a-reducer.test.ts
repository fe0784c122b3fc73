/**
 * The guide "write a reducer" tells the truth: its game builds, and its commands print what it says.
 * `CHANNELS_WRITE_GUIDES=1` writes what they print into the guide.
 */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { integration } from "../kind.ts";
import { blocksIn, lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const NAME = "write-a-reducer.md";
const PROGRAM = resolve(import.meta.dir, "../../bin/channels.ts");

const guide = readGuide(NAME);
const folder = mkdtempSync(join(tmpdir(), "channels-guide-reducer-"));

/** Runs `bun channels ...` as it stands in the guide. */
function run(command: string): { readonly code: number; readonly text: string } {
  const [bun, channels, ...args] = command.split(" ");
  expect([bun, channels]).toEqual(["bun", "channels"]);
  const child = Bun.spawnSync([process.execPath, PROGRAM, ...args], { cwd: folder });
  return { code: child.exitCode, text: `${child.stdout}${child.stderr}` };
}

describe("the guide to reducers", () => {
  const [begin, tryIt, fuzz] = lessonsIn(guide);

  beforeAll(() => {
    expect(begin?.commands.map((command) => run(command).code)).toEqual([0]);
    for (const { language, text, title } of blocksIn(guide)) {
      if (language === "ts" || language === "json") writeFileSync(join(folder, title), text);
    }
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  integration(
    "builds the game, and its messages are answered as the guide says",
    () => {
      const ended = (tryIt?.commands ?? []).map(run);
      const printed = ended.map(({ text }) => text).join("");
      if (process.env["CHANNELS_WRITE_GUIDES"] === "1") writeOutputs(NAME, [printed]);

      expect(ended.map(({ code }) => code)).toEqual([0, 0]);
      const said = process.env["CHANNELS_WRITE_GUIDES"] === "1" ? printed : tryIt?.output;
      expect(printed).toBe(said ?? "");
    },
    120_000,
  );

  integration(
    "finds nothing wrong with the game",
    () => {
      const [command = ""] = fuzz?.commands ?? [];
      const { code, text } = run(command.replace("--runs 50", "--runs 5"));

      expect(text).toContain("nothing found");
      expect(code).toBe(0);
    },
    120_000,
  );
});
