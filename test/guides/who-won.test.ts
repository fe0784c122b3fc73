/**
 * The guide "check who won" tells the truth: its commands print what it says.
 * `CHANNELS_WRITE_GUIDES=1` writes what they print into the guide.
 */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { StoredRejection } from "../../src/node/derivation/stored-messages.ts";
import { patientIntegration, unit } from "../kind.ts";
import { lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const NAME = "who-won.md";
const PROGRAM = resolve(import.meta.dir, "../../bin/channels.ts");
const WRITES = process.env["CHANNELS_WRITE_GUIDES"] === "1";

/** What may be wrong with a log. */
const CODES: readonly StoredRejection["code"][] = ["ChainBroken", "LogIncomplete"];

/** Seconds alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), "channels-guide-won-"));

/** Runs `bun channels ...` as a shell would read it in the guide. */
function run(command: string): { readonly code: number; readonly out: string } {
  const [bun, channels, ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain = ""]) => quoted ?? plain,
  );
  expect([bun, channels]).toEqual(["bun", "channels"]);
  const child = Bun.spawnSync([process.execPath, PROGRAM, ...args], { cwd: folder });
  return { code: child.exitCode, out: `${child.stdout}` };
}

/** Without ids and hashes: they follow from where the contracts are, and so from each byte of their code. */
const withoutIds = (text: string): string => text.replace(/0x[0-9a-f]{64}/g, "0x...");

describe("the guide to who won", () => {
  const guide = readGuide(NAME);
  const [play, derive, compare, before, ask, askNode] = lessonsIn(guide);

  beforeAll(() => {
    expect((play?.commands ?? []).map((command) => run(command).code)).toEqual([0]);
  }, TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  patientIntegration(
    "derives, looks back and asks as it says",
    () => {
      const lessons = [derive, before, ask];
      const ended = lessons.map((lesson) => run(lesson?.commands[0] ?? ""));
      if (WRITES)
        writeOutputs(
          NAME,
          ended.map(({ out }) => out),
        );

      expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
      const said = WRITES ? ended.map(({ out }) => out) : lessons.map((one) => one?.output ?? "");
      expect(ended.map(({ out }) => withoutIds(out))).toEqual(said.map(withoutIds));
    },
    TIMEOUT_MS,
  );

  patientIntegration(
    "comes to the same digest from the log of the other one",
    () => {
      const { code, out } = run(compare?.commands[0] ?? "");

      expect(code).toBe(0);
      expect(run(derive?.commands[0] ?? "").out).toContain(JSON.parse(out).digest);
    },
    TIMEOUT_MS,
  );

  unit("names a command and codes that there are", () => {
    const [, , node, query] = (askNode?.commands[0] ?? "").split(" ");
    const help = run("bun channels node query --help").out;
    const codes = [...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, code = ""]) => code);

    expect([node, query]).toEqual(["node", "query"]);
    expect(help).toContain("--at <messages>");
    expect(codes).toEqual([...CODES]);
  });
});
