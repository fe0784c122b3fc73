/**
 * The guide "write a reducer" tells the truth: its game builds, and its commands print what it says.
 * `CHANNELS_WRITE_GUIDES=1` writes what they print into the guide.
 */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { patientIntegration } from "../kind.ts";
import { blocksIn, type Lesson, lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const NAME = "write-a-reducer.md";
const PROGRAM = resolve(import.meta.dir, "../../bin/channels.ts");

const NO_LESSON: Lesson = { commands: [], output: undefined };
const guide = readGuide(NAME);
const folder = mkdtempSync(join(tmpdir(), "channels-guide-reducer-"));

/** Runs `bun channels ...` as it stands in the guide. */
function run(command: string): { readonly code: number; readonly text: string } {
  const [bun, channels, ...args] = command.split(" ");
  expect([bun, channels]).toEqual(["bun", "channels"]);
  const child = Bun.spawnSync([process.execPath, PROGRAM, ...args], { cwd: folder });
  return { code: child.exitCode, text: `${child.stdout}${child.stderr}` };
}

const WRITES = process.env["CHANNELS_WRITE_GUIDES"] === "1";
const outputs: string[] = [];

/** Runs a lesson, whose output must be what the guide says. Gives the codes with which its commands ended. */
function follow({ commands, output }: Lesson | undefined = NO_LESSON): readonly number[] {
  const ended = commands.map(run);
  const printed = ended.map(({ text }) => text).join("");
  outputs.push(printed);
  if (!WRITES) expect(printed).toBe(output ?? "");
  return ended.map(({ code }) => code);
}

describe("the guide to reducers", () => {
  const [begin, tryIt, fuzz, find] = lessonsIn(guide);
  const game = join(folder, "nim/nim.ts");

  beforeAll(() => {
    expect(begin?.commands.map((command) => run(command).code)).toEqual([0]);
    for (const { language, text, title } of blocksIn(guide)) {
      if (language === "ts" || language === "json") writeFileSync(join(folder, title), text);
    }
  }, 120_000);

  afterAll(() => {
    if (WRITES) writeOutputs(NAME, outputs);
    rmSync(folder, { recursive: true, force: true });
  });

  patientIntegration(
    "builds the game, and its messages are answered as the guide says",
    () => expect(follow(tryIt)).toEqual([0, 0]),
    120_000,
  );

  patientIntegration(
    "finds nothing wrong with the game",
    () => expect(follow(fuzz)).toEqual([0]),
    120_000,
  );

  patientIntegration(
    "finds the trap that the guide puts into it",
    () => {
      const right = readFileSync(game, "utf8");
      const wrong = right.replace('return "NotSoMany";', "unreachable();");
      expect(wrong).not.toBe(right);
      writeFileSync(game, wrong);

      expect(follow(find)).toEqual([0, 1]);
    },
    120_000,
  );
});
