/** Tests of `reducer new, build, check, run, fuzz`, run in this process in a folder of their own. */
import { describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { reducerPath } from "../../../reducers/build.ts";
import { adversarial, integration, unit } from "../../../test/kind.ts";
import { watReducer } from "../../../test/wat.ts";
import { addReducerCommands } from "./reducer-command.ts";

type Ended = { readonly text: string; readonly exitCode: number };

/** Runs the command as the program would; an end with an error gives its line and its code. */
async function run(...args: readonly string[]): Promise<Ended> {
  const printed: string[] = [];
  let exitCode = 0;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addReducerCommands(program, {
    name: "channels",
    out: (text) => printed.push(text),
    finish: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(["reducer", ...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { text: error.message, exitCode: error.exitCode };
  }
  return { text: printed.join("\n"), exitCode };
}

/** Runs in a folder that is gone afterwards. */
async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "channels-reducer-"));
  process.chdir(folder);
  try {
    await act(folder);
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

const COUNTER = reducerPath("counter-c");
const MESSAGES = `{ "messages": [
  { "sender": 0, "type": "add", "payload": "0x05" },
  { "sender": 1, "type": "add", "payload": "0xcd03e9" }] }`;

describe("channels reducer", () => {
  integration("writes a reducer that builds, runs and holds", () =>
    inFolder(async (folder) => {
      const written = await run("new", "my-game");
      const built = await run("build", "my-game/my-game.ts");
      const ran = await run("run", "my-game/my-game.wasm", "my-game/messages.json");
      const fuzzed = await run(
        ...["fuzz", "my-game/my-game.wasm", "--messages", "my-game/messages.json"],
        ...["--runs", "3"],
      );

      expect(written.text).toContain("channels reducer build my-game/my-game.ts");
      expect(built.text).toMatch(/^my-game\.wasm: \d+ bytes, reducer 0x[0-9a-f]{64}$/);
      expect(readFileSync(join(folder, "my-game/my-game.wasm"))).toEqual(
        readFileSync(reducerPath("counter")),
      );
      expect(ran.text).toContain("update counts (1, 1000)\n  outcome 100 : 100; 0 is next");
      expect(fuzzed).toEqual({ text: expect.stringContaining("nothing found"), exitCode: 0 });
      expect(await run("new", "my-game")).toEqual({
        text: "my-game exists already; take another name",
        exitCode: 2,
      });
    }),
  );

  unit("shows the tables of a module", async () => {
    const { exitCode, text } = await run("check", COUNTER);
    const json = JSON.parse((await run("check", COUNTER, "--json")).text);

    expect(exitCode).toBe(0);
    expect(text).toContain("admitted, and begun\n  counts (participant uint key, total uint)");
    expect(json.id).toMatch(/^0x[0-9a-f]{64}$/);
    expect(json.schema[0].name).toBe("counts");
  });

  unit("shows row changes, refusals and outcomes of messages", () =>
    inFolder(async () => {
      writeFileSync("messages.json", MESSAGES);
      const { text } = await run("run", COUNTER, "messages.json");
      const json = JSON.parse((await run("run", COUNTER, "messages.json", "--json")).text);

      expect(text).toContain("message 1: add from 0");
      expect(text).toContain('refused: { "code": "Refused", "by": "TooMuch" }');
      expect(json.told[0].answer.value[0].values).toEqual(["0", "5"]);
    }),
  );

  adversarial("ends with 1 for a module that is refused, does not begin or ends badly", () =>
    inFolder(async () => {
      writeFileSync("start.wasm", watReducer({ rest: "(func $go) (start $go)" }));
      writeFileSync("stuck.wasm", watReducer({ init: "unreachable" }));
      writeFileSync("trap.wasm", watReducer({ reduce: "unreachable" }));
      writeFileSync("messages.json", '{"stakes":[["10","10"]],"messages":[]}');
      const begin = ["--messages", "messages.json"];

      expect(await run("check", "start.wasm")).toEqual({
        text: expect.stringContaining('"code":"StartFunction"'),
        exitCode: 1,
      });
      expect(await run("check", "stuck.wasm")).toEqual({
        text: expect.stringContaining("does not begin"),
        exitCode: 1,
      });
      expect((await run("run", "stuck.wasm", "messages.json")).exitCode).toBe(1);
      expect(await run("fuzz", "trap.wasm", ...begin, "--runs", "20")).toEqual({
        text: expect.stringContaining("FOUND EndedBadly"),
        exitCode: 1,
      });
    }),
  );

  adversarial("ends with 2 for names, files and numbers that are none", () =>
    inFolder(async () => {
      writeFileSync("messages.json", '{"messages":[{}]}');
      writeFileSync("text.txt", "text");
      const wrong: readonly (readonly string[])[] = [
        ["new", "My Game"],
        ["new", "kit"],
        ["build", "text.txt"],
        ["build", "missing.ts"],
        ["check", "missing.wasm"],
        ["run", COUNTER, "messages.json"],
      ];
      for (const args of wrong) expect([args, (await run(...args)).exitCode]).toEqual([args, 2]);
      // Commander calls every mistake of its own 1; the program makes 2 of it.
      expect((await run("fuzz", COUNTER, "--runs", "0")).text).toContain("A whole number");
    }),
  );

  adversarial("tells what the compiler says of a reducer that does not compile", () =>
    inFolder(async () => {
      await run("new", "my-game");
      writeFileSync("my-game/my-game.ts", "export function reduce(): i64 { return total; }");

      expect(await run("build", "my-game/my-game.ts")).toEqual({
        text: expect.stringContaining("Cannot find name 'total'"),
        exitCode: 1,
      });
    }),
  );
});
