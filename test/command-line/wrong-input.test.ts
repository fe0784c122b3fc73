/** Tests of what wrong input gets: exit code 2, and one clear line that says what to do. */
import { describe, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { adversarial, integration } from "../kind.ts";
import { runHere } from "./here.ts";
import { inPlace } from "./program.ts";

/** One mistake in so many is made in a process of its own: an unknown command, and a seed that is none. */
const PROCESS_STEP = 11;

/** Milliseconds for several processes of a second each, on a busy machine. */
const TIME_MAX_MS = 120_000;

const KEY = "1".repeat(64);
const DEPLOY = ["contracts", "deploy", "--rpc", "http://127.0.0.1:1"];

/** Arguments, and what standard error must say. */
const MISTAKES: readonly (readonly [args: readonly string[], says: string | RegExp])[] = [
  [["frobnicate"], "unknown command 'frobnicate'"],
  [["run"], "missing required argument 'scenario'"],
  [["log", "show"], "missing required argument 'dir'"],
  [["log", "show", "nowhere"], "nowhere is not the directory of a log: there is nothing"],
  [["log", "verify", "."], ". is not the directory of a log: "],
  [["log", "at", ".", "first"], "An offset is a number of events from the start, as 120"],
  [["log", "shwo", "."], "unknown command 'shwo'"],
  [["run", "dmo"], /"dmo" \(did you mean demo\?\); the scenarios are:\n( {2}\S+\n)* {2}demo\n/],
  [["run", "../demo"], /there is no scenario file at \/.*demo; correct the path/],
  [["run", "."], 'there is no scenario "."'],
  [["run", "./"], "there is no scenario file at"],
  [["run", "demo", "--seed", "1.5"], "A seed is a whole number from 0 to 4294967295."],
  [["run", "demo", "--seed", "4294967296"], "A seed is a whole number"],
  [["run", "demo", "--seed=-1"], "A seed is a whole number"],
  [["run", "demo", "--chain", "other"], "Use anvil, evm or model."],
  [["run", "demo", "--signatures", "none"], "Allowed choices are real, fast."],
  [["run", "demo", "--set", "updates"], "Write it as name=value."],
  [["run", "demo", "--set", "update=3"], '"update" (did you mean updates?)'],
  [["run", "direct-fund", "--set", "a=b"], 'no parameter "a"; it has none at all'],
  [["run", "syntax.ts"], /cannot be loaded: .*\(line 2, column \d+ of .*syntax\.ts\)/],
  [["run", "throws.ts"], /cannot be loaded: at its start \(.*throws\.ts:2:\d+\)/],
  [["run", "empty.ts"], 'exports no "scenario": write "export const scenario = defineScenario('],
  [["run", "other.ts"], "that defineScenario did not make"],
  [["run", "stranger.ts"], 'has "mallory" in its cast; take some of alice, bob,'],
  [["new", "../demo"], '"../demo" is no name for a scenario; take small letters'],
  [["compare", "absent.json", "absent.json"], "the trace absent.json cannot be read: ENOENT"],
  [["compare", "throws.ts", "throws.ts"], "throws.ts is no trace;"],
  [["step", "newer.json"], 'has the format "channels trace 2", this program reads'],
  [["step", "changed.json"], "do not have its trace hash: it was changed after the run"],
  [["contracts", "deploy"], "required option '--rpc <url>' not specified"],
  [["contracts", "deploy", "--rpc", "localhost"], "Write it as http://host:port"],
  [DEPLOY, "there is no key: put the private key of the account that pays into"],
  [[...DEPLOY, "--key-env", "SHORT"], "SHORT holds no private key"],
];

const FILES: Readonly<Record<string, string>> = {
  "syntax.ts": "export const fine = 1;\nexport const scenario = ;\n",
  "throws.ts": "\nthrow new Error('at its start');\n",
  "empty.ts": "export const story = 1;\n",
  "other.ts": "export const scenario = { name: 'other' };\n",
  "stranger.ts":
    'import { defineScenario } from "channels/scenario";\nexport const scenario = defineScenario({ name: "s", summary: "s", cast: ["mallory"], script: async () => {} });\n',
  "newer.json": JSON.stringify({ format: "channels trace 2" }),
  "changed.json": JSON.stringify({
    format: "channels trace 1",
    traceHash: `0x${"0".repeat(64)}`,
    logs: [],
    entries: [],
  }),
};

describe("channels with wrong input", () => {
  adversarial(
    "ends with 2, says what to do, and prints nothing else",
    async () => {
      await inPlace(async ({ cwd, leftovers, start }) => {
        for (const [name, text] of Object.entries(FILES)) writeFileSync(join(cwd, name), text);
        for (const [index, [args, says]] of MISTAKES.entries()) {
          const env = { SHORT: "12" };
          // One of many in a process of its own, which takes most of a second; the same code ends them all.
          const isOwn = index % PROCESS_STEP === 0;
          const ended = isOwn ? start(args, { env }).ended : runHere(args, { cwd, env });
          const { exitCode, stderr, stdout } = await ended;
          const said = typeof says === "string" ? stderr.includes(says) : says.test(stderr);
          const isOneMessage = stderr.startsWith("error: ") && !stderr.includes("\n    at ");
          const found = { args, exitCode, stdout, said, isOneMessage, stderr };
          const wanted = { args, exitCode: 2, stdout: "", said: true, isOneMessage: true, stderr };
          expect(found).toEqual(wanted);
        }
        expect(await leftovers()).toEqual([]);
      });
    },
    TIME_MAX_MS,
  );

  adversarial("never repeats a deployer's key, not even a wrong one", async () => {
    await inPlace(async ({ start }) => {
      for (const key of [KEY, `${KEY}1`, `${KEY.slice(1)}g`]) {
        const env = { CHANNELS_DEPLOYER_KEY: key };
        const { exitCode, stderr, stdout } = await start(DEPLOY, { env }).ended;

        expect(exitCode).toBe(key === KEY ? 3 : 2);
        expect(`${stdout}${stderr}`).not.toContain("1".repeat(8));
      }
    });
  });

  integration("shows the help and ends with 2 when it is called with nothing", async () => {
    await inPlace(async ({ run }) => {
      const { exitCode, stderr } = await run();

      expect(exitCode).toBe(2);
      expect(stderr).toContain("Usage: channels [options] [command]");
    });
  });

  integration("ends with 0 when help or version is asked for", async () => {
    await inPlace(async ({ run }) => {
      const [help, version] = [await run("run", "--help"), await run("--version")];

      expect([help.exitCode, version.exitCode]).toEqual([0, 0]);
      expect(help.stdout).toContain("Usage: channels run [options] <scenario>");
      expect(help.stdout).not.toContain("print-trace");
      expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    });
  });
});
