/**
 * The guide "read a log" tells the truth: its commands print what it shows. When the output has changed for a
 * reason, `CHANNELS_WRITE_GUIDES=1 bun test test/guides/read-a-log.test.ts` writes it into the guide.
 */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenario } from "../../sim/commands/scenario-file.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { startSimulatedChain } from "../../sim/simulated-chain.ts";
import { keepLog } from "../../src/node/kept-log.ts";
import { readContents } from "../../src/store/disk-contents.ts";
import { tellLog } from "../command-line/fake-shell.ts";
import { integration } from "../kind.ts";
import { type Lesson, lessonsIn, readGuide, writeOutputs } from "./guide.ts";

const GUIDE = "read-a-log.md";

/** Columns of the terminal that the guide shows. */
const COLUMNS = 100;

const TIMEOUT_MS = 60_000;

/** How a command for logs begins: such commands run without a process of their own. */
const LOG_COMMAND = ["bun", "channels", "log"] as const;

const lessons: readonly Lesson[] = lessonsIn(readGuide(GUIDE));

let folder = "";

/** The scenarios that the guide runs, and the folder that keeps the logs of each. */
const RUNS = [
  ["demo", "d"],
  ["virtual-pay", "v"],
] as const;

const isRun = ({ commands: [command] }: Lesson): boolean =>
  command?.startsWith("bun channels run") === true;

/** The runs, without a process of their own. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "channels-guide-"));
  const chain = await startSimulatedChain("evm");
  for (const [name, kept] of RUNS) {
    mkdirSync(join(folder, kept));
    const path = new URL(`../../scenarios/${name}.scenario.ts`, import.meta.url).pathname;
    await runScenario(await loadScenario(path), {
      seed: 1,
      chain,
      inspect: async ({ nodes }) => {
        for (const [actor, { parts }] of nodes) {
          await keepLog(join(folder, kept, actor), await readContents(parts.disk));
        }
      },
    });
  }
  await chain.local.stop();
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true }));

/** What commands have kept under a name, as a shell does. */
const variables = new Map<string, string>();

/** Keeps what a command for logs says when its output goes through a filter. */
async function keep(name: string, command: string, filter: string): Promise<void> {
  const { out } = await tellLog(placed(command.split(" ").slice(LOG_COMMAND.length)));
  const { stdout } = Bun.spawnSync(["sh", "-c", filter], { stdin: Buffer.from(`${out}\n`) });
  variables.set(name, stdout.toString().trim());
}

function placed(args: readonly string[]): readonly string[] {
  return args.map((argument) =>
    /^(?:[dv]\/|changed$|events\.jsonl$)/.test(argument) ? join(folder, argument) : argument,
  );
}

/** What a command prints, as its reader sees it. */
async function printedBy(text: string): Promise<string> {
  const [, variable = "", kept, filter = ""] = /^(\w+)=\$\((.+) \| (.+)\)$/.exec(text) ?? [];
  if (kept !== undefined) {
    await keep(variable, kept, filter);
    return "";
  }
  const command = text.replace(
    /\$(\w+)/g,
    (_, variableName: string) => variables.get(variableName) ?? "",
  );
  const [program, name, group, ...args] = command.split(" ");
  if ([program, name, group].join() !== LOG_COMMAND.join()) {
    const { exitCode, stderr } = Bun.spawnSync(["sh", "-c", command], { cwd: folder });
    expect({ command, exitCode, stderr: stderr.toString() }).toEqual({
      command,
      exitCode: 0,
      stderr: "",
    });
    return "";
  }
  const { error, out } = await tellLog(placed(args), COLUMNS);
  expect({ command, error }).toEqual({ command, error: undefined });
  return out === "" ? "" : `${out}\n`;
}

describe("the guide to reading logs", () => {
  integration(
    "shows what its commands print",
    async () => {
      const outputs: string[] = [];
      for (const { commands, output } of lessons.filter((lesson) => !isRun(lesson))) {
        const printed: string[] = [];
        for (const command of commands) printed.push(await printedBy(command));
        if (output !== undefined) outputs.push(printed.join(""));
      }
      if (process.env["CHANNELS_WRITE_GUIDES"] === "1") writeOutputs(GUIDE, outputs);

      expect(lessons.filter(isRun).map(({ commands }) => commands)).toEqual(
        RUNS.map(([name, kept]) => [`bun channels run ${name} --chain evm --keep ${kept}`]),
      );
      expect(outputs.length).toBeGreaterThan(5);
      const shown = lessons.flatMap(({ output }) => (output === undefined ? [] : [output]));
      expect(process.env["CHANNELS_WRITE_GUIDES"] === "1" ? outputs : shown).toEqual(outputs);
    },
    TIMEOUT_MS,
  );
});
